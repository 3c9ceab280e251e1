"""How an area's agreed levels changed over all its submitted reports.

Everything comes from the contents of those reports, so what a reader may not see of one of them is
not in here either. Reports of another framework version stand beside the others as far as the map
that is declared between the versions goes; without one they are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from assessments.agreement import compare_levels
from assessments.readiness import Comparable
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
    """`left_out` counts reports of a framework version that is not comparable, `mapped` those
    compared through a map. `views` says whether partners came closer between the last two points,
    or nothing."""

    points: tuple[Point, ...]
    groups: tuple[Group, ...]
    left_out: int
    views: str
    mapped: int = 0


NOT_COMPARED = "Not compared"
NO_MAPS: Mapping[str, Comparable] = {}


def trend_of(reports: Sequence[ReportContents], maps: Mapping[str, Comparable] = NO_MAPS) -> Trend:
    """The trend over these reports, oldest first: those of the last one's framework, and those of
    versions that `maps` leads from, by fingerprint."""
    if not reports:
        return Trend((), (), 0, "")
    fingerprint = _version(reports[-1])
    kept = [r for r in reports if _version(r) == fingerprint or _version(r) in maps]
    return Trend(
        points=tuple(_point(report) for report in kept),
        groups=tuple(
            Group(
                _ingredient([_same_ingredient(report, row, maps) for report in kept], row, kept),
                tuple(
                    _statement(
                        [_same_statement(report, one, maps) for report in kept],
                        one,
                        is_reworded=_is_reworded(one, kept, maps),
                    )
                    for one in row.statements
                ),
            )
            for row in kept[-1].ingredients
        ),
        left_out=len(reports) - len(kept),
        views=_views(kept, maps),
        mapped=sum(_version(report) != fingerprint for report in kept),
    )


def _version(report: ReportContents) -> str:
    return report.method.framework_fingerprint


def _same_ingredient(
    report: ReportContents, row: IngredientReport, maps: Mapping[str, Comparable]
) -> IngredientReport | None:
    """What this report has of an ingredient of the last one, if that is compared."""
    found = maps.get(_version(report))
    slug = found.ingredients.get(row.slug) if found else row.slug
    return next((one for one in report.ingredients if one.slug == slug), None)


def _same_statement(
    report: ReportContents, row: StatementReport, maps: Mapping[str, Comparable]
) -> StatementReport | None:
    found = maps.get(_version(report))
    pair = found.statements.get(row.slug) if found else None
    slug = pair.before if pair else None if found else row.slug
    return next((one for one in report.statements if one.slug == slug), None)


def _is_reworded(
    row: StatementReport, kept: Sequence[ReportContents], maps: Mapping[str, Comparable]
) -> bool:
    """Whether the framework's wording changed between the last two points."""
    found = maps.get(_version(kept[-2])) if len(kept) > 1 else None
    pair = found.statements.get(row.slug) if found else None
    return bool(pair and pair.is_reworded)


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


def _views(kept: Sequence[ReportContents], maps: Mapping[str, Comparable]) -> str:
    """Whether partners' levels came closer between the last two reports, counted by statement."""
    if len(kept) < 2 or not all(report.shows_partners for report in kept[-2:]):
        return ""
    before, after = (_ranges(report) for report in kept[-2:])
    found = maps.get(_version(kept[-2]))
    if found:
        pairs = found.statements.items()
        before = {slug: before[one.before] for slug, one in pairs if one.before in before}
    ways = [after[slug] - before[slug] for slug in after if slug in before]
    closer, apart = sum(way < 0 for way in ways), sum(way > 0 for way in ways)
    return words.views(closer, apart, len(ways) - closer - apart)


def _ingredient(
    rows: Sequence[IngredientReport | None], last: IngredientReport, kept: Sequence[ReportContents]
) -> Line:
    name = last.short_title
    change = _change(rows)
    levels = [row.level for row in rows if row]
    return Line(
        name=name,
        cells=tuple(_cell(row, row.level_words) if row else NOT_COMPARED for row in rows),
        change=change,
        # A gap in the line would look like an ingredient that was not rated.
        chart=_chart(name, levels, kept, change) if all(rows) else None,
    )


def _statement(
    rows: Sequence[StatementReport | None], last: StatementReport, *, is_reworded: bool
) -> Line:
    change = _change(rows)
    return Line(
        name=f"{last.code} {last.title}",
        cells=tuple(_cell(row, row.agreed_words) if row else NOT_COMPARED for row in rows),
        change=f"{change} Framework wording changed." if is_reworded else change,
    )


def _cell(row: IngredientReport | StatementReport, without: str) -> str:
    """`3, not evidenced`, or why there is no level."""
    marks = [str(row.level or without)]
    marks += ["not evidenced"] if row.is_not_evidenced else []
    marks += ["contested"] if row.is_contested and row.level else []
    return ", ".join(marks)


def _change(rows: Sequence[IngredientReport | StatementReport | None]) -> str:
    """Between the last two points; nothing where there is one."""
    if len(rows) < 2:
        return ""
    before, after = rows[-2:]
    return words.moved(before.level, after.level) if before and after else f"{NOT_COMPARED}."


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
