"""What must hold for the momentum of every check-in, and the rule once more in other words."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assessments.readiness import ActionState, Pace, PriorityState, momentum

pytestmark = pytest.mark.no_cover
PREVIOUS, DAY = date(2026, 5, 20), date(2026, 12, 16)
ORDER = [Pace.STUCK, Pace.SLOW, Pace.MOVING]

days = st.dates(PREVIOUS - timedelta(30), DAY + timedelta(30))
levels = st.integers(1, 4)
priorities = st.lists(
    st.builds(
        PriorityState,
        statement=st.sampled_from("abcdef"),
        then=st.none() | levels,
        answer=st.none() | levels,
        review_on=st.lists(st.none() | days, max_size=2).map(tuple),
    ),
    max_size=6,
)
actions = st.lists(
    st.builds(ActionState, due_on=days, done_on=st.none() | days, no_action=st.booleans()),
    max_size=8,
)


def word_in_other_words(found):
    """The printed rule, by shares."""
    if not found.priorities and not found.actions:
        return Pace.NOT_YET_KNOWN
    moved = Fraction(found.moved, found.priorities) if found.priorities else None
    done = Fraction(found.done, found.actions) if found.actions else None
    if (moved is not None and moved >= Fraction(1, 2)) or (
        done is not None and done >= Fraction(3, 4)
    ):
        return Pace.MOVING
    if not found.moved and done is not None and 1 - done > Fraction(1, 2):
        return Pace.STUCK
    return Pace.SLOW


@given(priorities, actions)
def test_the_word_follows_from_the_counts(some, others):
    found = momentum(PREVIOUS, DAY, some, others)
    assert found.word == word_in_other_words(found)
    assert 0 <= found.moved <= found.priorities == len(some)
    assert found.done + found.late == found.actions <= len(others)


@given(priorities, actions, st.randoms())
def test_order_never_matters(some, others, random):
    before = momentum(PREVIOUS, DAY, some, others)
    mixed, shuffled = list(some), list(others)
    random.shuffle(mixed)
    random.shuffle(shuffled)
    assert momentum(PREVIOUS, DAY, mixed, shuffled) == before


@given(priorities.filter(bool), actions, st.data())
def test_raising_a_level_or_adding_evidence_never_slows(some, others, data):
    before = momentum(PREVIOUS, DAY, some, others)
    at = data.draw(st.integers(0, len(some) - 1))
    row = some[at]
    better = data.draw(
        st.sampled_from(
            [
                replace(row, answer=min(4, (row.answer or 0) + 1)),
                replace(row, review_on=(*row.review_on, None)),
            ]
        )
    )
    after = momentum(PREVIOUS, DAY, [*some[:at], better, *some[at + 1 :]], others)
    assert after.moved >= before.moved
    assert ORDER.index(after.word) >= ORDER.index(before.word)


@given(priorities, actions.filter(bool), st.data())
def test_finishing_an_action_now_never_slows(some, others, data):
    before = momentum(PREVIOUS, DAY, some, others)
    at = data.draw(st.integers(0, len(others) - 1))
    assume(others[at].done_on is None)
    done = replace(others[at], done_on=DAY)
    after = momentum(PREVIOUS, DAY, some, [*others[:at], done, *others[at + 1 :]])
    assert (after.actions, after.late) <= (before.actions, before.late)
    if before.word != Pace.NOT_YET_KNOWN:
        assert ORDER.index(after.word) >= ORDER.index(before.word)


@given(priorities, actions)
def test_what_was_closed_with_a_reason_or_is_not_due_is_as_if_absent(some, others):
    counted = [row for row in others if not row.no_action and row.due_on <= DAY]
    assert momentum(PREVIOUS, DAY, some, others) == momentum(PREVIOUS, DAY, some, counted)
