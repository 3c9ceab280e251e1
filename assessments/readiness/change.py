"""Change between two assessments: levels, evidence and how far apart the views are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto

from assessments.agreement import AGREED_WORDS, Answer, check_answer
from assessments.readiness.rules import CLAIM

WIDEST = 3


class MapKind(StrEnum):
    """How a statement of one framework version became one of the next."""

    SAME = auto()
    REWORDED = auto()
    RENAMED_FROM = auto()
    SPLIT_FROM = auto()
    MERGED_INTO = auto()
    RETIRED = auto()
    NEW = auto()


COMPARED = {MapKind.SAME, MapKind.REWORDED, MapKind.RENAMED_FROM}
# A split statement has several rows after, merged ones have several before.
IN_SEVERAL_ROWS = {MapKind.SPLIT_FROM, MapKind.MERGED_INTO}


class Direction(StrEnum):
    UP = auto()
    DOWN = auto()
    SAME = auto()


class Views(StrEnum):
    """Whether the range of partners' levels became smaller or larger."""

    CLOSER = auto()
    FURTHER_APART = auto()
    AS_BEFORE = auto()


class ChangeMark(StrEnum):
    NEWLY_EVIDENCED = auto()
    EVIDENCE_LAPSED = auto()
    WORDING_CHANGED = auto()


@dataclass(frozen=True, slots=True)
class StatementState:
    """One statement in one assessment: agreed answer, evidence in date then, range 0 to 3."""

    answer: Answer | None
    evidenced: bool
    range: int | None


@dataclass(frozen=True, slots=True)
class MapRow:
    """A line of a framework map: statement ids before and after, None where there is none."""

    kind: MapKind
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What changed on one line of the map; None where nothing is compared."""

    kind: MapKind
    before: str | None
    after: str | None
    direction: Direction | None
    views: Views | None
    marks: tuple[ChangeMark, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """The rows in the order of the map, and how many of them have each kind of views."""

    rows: tuple[ChangeRow, ...]
    views: dict[Views, int]


def unchanged(statements: Iterable[str]) -> tuple[MapRow, ...]:
    """The map within one framework version: every statement is the same."""
    return tuple(MapRow(MapKind.SAME, statement, statement) for statement in statements)


def direction(before: Answer | None, after: Answer | None) -> Direction | None:
    """Up, down or same between two levels, of a statement or an ingredient; else None.

    Source: the printed rule floor-count-1, Change between two assessments.
    """
    if not isinstance(before, int) or not isinstance(after, int):
        return None
    if before == after:
        return Direction.SAME
    return Direction.UP if after > before else Direction.DOWN


def change(
    before: Mapping[str, StatementState],
    after: Mapping[str, StatementState],
    rows: Sequence[MapRow],
) -> Change:
    """Compare two assessments of one area, statement by statement, through a map.

    Raises ValueError naming ``answer``, ``range`` or ``map``: the map names every
    statement of both, and none that they lack. Source: the printed rule
    floor-count-1, Change between two assessments.
    """
    _check_states(before)
    _check_states(after)
    _check_rows(rows)
    _check_complete([row.before for row in rows], before)
    _check_complete([row.after for row in rows], after)
    changes = tuple(_row(row, before, after) for row in rows)
    counts = Counter(row.views for row in changes)
    return Change(changes, {views: counts[views] for views in Views})


def _row(
    row: MapRow, before: Mapping[str, StatementState], after: Mapping[str, StatementState]
) -> ChangeRow:
    kind = MapKind(row.kind)
    if kind not in COMPARED or row.before is None or row.after is None:
        return ChangeRow(kind, row.before, row.after, None, None, ())
    then, now = before[row.before], after[row.after]
    marks = _evidence_marks(then, now)
    if kind != MapKind.SAME:
        marks.append(ChangeMark.WORDING_CHANGED)
    return ChangeRow(
        kind,
        row.before,
        row.after,
        direction(then.answer, now.answer),
        _views(then.range, now.range),
        tuple(marks),
    )


def _views(then: int | None, now: int | None) -> Views | None:
    if then is None or now is None:
        return None
    if then == now:
        return Views.AS_BEFORE
    return Views.CLOSER if now < then else Views.FURTHER_APART


def _evidence_marks(then: StatementState, now: StatementState) -> list[ChangeMark]:
    claimed = all(isinstance(s.answer, int) and s.answer >= CLAIM for s in (then, now))
    if not claimed or then.evidenced == now.evidenced:
        return []
    return [ChangeMark.NEWLY_EVIDENCED if now.evidenced else ChangeMark.EVIDENCE_LAPSED]


def _check_states(states: Mapping[str, StatementState]) -> None:
    for statement, state in states.items():
        check_answer(state.answer, words=AGREED_WORDS, of=statement)
        if state.range is not None and state.range not in range(WIDEST + 1):
            raise ValueError(f"range: {state.range!r} of {statement} is not 0 to {WIDEST}")


def _check_rows(rows: Sequence[MapRow]) -> None:
    for row in rows:
        if row.kind not in list(MapKind):
            raise ValueError(f"map: {row.kind!r} is not a kind of row")
        sides = (row.before is not None, row.after is not None)
        if sides != (row.kind != MapKind.NEW, row.kind != MapKind.RETIRED):
            raise ValueError(f"map: {row.kind} cannot lead from {row.before} to {row.after}")
    if len(set(rows)) < len(rows):
        raise ValueError("map: a row occurs twice")
    for side in ("before", "after"):
        named = Counter(getattr(row, side) for row in rows)
        for row in rows:
            id_ = getattr(row, side)
            if id_ is not None and named[id_] > 1 and row.kind not in IN_SEVERAL_ROWS:
                raise ValueError(f"map: {id_!r} is in several rows")


def _check_complete(named: Sequence[str | None], states: Mapping[str, StatementState]) -> None:
    wrong = (set(named) - {None}) ^ set(states)
    if wrong:
        raise ValueError(f"map: {sorted(map(str, wrong))} are not on both sides")
