"""How many areas are at which level, per ingredient and statement: counts, never a mean or a rank.

DfE programme staff see every count. An area sees only counts of groups of other areas that are
large enough: `counted_for_an_area` is the one way to them, and gives nothing for a smaller group.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet, Subquery

from areas.models import Area
from assessments.models import SubmittedAnswer, SubmittedLevel
from assessments.models.scores import LEVEL_ANSWERS, Answer
from assessments.reports.comparison import newest
from ingredients.models import Framework, Ingredient

# An area sees no distribution of fewer other areas. A constant, so that it cannot be missing.
SMALLEST_GROUP = 5
LEVELS = (1, 2, 3, 4)
# How many statements a list of the hardest or most contested ones has.
MOST = 5
# What a statement without an agreed level is counted as.
NOT_APPLICABLE = Answer.NOT_APPLICABLE.value


@dataclass
class Counts:
    """How many areas of a group are at each level of one ingredient or statement, how many have
    none (not yet rated, or no level agreed), and to how many it does not apply."""

    title: str
    slug: str = ""
    code: str = ""
    # What levels 3 and 4 are called together.
    above: str = "at level 3 or above"
    levels: dict[int, int] = field(default_factory=lambda: dict.fromkeys(LEVELS, 0))
    unrated: int = 0
    not_applicable: int = 0
    contested: int = 0
    not_evidenced: int = 0

    @property
    def total(self) -> int:
        return sum(self.levels.values()) + self.unrated + self.not_applicable

    @property
    def at_least_3(self) -> int:
        return self.levels[3] + self.levels[4]

    @property
    def sentence(self) -> str:
        """The bar in words."""
        found = [f"{self.at_least_3} of {self.total} {self.above}"]
        none = "with no level agreed" if self.code else "not yet rated"
        found += [f"{self.unrated} {none}"] if self.unrated else []
        found += (
            [f"{self.not_applicable} to which it does not apply"] if self.not_applicable else []
        )
        return f"{', '.join(found)}."

    def add(self, level: int | str | None, number: int, *, contested: int, thin: int) -> None:
        if isinstance(level, int):
            self.levels[level] += number
        elif level == NOT_APPLICABLE:
            self.not_applicable += number
        else:
            self.unrated += number
        self.contested += contested
        self.not_evidenced += thin


@dataclass(frozen=True, slots=True)
class Submitted:
    """The newest picture of one area as at a day."""

    area: Area
    picture: int


def submitted_by(areas: QuerySet[Area], framework: Framework, day: date) -> list[Submitted]:
    """The areas among these that have submitted by that day, each once."""
    one = newest(framework, day).values("pk")
    found = areas.annotate(picture=Subquery(one[:1])).filter(picture__isnull=False)
    return [Submitted(area, area.picture) for area in found]


Key = tuple[Any, ...]


def _grouped(rows: QuerySet[Any], *by: str) -> Iterable[tuple[Key, int, bool, bool]]:
    marks = ("is_contested", "is_not_evidenced")
    found = rows.order_by().values_list(*by, *marks).annotate(number=Count("pk"))
    for *key, contested, thin, number in found:
        yield tuple(key), number, contested, thin


def of_ingredients(pictures: Collection[int], framework: Framework) -> list[Counts]:
    """Each ingredient over these pictures, in framework order."""
    found = {row.pk: Counts(row.short_title, row.slug) for row in framework.all_ingredients}
    rows = SubmittedLevel.objects.filter(picture__in=list(pictures))
    for (part, level), number, contested, thin in _grouped(rows, "ingredient", "level"):
        found[part].add(level, number, contested=number * contested, thin=number * thin)
    return list(found.values())


def of_statements(pictures: Collection[int], framework: Framework) -> list[Counts]:
    """Each statement's agreed levels over these pictures, in framework order."""
    found = {row.pk: Counts(row.title, row.slug, row.code) for row in framework.all_statements}
    rows = SubmittedAnswer.objects.filter(picture__in=list(pictures))
    for (part, answer), number, contested, thin in _grouped(rows, "statement", "answer"):
        level = int(answer) if answer in LEVEL_ANSWERS else answer
        found[part].add(level, number, contested=number * contested, thin=number * thin)
    return list(found.values())


def by_region(submitted: Iterable[Submitted], ingredient: Ingredient) -> list[Counts]:
    """One ingredient in each region, A to Z."""
    regions = {row.picture: row.area.region for row in submitted}
    found = {name: Counts(name) for name in sorted(set(regions.values()))}
    rows = SubmittedLevel.objects.filter(picture__in=list(regions), ingredient=ingredient)
    for (picture, level), number, contested, thin in _grouped(rows, "picture", "level"):
        region = found[regions[picture]]
        region.add(level, number, contested=number * contested, thin=number * thin)
    return list(found.values())


def hardest(statements: Sequence[Counts]) -> list[Counts]:
    """The statements most often at level 1, then most often at level 2; else framework order."""
    most = sorted(statements, key=lambda row: (-row.levels[1], -row.levels[2]))
    return [row for row in most if row.levels[1]][:MOST]


def most_contested(statements: Sequence[Counts]) -> list[Counts]:
    return [row for row in sorted(statements, key=lambda row: -row.contested) if row.contested][
        :MOST
    ]


# ---- What an area sees of others -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """Other areas that an area is compared with. `counts` is None where they are too few, or
    where what is left of a larger group that is shown would be."""

    title: str
    counts: list[Counts] | None

    @property
    def number(self) -> int:
        return self.counts[0].total if self.counts else 0


def counted_for_an_area(pictures: Collection[int], framework: Framework) -> list[Counts] | None:
    """Counts of a group of other areas; None for fewer than five, whoever asks."""
    if len(set(pictures)) < SMALLEST_GROUP:
        return None
    return of_ingredients(pictures, framework)


def groups_for(area: Area, submitted: Iterable[Submitted], framework: Framework) -> list[Group]:
    """England and the area's region, without the area itself. Made-up areas are compared with
    made-up ones alone, and real ones with real ones."""
    others = [
        row for row in submitted
        if row.area != area and row.area.is_demonstration == area.is_demonstration
    ]  # fmt: skip
    near = [row.picture for row in others if row.area.region == area.region]
    far = [row.picture for row in others if row.area.region != area.region]
    # Taken from England's counts, those of a region would show a handful of areas elsewhere.
    leaves_enough = not far or len(far) >= SMALLEST_GROUP
    everywhere = "Demonstration" if area.is_demonstration else "England"
    return [
        Group(everywhere, counted_for_an_area(near + far, framework)),
        Group(area.region, counted_for_an_area(near, framework) if leaves_enough else None),
    ]
