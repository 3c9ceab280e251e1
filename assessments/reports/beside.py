"""One area beside its statistical neighbours, its region and England: its own level of each
ingredient, and how many of the others are at each. Counts, never a mean or a rank.

For DfE programme staff, who may read every area's row; so small groups are shown, and said to be
small. What an area sees of others goes through `distributions.groups_for` alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from areas.models import Area, StatisticalNeighbour
from assessments.models import SubmittedPicture
from assessments.reports.comparison import read_levels
from assessments.reports.distributions import (
    SMALLEST_GROUP,
    Counts,
    of_ingredients,
    submitted_by,
)
from ingredients.models import Framework

# Name and meaning of each column, in order. Columns are added at the end and never change.
COLUMNS = {
    "as_at": "The day as at which areas are compared",
    "area_code": "Code of the area, as DfE gives it",
    "area": "Name of the area",
    "framework_version": "Version of the framework",
    "ingredient": "Id of the ingredient",
    "ingredient_title": "Short title of the ingredient",
    "area_level": "The area's own level, 1 to 4; empty where there is none",
    "group": "neighbours, region or everywhere; the area itself is not in it",
    "group_title": "Name of the group",
    "areas_in_group": "Areas in the group",
    "areas_submitted": "Of these, areas with a submitted assessment by that day",
    "level_1": "Areas at level 1",
    "level_2": "Areas at level 2",
    "level_3": "Areas at level 3",
    "level_4": "Areas at level 4",
    "not_yet_rated": "Areas where the ingredient is not yet rated",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Other areas. `size` is how many there are, `counts` are of those that have submitted: one of
    each ingredient, in framework order."""

    slug: str
    title: str
    size: int
    counts: list[Counts]

    @property
    def submitted(self) -> int:
        return self.counts[0].total

    @property
    def is_small(self) -> bool:
        return self.submitted < SMALLEST_GROUP


@dataclass(frozen=True, slots=True)
class Beside:
    """`levels` are the area's own, in framework order; None where not yet rated, or where it has
    no `picture` by that day."""

    area: Area
    framework: Framework
    day: date
    picture: SubmittedPicture | None
    levels: list[int | None]
    groups: list[Group]


def beside(area: Area, areas: QuerySet[Area], framework: Framework, day: date) -> Beside:
    """This area beside the others among `areas`, made-up ones beside made-up ones alone. Eight
    queries at most, however many areas."""
    kind = areas.filter(is_demonstration=area.is_demonstration)
    regions = dict(kind.exclude(pk=area.pk).order_by().values_list("pk", "region"))
    rows = {row.area.pk: row.picture for row in submitted_by(kind, framework, day)}
    own = rows.pop(area.pk, None)
    levels = read_levels([own]).get(own, {}) if own else {}
    neighbours = StatisticalNeighbour.objects.filter(area=area).values_list("neighbour", flat=True)
    found = [
        ("neighbours", "Statistical neighbours", set(neighbours) & set(regions)),
        ("region", area.region, {pk for pk, name in regions.items() if name == area.region}),
        ("everywhere", "Demonstration" if area.is_demonstration else "England", set(regions)),
    ]
    return Beside(
        area,
        framework,
        day,
        SubmittedPicture.objects.filter(pk=own).first() if own else None,
        [levels[row.pk][0] if levels else None for row in framework.all_ingredients],
        [Group(slug, title, len(ids), _counts(ids, rows, framework)) for slug, title, ids in found],
    )


def _counts(ids: set[int], rows: dict[int, int], framework: Framework) -> list[Counts]:
    return of_ingredients([rows[pk] for pk in ids if pk in rows], framework)


def objects(found: Beside) -> Iterator[dict[str, Any]]:
    """One for each ingredient and group."""
    for place, row in enumerate(found.framework.all_ingredients):
        for group in found.groups:
            counts = group.counts[place]
            yield {
                "as_at": found.day.isoformat(),
                "area_code": found.area.dfe_code,
                "area": found.area.name,
                "framework_version": found.framework.version,
                "ingredient": row.slug,
                "ingredient_title": row.short_title,
                "area_level": found.levels[place],
                "group": group.slug,
                "group_title": group.title,
                "areas_in_group": group.size,
                "areas_submitted": group.submitted,
                **{f"level_{level}": number for level, number in counts.levels.items()},
                "not_yet_rated": counts.unrated,
            }


def rows(found: Beside) -> Iterator[list[str]]:
    for row in objects(found):
        yield ["" if row[name] is None else str(row[name]) for name in COLUMNS]
