"""How an area's agreed levels changed over all its submitted reports.

Everything comes from the contents of those reports, so what a reader may not see of one of them is
not in here either. Reports of another framework version are left out: their levels are not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from assessments.agreement import compare_levels
from assessments.reports import charts, words
from assessments.reports.contents import IngredientReport, ReportContents, StatementReport

APART = 2  # levels, from which partners' views differ
# More points than these are told apart in a table only.
MOST_DRAWN = 4


@dataclass(frozen=True, slots=True)
class Point:
    """One submitted report. `apart` counts the statements on which partners were two or more levels
    apart, of those that could be compared; None where partners' levels stay in the area."""

    id: int
    title: str
    day: date
    band: str
    apart: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Line:
    """One ingredient or statement: what stands in the table at each point, and the change between
    the last two, in words."""

    name: str
    cells: tuple[str, ...]
    change: str
    chart: SafeString | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """One ingredient with its statements."""

    whole: Line
    statements: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """`left_out` counts reports of another framework version. `views` says whether partners came
    closer between the last two points, or nothing."""

    points: tuple[Point, ...]
    groups: tuple[Group, ...]
    left_out: int
    views: str


def trend_of(reports: Sequence[ReportContents]) -> Trend:
    """The trend over these reports, oldest first. Compares those of the last one's framework."""
    if not reports:
        return Trend((), (), 0, "")
    fingerprint = reports[-1].method.framework_fingerprint
    kept = [r for r in reports if r.method.framework_fingerprint == fingerprint]
    return Trend(
        points=tuple(_point(report) for report in kept),
        groups=tuple(
            Group(
                _ingredient([report.ingredients[place] for report in kept], kept),
                tuple(
                    _statement([report.ingredients[place].statements[at] for report in kept])
                    for at in range(len(kept[-1].ingredients[place].statements))
                ),
            )
            for place in range(len(kept[-1].ingredients))
        ),
        left_out=len(reports) - len(kept),
        views=_views(kept),
    )


def _point(report: ReportContents) -> Point:
    ranges = list(_ranges(report).values())
    return Point(
        id=report.id,
        title=report.title,
        day=report.submitted_on or report.day,
        band=report.band_label,
        apart=(sum(found >= APART for found in ranges), len(ranges))
        if report.shows_partners
        else None,
    )


def _ranges(report: ReportContents) -> dict[str, int]:
    """How many levels partners were apart on each statement that two or more gave a level."""
    found = {}
    for statement in report.statements:
        levels = {answer.partner.id: answer.level for answer in statement.answers if answer.level}
        apart = compare_levels(levels).range
        if apart is not None:
            found[statement.slug] = apart
    return found


def _views(kept: Sequence[ReportContents]) -> str:
    """Whether partners' levels came closer between the last two reports, counted by statement."""
    if len(kept) < 2 or not all(report.shows_partners for report in kept[-2:]):
        return ""
    before, after = (_ranges(report) for report in kept[-2:])
    ways = [after[slug] - before[slug] for slug in after if slug in before]
    closer, apart = sum(way < 0 for way in ways), sum(way > 0 for way in ways)
    return words.views(closer, apart, len(ways) - closer - apart)


def _ingredient(rows: Sequence[IngredientReport], kept: Sequence[ReportContents]) -> Line:
    name = rows[-1].short_title
    change = _change([row.level for row in rows])
    return Line(
        name=name,
        cells=tuple(_cell(row.level, row.level_words, row) for row in rows),
        change=change,
        chart=_chart(name, [row.level for row in rows], kept, change),
    )


def _statement(rows: Sequence[StatementReport]) -> Line:
    return Line(
        name=f"{rows[-1].code} {rows[-1].title}",
        cells=tuple(_cell(row.level, row.agreed_words, row) for row in rows),
        change=_change([row.level for row in rows]),
    )


def _cell(level: int | None, without: str, row: IngredientReport | StatementReport) -> str:
    """`3, not evidenced`, or why there is no level."""
    marks = [str(level or without)]
    marks += ["not evidenced"] if row.is_not_evidenced else []
    marks += ["contested"] if row.is_contested and level else []
    return ", ".join(marks)


def _change(levels: Sequence[int | None]) -> str:
    """Between the last two points; nothing where there is one."""
    return words.moved(levels[-2], levels[-1]) if len(levels) > 1 else ""


def _chart(
    name: str, levels: Sequence[int | None], kept: Sequence[ReportContents], change: str
) -> SafeString | None:
    """Two points as a move, up to four as a line; more are told in the table."""
    if not 1 < len(levels) <= MOST_DRAWN:
        return None
    if len(levels) == 2:
        return charts.move_strip(before=levels[0], after=levels[1], title=f"{name}. {change}")
    days = [report.submitted_on or report.day for report in kept]
    said = _said(zip(days, levels, strict=True))
    return charts.slope(levels, [f"{day:%b %Y}" for day in days], title=f"{name}. {said}")


def _said(points: Iterable[tuple[date, int | None]]) -> str:
    """`Level 2 on 3 May 2025, level 3 on 4 May 2026.`"""
    parts = [
        f"{f'level {level}' if level else 'not yet rated'} on {words.day(day)}"
        for day, level in points
    ]
    return f"{words.sentence_case(', '.join(parts))}."
