"""Areas side by side as at a day, from the rows kept of submitted assessments.

Counts and levels only: no mean, no rank, no single score. One framework version at a time; a change
since an earlier version only through the map that is declared between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.dateformat import format as format_date

from areas.models import Area
from assessments.models import SubmittedLevel, SubmittedPicture
from assessments.readiness import Band
from assessments.reports import words
from assessments.reports.versions import Earlier, earlier_versions
from ingredients.models import Framework

# So many limiting ingredients are named; more are counted.
NAMED = 2


@lru_cache(maxsize=1024)
def short_day(value: date) -> str:
    return format_date(value, "j M Y")


@dataclass(frozen=True, slots=True)
class Cell:
    """One ingredient of one area. `level` is 1 to 4, None where not yet rated; `before` is the
    level in the picture before, None where there is none or it was not rated."""

    slug: str
    level: int | None
    before: int | None
    is_limiting: bool
    is_contested: bool
    is_not_evidenced: bool

    @property
    def change(self) -> str:
        """up or down, only between two levels; else nothing."""
        if self.level is None or self.before is None or self.level == self.before:
            return ""
        return "up" if self.level > self.before else "down"


@dataclass(frozen=True)
class Line:
    """One area as at the day. Without a `picture` it has submitted nothing by then. `earlier` is the
    version of the picture before, where that was another one."""

    area: Area
    framework: Framework
    picture: SubmittedPicture | None = None
    cells: tuple[Cell, ...] = ()
    is_first: bool = False
    earlier: Earlier | None = None

    @cached_property
    def limiting(self) -> list[str]:
        """Slugs in framework order."""
        return [cell.slug for cell in self.cells if cell.is_limiting]

    @property
    def band(self) -> str:
        return self.picture.band if self.picture else ""

    @property
    def band_label(self) -> str:
        label: str = self.framework.bands[self.band]["label"] if self.picture else ""
        return label

    @cached_property
    def ups(self) -> int:
        return sum(cell.change == "up" for cell in self.cells)

    @cached_property
    def downs(self) -> int:
        return sum(cell.change == "down" for cell in self.cells)

    @property
    def change(self) -> str:
        """How many ingredients moved since the picture before, in words."""
        if self.picture is None:
            return ""
        if self.is_first:
            return "First picture"
        if self.earlier and not self.earlier.compared:
            return f"Not compared with version {self.earlier.framework.version}"
        moved = [f"{n} {word}" for n, word in ((self.ups, "up"), (self.downs, "down")) if n]
        said = ", ".join(moved) or "No change"
        return f"{said} ({self.earlier.words})" if self.earlier else said

    @property
    def limits(self) -> str:
        """ "Limited by leadership and culture" """
        if not self.cells:
            return ""
        level = next(cell.level for cell in self.cells if cell.is_limiting)
        rated = f"at level {level}" if level else "not yet rated"
        if len(self.limiting) > NAMED:
            return f"Limited by {len(self.limiting)} ingredients {rated}"
        names = [
            words.inside(row.short_title)
            for row in self.framework.all_ingredients
            if row.slug in self.limiting
        ]
        return f"Limited by {words.listed(names)}{'' if level else ', not yet rated'}"

    @property
    def submitted(self) -> str:
        """The day of submission, short."""
        return short_day(self.picture.submitted_on) if self.picture else ""

    @property
    def last_check_in(self) -> date | None:
        """The day of the last one with DfE of which it may read the record (`with_check_ins`)."""
        return getattr(self.area, "last_check_in", None)

    @property
    def next_check_in(self) -> date | None:
        """The day of the first one with DfE that the area has not agreed (`with_check_ins`)."""
        return getattr(self.area, "next_check_in", None)

    def is_overdue(self, day: date) -> bool:
        """Whether the day of the next check-in had passed by this day."""
        return self.next_check_in is not None and self.next_check_in < day


@dataclass(frozen=True, slots=True)
class Group:
    """Areas that share a heading in the grid."""

    title: str
    lines: list[Line]


def newest(framework: Framework, day: date) -> QuerySet[SubmittedPicture]:
    """The pictures of the area of the outer query, the newest as at this day first."""
    found = SubmittedPicture.objects.as_at(day).newest_first()
    return found.filter(area=OuterRef("pk"), framework=framework)


def newest_of(frameworks: Sequence[Framework], day: date) -> QuerySet[SubmittedPicture]:
    """The same over several versions; a later version always comes before an earlier one."""
    if len(frameworks) == 1:
        return newest(frameworks[0], day)
    found = SubmittedPicture.objects.as_at(day).filter(area=OuterRef("pk"))
    order = ("-framework__version", "-submitted_on", "-assessment_id")
    return found.filter(framework__in=frameworks).order_by(*order)


def compare(areas: QuerySet[Area], framework: Framework, day: date) -> list[Line]:
    """Each of these areas as at this day, with its picture before: three queries, however many
    areas and however long their history; two more where there were versions before."""
    one = newest(framework, day).values("pk")
    slots: dict[str, Any] = {"now": Subquery(one[:1]), "then": Subquery(one[1:2])}
    earlier = {row.framework.pk: row for row in earlier_versions(framework)}
    if earlier:
        before = newest_of([row.framework for row in earlier.values()], day)
        slots["older"] = Subquery(before.values("pk")[:1])
        slots["version"] = Subquery(before.values("framework")[:1])
    found: list[Any] = list(areas.annotate(**slots))
    now = {row.now for row in found} - {None}
    then: set[Any] = {row.then or getattr(row, "older", None) for row in found} - {None}
    pictures = SubmittedPicture.objects.in_bulk(now)
    levels = read_levels(now | then)
    return [
        _line(area, framework, pictures, levels, earlier) if area.now else Line(area, framework)
        for area in found
    ]


Levels = dict[int, dict[int, tuple[Any, ...]]]


def read_levels(pictures: Iterable[int]) -> Levels:
    """By picture and ingredient: level, limiting, contested, not evidenced."""
    found: Levels = {}
    for picture, ingredient, *row in SubmittedLevel.objects.filter(
        picture__in=list(pictures)
    ).values_list(
        "picture", "ingredient", "level", "is_limiting", "is_contested", "is_not_evidenced"
    ):
        found.setdefault(picture, {})[ingredient] = tuple(row)
    return found


def _line(
    area: Any,
    framework: Framework,
    pictures: dict[int, SubmittedPicture],
    levels: Levels,
    versions: dict[int, Earlier],
) -> Line:
    now, earlier = levels[area.now], None
    then = levels.get(area.then, {})
    if not then and versions and area.older:
        earlier, then = versions[area.version], levels[area.older]
    cells = []
    for row in framework.all_ingredients:
        same: Any = earlier.ingredient(row.slug) if earlier else row.pk
        cells.append(Cell(row.slug, now[row.pk][0], then.get(same, [None])[0], *now[row.pk][1:]))
    return Line(area, framework, pictures[area.now], tuple(cells), not then, earlier)


# ---- Order ---------------------------------------------------------------------------------------

LIMITING = "limiting"
# What each order is called on the page, and in files.
ORDERS = {
    LIMITING: "Limiting ingredient",
    "name": "Area, A to Z",
    "region": "Region",
    "band": "Readiness band",
    "confidence": "Most contested statements first",
    "coverage": "Fewest statements agreed first",
    "change": "Most ingredients down first",
    "submitted": "Submitted last first",
    "last-check-in": "Longest since the last check-in first",
    "next-check-in": "Next check-in first",
}
Key = Callable[[Line, SubmittedPicture], tuple[Any, ...]]
KEYS: dict[str, Key] = {
    "band": lambda line, picture: (Band(picture.band).rank,),
    "confidence": lambda line, picture: (-picture.contested,),
    "coverage": lambda line, picture: (picture.levelled / max(picture.applicable, 1),),
    "change": lambda line, picture: (-line.downs, -line.ups),
    "submitted": lambda line, picture: (-picture.submitted_on.toordinal(),),
    "last-check-in": lambda line, picture: (line.last_check_in or date.min,),
    "next-check-in": lambda line, picture: (line.next_check_in or date.max,),
}


def orders(framework: Framework) -> dict[str, str]:
    """Every order of the grid: its own, and each ingredient's level."""
    levels = {row.slug: f"{row.short_title}, lowest first" for row in framework.all_ingredients}
    return ORDERS | levels


def ordered(lines: Iterable[Line], order: str) -> list[Line]:
    """A to Z inside whatever it is ordered by. What has nothing submitted comes last."""
    return sorted(lines, key=lambda line: (*_key(line, order), line.area.name, line.area.pk))


def _key(line: Line, order: str) -> tuple[Any, ...]:
    if order == "name":
        return ()
    if order == "region":
        return (line.area.region,)
    if line.picture is None:
        return (True,)
    if order == LIMITING:
        return (False, *_place(line))
    if order in KEYS:
        return (False, *KEYS[order](line, line.picture))
    level = next((cell.level for cell in line.cells if cell.slug == order), None)
    return (False, level or 0)


def _place(line: Line) -> tuple[bool, int]:
    """Framework order of the first limiting ingredient; what is not yet rated after these."""
    is_unrated = line.band == Band.NOT_YET_RATED
    return is_unrated, 0 if is_unrated else [c.is_limiting for c in line.cells].index(True)


def grouped(lines: Sequence[Line], order: str) -> Iterator[Group]:
    """Under headings where they are ordered by limiting ingredient; else one group without."""
    if order != LIMITING:
        yield Group("", list(lines))
        return
    for title, found in groupby(lines, _group):
        yield Group(title, list(found))


def _group(line: Line) -> str:
    if line.picture is None:
        return "No submitted assessment"
    if line.band == Band.NOT_YET_RATED:
        return line.band_label
    first = next(row for row in line.framework.all_ingredients if row.slug == line.limiting[0])
    return f"Limited by {words.inside(first.short_title)}"
