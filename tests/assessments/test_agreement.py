"""How far partners agree, and that the words beside a strip are true."""

import re
import statistics
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.agreement import (
    CANNOT_SAY,
    NOT_AGREED,
    NOT_APPLICABLE,
    Spread,
    agenda,
    compare,
    joined,
    outside_reason_required,
    rationale_required,
    sentence,
)
from tests.assessments.strategies import many, partner_answers

NAMES = {
    "c": "Council",
    "h": "Health",
    "sc": "Social care",
    "s": "Schools",
    "pc": "Parent carers",
    "yp": "Young people",
    "p16": "Post-16",
    "h2": "Health 2",
}


def answers(*given):
    """Answers of the council, health, social care, schools, parent carers, young people ..."""
    return dict(zip(NAMES, given, strict=False))


def words(*given, **more):
    return sentence(answers(*given), NAMES, **more)


# Comparing


def test_compare_looks_at_levels_only():
    agreement = compare(answers(3, 1, CANNOT_SAY, NOT_APPLICABLE, None, 3))
    assert agreement.levels == {"c": 3, "h": 1, "yp": 3}
    assert list(agreement.levels) == ["c", "h", "yp"]
    assert agreement.n == 3
    assert agreement.range == 2
    assert agreement.spread == Spread.APART
    assert agreement.average_deviation == Fraction(2, 3)
    assert agreement.out_on_its_own == ("h",)
    assert agreement.prefill is None
    assert (agreement.lowest, agreement.highest) == (1, 3)


@pytest.mark.parametrize(
    ("given_levels", "spread"),
    [
        ((2, 2, 2), Spread.SAME),
        ((2, 2, 3), Spread.CLOSE),
        ((2, 4), Spread.APART),
        ((1, 4, 4), Spread.FAR_APART),
        ((4,), Spread.TOO_FEW),
        ((), Spread.TOO_FEW),
    ],
)
def test_spread_follows_the_range(given_levels, spread):
    assert compare(answers(*given_levels)).spread == spread


def test_one_level_alone_has_no_range_and_is_no_prefill():
    agreement = compare(answers(CANNOT_SAY, 2))
    assert (agreement.n, agreement.range, agreement.average_deviation) == (1, None, None)
    assert agreement.prefill is None
    assert (agreement.lowest, agreement.highest) == (2, 2)


def test_without_any_level_there_is_no_lowest_and_no_highest():
    agreement = compare({})
    assert (agreement.n, agreement.lowest, agreement.highest) == (0, None, None)


def test_average_deviation_counts_from_the_mean_of_the_middle_two():
    assert compare(answers(1, 2, 3, 4)).average_deviation == 1
    assert compare(answers(1, 2, 2, 3, 3)).average_deviation == Fraction(3, 5)


def test_prefill_is_offered_when_all_levels_are_the_same():
    assert compare(answers(3, 3, CANNOT_SAY)).prefill == 3
    assert compare(answers(3, 4)).prefill is None


@pytest.mark.parametrize(
    ("given_levels", "alone"),
    [
        ((1, 4), ()),
        ((1, 1, 3, 3), ()),
        ((1, 2, 3, 4), ()),
        ((3, 1, 3, 3), ("h",)),
        ((1, 2, 4), ("sc",)),
        ((3, 1, 3, 1, 3), ("h", "s")),
    ],
)
def test_out_on_its_own_is_two_or_more_from_the_median_of_all(given_levels, alone):
    assert compare(answers(*given_levels)).out_on_its_own == alone


@pytest.mark.parametrize("answer", [0, 5, True, 2.0, "3", "", NOT_AGREED, [2]])
def test_compare_refuses_what_is_no_answer_of_a_partner(answer):
    with pytest.raises(ValueError, match=r"^answer: .* of h "):
        compare({"c": 2, "h": answer})


@many
@given(st.lists(partner_answers, max_size=8))
def test_nobody_is_out_on_its_own_on_both_sides(given_answers):
    agreement = compare(dict(enumerate(given_answers)))
    if agreement.out_on_its_own:
        middle = statistics.median(agreement.levels.values())
        assert len({agreement.levels[p] > middle for p in agreement.out_on_its_own}) == 1


# The agenda


def test_agenda_takes_the_widest_range_first_and_too_few_last():
    agreements = {
        "nobody": compare({}),
        "same": compare(answers(2, 2)),
        "apart": compare(answers(1, 3)),
        "far": compare(answers(1, 4, 4, 4)),
        "one": compare(answers(4)),
    }
    assert agenda(agreements) == ["far", "apart", "same", "nobody", "one"]


def test_agenda_compares_averages_exactly_and_keeps_framework_order_among_equals():
    agreements = {
        "4/7": compare({str(n): level for n, level in enumerate((1, 1, 1, 3, 3, 1, 1))}),
        "2/3 first": compare(answers(2, 2, 4)),
        "2/3 second": compare(answers(2, 3, 4)),
        "3/5": compare(answers(1, 2, 2, 3, 3)),
    }
    assert agenda(agreements) == ["2/3 first", "2/3 second", "3/5", "4/7"]


# What needs a reason


@pytest.mark.parametrize(
    ("given_levels", "agreed", "rationale", "outside"),
    [
        ((3, 3), 3, False, False),
        ((3, 3), 2, True, True),
        ((3, 3), CANNOT_SAY, True, False),
        ((3, 3), None, False, False),
        ((2, 4), 3, True, False),
        ((2, 4), 1, True, True),
        ((2, 4), NOT_AGREED, True, False),
        ((3,), 3, True, False),
        ((3,), 4, True, True),
        ((), 4, True, False),
    ],
)
def test_what_needs_a_reason(given_levels, agreed, rationale, outside):
    agreement = compare(answers(*given_levels))
    assert rationale_required(agreement, agreed) is rationale
    assert outside_reason_required(agreement, agreed) is outside


@pytest.mark.parametrize("required", [rationale_required, outside_reason_required])
def test_an_agreed_score_that_does_not_exist_is_refused(required):
    with pytest.raises(ValueError, match=r"^answer: "):
        required(compare({}), "perhaps")


# The words beside the strip


@pytest.mark.parametrize(
    ("given_answers", "expected"),
    [
        ((), "No partner gave a level."),
        ((None,), "No partner gave a level. Council did not answer."),
        ((2,), "Only one partner gave a level."),
        ((3, 3), "Both partners chose level 3."),
        ((3, 3, 3, 3, 3), "All 5 partners chose level 3."),
        ((2, 3), "Both partners within one level: 1 chose 2, 1 chose 3."),
        ((2, 3, 2, 3, 2, 2), "All 6 partners within one level: 4 chose 2, 2 chose 3."),
        ((3, 3, 3, 3, 1, 3), "5 of 6 partners within one level; parent carers two below."),
        # One below the lowest of the others, but two below the median.
        ((3, 3, 3, 3, 1, 2), "5 of 6 partners within one level; parent carers two below."),
        (
            (3, 3, 3, 3, 1, 1),
            "4 of 6 partners within one level; parent carers and young people two below.",
        ),
        ((4, 1, 1, 1), "3 of 4 partners within one level; council three above."),
        (
            (4, 4, 4, 1, 2),
            "3 of 5 partners within one level; parent carers two below, schools three below.",
        ),
        # The median is 3.5: counted from the 3, the nearer one.
        ((1, 3, 3, 4, 4, 4), "5 of 6 partners within one level; council two below."),
        # The council is out on its own, but the others are not within one level.
        ((1, 2, 3, 4, 4), "Spread over 4 levels: 1 chose 1, 1 chose 2, 1 chose 3 and 2 chose 4."),
        ((1, 2, 2, 2, 3, 1), "Spread over 3 levels: 2 chose 1, 3 chose 2 and 1 chose 3."),
        ((1, 3), "Spread over 3 levels: 1 chose 1, none chose 2 and 1 chose 3."),
        ((1, 1, 4, 4), "Spread over 4 levels: 2 chose 1, none chose 2 or 3 and 2 chose 4."),
        (
            (1, 2, 4, 4),
            "Spread over 4 levels: 1 chose 1, 1 chose 2, none chose 3 and 2 chose 4.",
        ),
        ((3, CANNOT_SAY, 3), "Both partners chose level 3. Health cannot say."),
        (
            (2, CANNOT_SAY, CANNOT_SAY, CANNOT_SAY),
            "Only one partner gave a level. Health, social care and schools cannot say.",
        ),
        ((2, 2, 2, 2, 2, CANNOT_SAY), "All 5 partners chose level 2. Young people cannot say."),
    ],
)
def test_sentence(given_answers, expected):
    assert words(*given_answers) == expected


@pytest.mark.parametrize(
    ("partner", "expected"),
    [
        ("yp", "Young people say it does not apply."),
        ("s", "Schools say it does not apply."),
        ("h", "Health says it does not apply."),
        ("h2", "Health 2 says it does not apply."),
        ("p16", "Post-16 says it does not apply."),
    ],
)
def test_sentence_for_one_partner_that_says_it_does_not_apply(partner, expected):
    given_answers = {"c": 2, "sc": 2, partner: NOT_APPLICABLE}
    assert sentence(given_answers, NAMES) == f"Both partners chose level 2. {expected}"


def test_sentence_names_every_kind_of_answer_that_is_no_level():
    assert words(2, CANNOT_SAY, NOT_APPLICABLE, None, NOT_APPLICABLE, CANNOT_SAY) == (
        "Only one partner gave a level. Health and young people cannot say. "
        "Social care and parent carers say it does not apply. Schools did not answer."
    )


def test_sentence_for_places_names_who_has_none():
    assert words(2, 2, 2, 2, None, None, not_placed=["yp", "pc"]) == (
        "All 4 partners chose level 2. Parent carers and young people not placed."
    )


def test_sentence_leaves_capitals_of_an_abbreviation():
    assert joined(["NHS trust", "Post-16", "ICB"]) == "NHS trust, post-16 and ICB"


def test_sentence_refuses_a_partner_without_a_name():
    with pytest.raises(ValueError, match=r"^names: none for \['x', 'y'\]"):
        sentence({"x": 2}, NAMES, not_placed=["y"])


def test_sentence_refuses_a_partner_that_is_not_placed_and_has_a_level():
    with pytest.raises(ValueError, match=r"^not_placed: \['c'\] have a level"):
        words(2, 2, not_placed=["c"])


PARTNER_OF = {joined([name]): partner for partner, name in NAMES.items()}
NUMBER = {"two": 2, "three": 3}


def who(text):
    return [PARTNER_OF[name] for name in re.split(r", | and ", text)]


def counts_in(text):
    """What a list such as "2 chose 1, none chose 2 or 3 and 1 chose 4" says."""
    found = Counter({int(level): int(n) for n, level in re.findall(r"(\d+) chose (\d)", text)})
    for gap in re.findall(r"none chose (\d(?: or \d)?)", text):
        found.update(dict.fromkeys(map(int, gap.split(" or ")), 0))
    return found


def head_is_true(head, given_levels):
    """Read the first sentence as a person would and hold it against the levels."""
    chosen, n = list(given_levels.values()), len(given_levels)
    span = max(chosen) - min(chosen) if chosen else 0
    if head == "No partner gave a level":
        return n == 0
    if head == "Only one partner gave a level":
        return n == 1
    if all_same := re.fullmatch(r"(?:Both|All (\d)) partners chose level (\d)", head):
        return n == int(all_same[1] or 2) and set(chosen) == {int(all_same[2])}
    if close := re.fullmatch(r"(?:Both|All (\d)) partners within one level: (.*)", head):
        return n == int(close[1] or 2) and span == 1 and counts_in(close[2]) == Counter(chosen)
    if spread := re.fullmatch(r"Spread over (\d) levels: (.*)", head):
        stated = counts_in(spread[2])
        return (
            span + 1 == int(spread[1]) == len(stated)
            and sorted(stated) == list(range(min(chosen), max(chosen) + 1))
            and stated == Counter(chosen)
        )
    some = re.fullmatch(r"(\d) of (\d) partners within one level; (.*)", head)
    return n == int(some[2]) and distances_are_true(int(some[1]), some[3], given_levels)


def distances_are_true(together, text, given_levels):
    middle = statistics.median(given_levels.values())
    parts = re.findall(r"(?:, )?(.+?) (two|three) (above|below)", text)
    named = [partner for names, _, _ in parts for partner in who(names)]
    group = [level for partner, level in given_levels.items() if partner not in named]
    return (
        len(group) == together
        and max(group) - min(group) <= 1
        and sorted(named) == sorted(p for p, x in given_levels.items() if abs(x - middle) >= 2)
        and all(
            # That far from a level which one of the others gave, and no nearer to the median.
            given_levels[p] + NUMBER[word] * (1 if side == "below" else -1) in group
            and int(abs(given_levels[p] - middle)) == NUMBER[word]
            for names, word, side in parts
            for p in who(names)
        )
    )


@many
@given(st.lists(partner_answers, max_size=len(NAMES)), st.data())
def test_what_the_sentence_says_is_true(given_answers, data):
    asked = answers(*given_answers)
    blank = [partner for partner, answer in asked.items() if answer is None]
    places = data.draw(st.booleans())
    text = sentence(asked, NAMES, not_placed=blank if places else ())
    head, *rest = text.removesuffix(".").split(". ")
    assert head_is_true(head, {p: x for p, x in asked.items() if isinstance(x, int)})
    for words_, answer in (
        ("cannot say", CANNOT_SAY),
        ("says? it does not apply", NOT_APPLICABLE),
        ("not placed" if places else "did not answer", None),
    ):
        found = [re.fullmatch(f"(.*) {words_}", one) for one in rest]
        named = [joined([match[1]]) for match in found if match]
        expected = [partner for partner, given_ in asked.items() if given_ == answer]
        assert [p for text_ in named for p in who(text_)] == expected
