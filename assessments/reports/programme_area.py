"""What DfE programme staff read of one area: its submitted reports, one beside the next, and the
plan as the newest of them has it. Nothing that the area has not submitted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from areas.models import Area
from assessments.models import StoredReport, SubmittedPicture
from assessments.reports.comparison import Levels, Line, cells_of, read_levels
from assessments.reports.plan import Plan, PlanAction, plan_of
from assessments.reports.versions import Earlier, earlier_versions
from ingredients.models import Framework, framework_with_content

# Reports that the page has; more are in the list of all reports.
MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports that an area submitted in one version of the framework, the newest first, each
    with the change since the one before it."""

    framework: Framework
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class OfBody:
    """The actions of one responsible body. `late` counts those late on the day of submission."""

    body: str
    actions: list[PlanAction]
    late: int


def reports_of(area: Area) -> list[Reports]:
    """The newest submitted reports, by framework version; corrected ones too. Two queries, however
    many there are; two more for each version that is not the first."""
    found, kept = [], SubmittedPicture.objects.filter(area=area).select_related("assessment")
    # Those that are not shown are there to be compared with, also past some that were corrected.
    pictures = list(kept.newest_first()[: MOST_SHOWN * 2])
    levels = read_levels(row.pk for row in pictures)
    shown = pictures[:MOST_SHOWN]
    for pk in dict.fromkeys(row.framework_id for row in shown):
        framework = framework_with_content(pk)
        versions = earlier_versions(framework)
        rows = [row for row in shown if row.framework_id == pk]
        befores = [_before(row, pictures, framework, versions) for row in rows]
        lines = [
            _line(area, framework, row, levels, before)
            for row, before in zip(rows, befores, strict=True)
        ]
        found.append(Reports(framework, lines))
    return found


Before = tuple[SubmittedPicture, Earlier | None]


def _before(
    row: SubmittedPicture,
    pictures: Sequence[SubmittedPicture],
    framework: Framework,
    versions: Sequence[Earlier],
) -> Before | None:
    """The last one before it that had not been corrected by its day: of its own version, else of
    the newest version before that has any."""
    older = [
        one
        for one in pictures[pictures.index(row) + 1 :]
        if one.replaced_on is None or one.replaced_on > row.submitted_on
    ]
    for earlier in (None, *versions):
        wanted = earlier.framework.pk if earlier else framework.pk
        for one in older:
            if one.framework_id == wanted:
                return one, earlier
    return None


def _line(
    area: Area,
    framework: Framework,
    row: SubmittedPicture,
    levels: Levels,
    before: Before | None,
) -> Line:
    one, earlier = before or (None, None)
    then = levels[one.pk] if one else {}
    cells = cells_of(framework, levels[row.pk], then, earlier)
    return Line(area, framework, row, cells, is_first=one is None, earlier=earlier)


def newest_line(found: Sequence[Reports]) -> Line | None:
    """The picture that counts today: the newest that no correction has replaced."""
    standing = (
        line
        for reports in found
        for line in reports.lines
        if line.picture and line.picture.replaced_on is None
    )
    return max(standing, key=_submitted, default=None)


def _submitted(line: Line) -> tuple[date, int]:
    assert line.picture  # noqa: S101 -- only lines with a picture are asked
    return line.picture.submitted_on, line.picture.pk


def plan_in(picture: SubmittedPicture) -> Plan:
    """The plan as it was frozen into this report."""
    stored = StoredReport.objects.filter(assessment=picture.pk).values_list("facts", flat=True)
    facts = stored.first()
    return plan_of(json.loads(facts).get("plan")) if facts else Plan()


def by_body(plan: Plan) -> Iterator[OfBody]:
    """Bodies A to Z, each with its actions, the earliest due first."""
    for body in sorted({row.body for row in plan.actions}):
        rows = sorted((row for row in plan.actions if row.body == body), key=lambda row: row.due)
        yield OfBody(body, rows, sum(row.is_late for row in rows))
