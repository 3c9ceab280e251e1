"""What support areas ask for as at a day, by package, region and ingredient: counts of areas.

Requests go to DfE as they are made, so these need no submitted assessment. Beside each count stands
how ready the asking areas are: the band of the newest picture each had submitted by that day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet, Subquery

from areas.models import Area
from assessments.models import SupportRequest
from assessments.models.support import SupportRequestQuerySet
from assessments.readiness import Band
from assessments.reports import words
from assessments.reports.comparison import newest
from assessments.reports.trends import BANDS
from ingredients.models import Framework, SupportPackage

NOTHING = "Nothing submitted"
# Columns of the file, with their meaning. Columns are added at the end and never change.
COLUMNS = {
    "as_at": "The day as at which requests stand",
    "area_code": "Code of the area, as DfE gives it",
    "gss_code": "Code of the area, as the ONS gives it; empty where the area is made up",
    "area": "Name of the area",
    "region": "Region of the area",
    "demonstration": "yes where the area is made up",
    "band": "Readiness band by that day, in words; empty where nothing was submitted",
    "package": "Id of the support package",
    "package_title": "Title of the support package",
    "term": "short, long or self-serve",
    "ingredients": "Ids of the ingredients that the package helps",
    "asked_on": "The day on which the area asked",
    "why": "Why the area asks, in its words",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """One area as at the day, with the requests that stood then. `picture` and `band` are of its
    newest submitted assessment, None and blank where it has none; `band_label` says so in words."""

    area: Area
    picture: int | None
    band: str
    band_label: str
    requests: list[SupportRequest]


@dataclass
class Demand:
    """How many areas of a group ask, by their band. `levels` are the bands from the lowest, as a
    bar draws them; those without a band are `not_yet_rated`, or have submitted `nothing`."""

    title: str
    slug: str = ""
    url: str = ""
    levels: dict[int, int] = field(default_factory=lambda: dict.fromkeys(BANDS.values(), 0))
    not_yet_rated: int = 0
    nothing: int = 0

    @property
    def unrated(self) -> int:
        return self.not_yet_rated + self.nothing

    @property
    def total(self) -> int:
        return sum(self.levels.values()) + self.unrated

    @property
    def sentence(self) -> str:
        """ "3 areas ask. Nearly ready or ready: 1." """
        if not self.total:
            return "No area asks."
        asks = "asks" if self.total == 1 else "ask"
        ready = self.levels[3] + self.levels[4]
        return (
            f"{words.count(self.total, 'area')} {asks}. Nearly ready or ready: {ready or 'none'}."
        )

    def add(self, band: str) -> None:
        if not band:
            self.nothing += 1
        elif band == Band.NOT_YET_RATED:
            self.not_yet_rated += 1
        else:
            self.levels[BANDS[Band(band)]] += 1


def asking(
    areas: QuerySet[Area], requests: SupportRequestQuerySet, framework: Framework, day: date
) -> list[Asking]:
    """Every one of these areas with its requests as at this day: three queries, whatever there is."""
    found: dict[int, list[SupportRequest]] = {}
    for row in requests.standing_on(day).prefetch_related("package"):
        found.setdefault(row.area_id, []).append(row)
    one = newest(framework, day)
    rows = areas.annotate(
        picture=Subquery(one.values("pk")[:1]), band=Subquery(one.values("band")[:1])
    )
    labels = {slug: band["label"] for slug, band in framework.bands.items()}
    return [
        Asking(
            row, row.picture, row.band or "", labels.get(row.band, NOTHING), found.get(row.pk, [])
        )
        for row in rows
    ]


def by_package(found: Iterable[Asking]) -> list[Demand]:
    """The packages that any area asks for, those that most areas ask for first, then as in the
    menu. An area asks for a package once at most."""
    kept: dict[int, tuple[SupportPackage, Demand]] = {}
    for row in found:
        for request in row.requests:
            package = request.package
            if package.pk not in kept:
                made = Demand(package.title, package.slug, package.get_absolute_url())
                kept[package.pk] = package, made
            kept[package.pk][1].add(row.band)
    order = sorted(kept.values(), key=lambda pair: (-pair[1].total, pair[0].order, pair[0].pk))
    return [demand for _, demand in order]


def by_ingredient(found: Sequence[Asking], framework: Framework) -> list[Demand]:
    """Areas that ask for at least one package that helps each ingredient, in framework order."""
    rows = {part.slug: Demand(part.short_title, part.slug) for part in framework.all_ingredients}
    for row in found:
        helped = {slug for request in row.requests for slug in request.package.ingredients}
        for slug in helped & rows.keys():
            rows[slug].add(row.band)
    return list(rows.values())


def by_region(found: Iterable[Asking]) -> list[Demand]:
    """Areas that ask for anything in each region in which one does, A to Z."""
    rows: dict[str, Demand] = {}
    for row in found:
        if row.requests:
            rows.setdefault(row.area.region, Demand(row.area.region)).add(row.band)
    return [rows[name] for name in sorted(rows)]


def not_asked_for(demand: Iterable[Demand]) -> list[SupportPackage]:
    """What of the menu nobody asks for. An archived package is no longer offered."""
    rows = SupportPackage.objects.exclude(slug__in=[row.slug for row in demand])
    return list(rows.exclude(standing=SupportPackage.Standing.ARCHIVED))


def file_rows(found: Iterable[Asking], day: date) -> Iterator[list[str]]:
    """A row of the file for each request: by area A to Z, then in the order in which it asked."""
    for row in found:
        area = row.area
        label = row.band_label if row.band else ""
        made_up = "yes" if area.is_demonstration else ""
        about = [day.isoformat(), area.dfe_code, area.gss_code, area.name, area.region, made_up]
        for request in row.requests:
            package = request.package
            yield [
                *about, label, package.slug, package.title, package.term,
                " ".join(package.ingredients), f"{request.asked_on:%Y-%m-%d}", request.why,
            ]  # fmt: skip
