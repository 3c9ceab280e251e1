"""In how many areas families sit lower than, level with or higher than the agencies: counts only.

Only areas that let DfE see each partner's scores are counted, as of now: an area that stops is out
at once. Nothing is shown of fewer than five areas, and no area is ever named.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Count

from areas.models import Sector
from assessments.models import Assessment, SectorGap
from assessments.readiness import FAMILY_SECTORS, Sits
from assessments.reports.distributions import MOST, SMALLEST_GROUP
from ingredients.models import Framework

# From the left of a bar.
PLACES = {1: Sits.LOWER, 2: Sits.LEVEL, 3: Sits.HIGHER}
# By sector, and ingredient or statement: how many areas it sits where in.
Numbers = dict[tuple[str, int | None, int | None], dict[str, int]]
HEADS = {1: "Lower than the agencies", 2: "Level with them", 3: "Higher than them"}


@dataclass
class Gap:
    """One ingredient or statement: areas by where the sector sits, and those not compared.

    `levels` are these counts in the order of `HEADS`, as a bar draws them. They are zero where
    fewer than five areas can be compared, and then nothing is shown.
    """

    title: str
    slug: str
    code: str = ""
    sector: str = ""
    asked: bool = True
    levels: dict[int, int] = field(default_factory=lambda: dict.fromkeys(HEADS, 0))
    unrated: int = 0

    @property
    def compared(self) -> int:
        return sum(self.levels.values())

    @property
    def is_shown(self) -> bool:
        return self.compared >= SMALLEST_GROUP

    @property
    def sentence(self) -> str:
        """The bar in words."""
        if not self.asked:
            return "Not asked of families."
        if not self.is_shown:
            return f"Not shown: it can be compared in fewer than {SMALLEST_GROUP} areas."
        lower, level, higher = self.levels.values()
        said = f"{self.sector} sit lower in {lower} of {self.compared} areas, level in {level}"
        return f"{said} and higher in {higher}."


@dataclass(frozen=True, slots=True)
class OfSector:
    """One family sector: every ingredient and every statement, in framework order."""

    title: str
    ingredients: list[Gap]
    statements: list[Gap]

    @property
    def lowest(self) -> list[Gap]:
        """The statements on which it most often sits lower; else framework order."""
        most = sorted(self.statements, key=lambda row: -row.levels[1])
        return [row for row in most if row.levels[1]][:MOST]


@dataclass(frozen=True, slots=True)
class SectorGaps:
    """How many areas consented, and what they come to for each family sector."""

    areas: int
    sectors: list[OfSector]


def consenting(pictures: Collection[int]) -> list[int]:
    """Those of these pictures whose area lets DfE see each partner's scores, as of now."""
    found = Assessment.objects.filter(pk__in=pictures, dfe_sees_partners=True)
    return list(found.values_list("pk", flat=True))


def gaps_of(pictures: Collection[int], framework: Framework) -> SectorGaps | None:
    """Each family sector over these pictures, one of an area; None for fewer than five areas that
    consented, whoever asks."""
    kept = consenting(pictures)
    if len(set(kept)) < SMALLEST_GROUP:
        return None
    rows = SectorGap.objects.consented(kept).order_by()
    keys = ("sector", "ingredient", "statement", "sits")
    counted: Numbers = {}
    for sector, ingredient, statement, sits, number in rows.values_list(*keys).annotate(
        number=Count("pk")
    ):
        counted.setdefault((sector, ingredient, statement), {})[sits] = number
    sectors = [_sector(Sector(sector), framework, counted, len(kept)) for sector in FAMILY_SECTORS]
    return SectorGaps(len(kept), sectors)


def _sector(
    sector: Sector,
    framework: Framework,
    counted: Numbers,
    areas: int,
) -> OfSector:
    name = sector.label
    ingredients = [
        _gap(Gap(row.short_title, row.slug, sector=name),
             counted.get((sector.value, row.pk, None), {}), areas)
        for row in framework.all_ingredients
    ]  # fmt: skip
    statements = [
        _gap(Gap(row.title, row.slug, row.code, sector=name, asked=row.families_can_score),
             counted.get((sector.value, None, row.pk), {}), areas)
        for row in framework.all_statements
    ]  # fmt: skip
    return OfSector(name, ingredients, statements)


def _gap(gap: Gap, numbers: dict[str, int], areas: int) -> Gap:
    """With its counts, unless they are of too few areas."""
    if sum(numbers.values()) >= SMALLEST_GROUP:
        gap.levels = {place: numbers.get(sits, 0) for place, sits in PLACES.items()}
        gap.unrated = areas - gap.compared
    return gap
