"""Momentum at a check-in: whether priorities moved and actions were done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

from assessments.agreement import AGREED_WORDS, LEVELS, Answer, check_answer
from assessments.readiness.rules import check_day, evidenced_level, is_evidenced

MOMENTUM_RULE_VERSION = "momentum-1"


class Pace(StrEnum):
    """The word for the momentum."""

    MOVING = auto()
    SLOW = auto()
    STUCK = auto()
    NOT_YET_KNOWN = auto()


@dataclass(frozen=True, slots=True)
class PriorityState:
    """One priority: its evidenced level last recorded by then, and the agreed answer now.

    ``answer`` is None when the priority was not re-confirmed; ``review_on`` holds
    the review date, or None, of each piece of evidence linked now.
    """

    statement: str
    then: int | None
    answer: Answer | None
    review_on: tuple[date | None, ...]


@dataclass(frozen=True, slots=True)
class ActionState:
    """One action of the area; ``no_action`` when closed with "no action, because"."""

    due_on: date
    done_on: date | None
    no_action: bool


@dataclass(frozen=True, slots=True)
class Momentum:
    """Counts of priorities and of actions, with the word they lead to."""

    priorities: int
    moved: int
    actions: int
    done: int
    late: int
    word: Pace


def momentum(
    previous_day: date,
    day: date,
    priorities: Sequence[PriorityState],
    actions: Iterable[ActionState],
) -> Momentum:
    """How an area moved between the previous check-in and this one.

    ``previous_day`` is the previous check-in, or the baseline's submission for the
    first. Raises ValueError naming ``answer``, ``day``, ``done_on``, ``due_on``,
    ``previous_day``, ``review_on`` or ``then``. Source: the printed rule momentum-1.
    """
    check_day(previous_day, "previous_day")
    check_day(day, "day")
    if previous_day > day:
        raise ValueError(f"previous_day: {previous_day} is after {day}")
    moved = sum(_moved(priority, day) for priority in priorities)
    counted = [action for action in actions if _counts(action, previous_day, day)]
    done = sum(_is_done(action, day) for action in counted)
    late = len(counted) - done
    return Momentum(
        len(priorities),
        moved,
        len(counted),
        done,
        late,
        _pace(len(priorities), moved, len(counted), done),
    )


def _pace(priorities: int, moved: int, actions: int, done: int) -> Pace:
    if not priorities and not actions:
        return Pace.NOT_YET_KNOWN
    by_priorities = priorities > 0 and 2 * moved >= priorities
    by_actions = actions > 0 and 4 * done >= 3 * actions
    if by_priorities or by_actions:
        return Pace.MOVING
    if not moved and 2 * (actions - done) > actions:
        return Pace.STUCK
    return Pace.SLOW


def _moved(priority: PriorityState, day: date) -> bool:
    check_answer(priority.answer, words=AGREED_WORDS, of=priority.statement)
    if priority.then is not None and (
        isinstance(priority.then, bool) or priority.then not in LEVELS
    ):
        raise ValueError(f"then: {priority.then!r} of {priority.statement} is not a level")
    evidenced = is_evidenced(priority.review_on, day)
    if priority.then is None or not isinstance(priority.answer, int):
        return False
    return evidenced_level(priority.answer, evidenced=evidenced) > priority.then


def _is_done(action: ActionState, day: date) -> bool:
    return action.done_on is not None and action.done_on <= day


def _counts(action: ActionState, previous_day: date, day: date) -> bool:
    check_day(action.due_on, "due_on")
    if action.done_on is not None:
        check_day(action.done_on, "done_on")
    if action.no_action or action.due_on > day:
        return False
    return action.due_on > previous_day or not _is_done(action, previous_day)
