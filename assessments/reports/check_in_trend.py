"""What the check-ins of an area recorded of its priorities, one after the other.

A check-in looks at a few statements and never at a whole ingredient, so it is no point of the trend
over reports. Everything comes from the records on which all agreed, as they were kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from assessments.reports import charts, words
from assessments.reports.check_in import CheckInContents, PriorityLine
from assessments.reports.trend import MOST_DRAWN


@dataclass(frozen=True, slots=True)
class Held:
    """One check-in: a column of the table. `pace` is the word for its momentum."""

    id: int
    kind: str
    day: date
    pace: str


@dataclass(frozen=True, slots=True)
class Followed:
    """One statement that was a priority. `before` is the level with which the first of these
    check-ins compared it; `cells` say what each recorded, in order; `change` compares the first
    level with the last."""

    name: str
    before: str
    cells: tuple[str, ...]
    change: str
    chart: SafeString | None


@dataclass(frozen=True, slots=True)
class CheckInTrend:
    held: tuple[Held, ...] = ()
    lines: tuple[Followed, ...] = ()


def check_in_trend(check_ins: Sequence[CheckInContents]) -> CheckInTrend:
    """Closed check-ins, oldest first; statements by their code."""
    found: dict[str, list[PriorityLine | None]] = {}
    for place, check_in in enumerate(check_ins):
        for line in check_in.priorities:
            found.setdefault(line.slug, [None] * len(check_ins))[place] = line
    days = [check_in.on for check_in in check_ins]
    return CheckInTrend(
        tuple(Held(row.id, row.kind, row.on, row.pace) for row in check_ins),
        tuple(sorted((_followed(rows, days) for rows in found.values()), key=_by_code)),
    )


def _by_code(line: Followed) -> list[int]:
    return [int(part) for part in line.name.split(" ", 1)[0].split(".")]


def _followed(rows: Sequence[PriorityLine | None], days: Sequence[date]) -> Followed:
    looked = [(row, day) for row, day in zip(rows, days, strict=True) if row is not None]
    first = looked[0][0]
    levels = [first.then, *(row.counts_as for row, _ in looked if row.level)]
    name = f"{first.code} {first.title}"
    change = words.moved(levels[0], levels[-1]) if len(levels) > 1 else "Not yet re-confirmed."
    return Followed(
        name=name,
        before=str(first.then or "No level"),
        cells=tuple(_cell(row) for row in rows),
        change=change,
        chart=_chart(name, levels, [day for row, day in looked if row.level], change),
    )


def _cell(row: PriorityLine | None) -> str:
    """`3`, `3, counts as 2`, or that nobody looked."""
    if row is None:
        return "Not a priority"
    if row.level is None:
        return "Not yet re-confirmed"
    return (
        str(row.level) if row.level == row.counts_as else f"{row.level}, counts as {row.counts_as}"
    )


def _chart(
    name: str, levels: Sequence[int | None], days: Sequence[date], change: str
) -> SafeString | None:
    """Two levels as a move, up to four as a line; the table has them all."""
    if not 1 < len(levels) <= MOST_DRAWN:
        return None
    if len(levels) == 2:
        return charts.move_strip(before=levels[0], after=levels[1], title=f"{name}. {change}")
    named = ["Before", *(f"{day:%b %Y}" for day in days)]
    said = words.listed(
        f"{level or 'no level'} ({at})" for level, at in zip(levels, named, strict=True)
    )
    return charts.slope(levels, named, title=f"{name}. Levels {said}.")
