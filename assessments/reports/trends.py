"""How areas' bands, and the levels of one ingredient, stood at the end of each term: counts only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet, Subquery

from areas.models import Area
from assessments.models import SubmittedLevel, SubmittedPicture
from assessments.readiness import Band
from assessments.reports.comparison import newest_of
from assessments.reports.distributions import Counts
from assessments.reports.versions import Earlier
from ingredients.models import Framework, Ingredient

# The last day of each term, and what the term is called.
TERM_ENDS = ((4, 30, "Spring"), (8, 31, "Summer"), (12, 31, "Autumn"))
# Three terms a year, four years.
MOST_TERMS = 12
# The bands as the levels of a bar, lowest first; what is not yet rated stays apart.
BANDS = {
    Band.FOUNDATIONS_FIRST: 1, Band.BUILDING: 2, Band.NEARLY_READY: 3, Band.READY: 4,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """A term by its last day, or the day as at which areas are compared while it goes on."""

    name: str
    day: date


@dataclass(frozen=True, slots=True)
class History:
    """The newest picture of each area at the end of each term; None where it had none by then."""

    area: Area
    pictures: tuple[int | None, ...]

    @property
    def picture(self) -> int | None:
        """The newest of all."""
        return self.pictures[-1]


@dataclass(frozen=True, slots=True)
class Flow:
    """So many areas went from one band to another, both by their labels."""

    before: str
    after: str
    number: int


def terms(day: date) -> list[Term]:
    """The term in which this day is, and those before it, the oldest first."""
    found = [Term(_name(day), day)]
    for end in _ends_before(day):
        found.append(Term(_name(end), end))
        if len(found) == MOST_TERMS:
            break
    return found[::-1]


def _ends_before(day: date) -> Iterator[date]:
    for year in range(day.year, date.min.year, -1):
        for month, last, _ in reversed(TERM_ENDS):
            if (end := date(year, month, last)) < _start(day):
                yield end


def _start(day: date) -> date:
    """The first day of the term of this day."""
    year, ends = day.year, [date(day.year, month, last) for month, last, _ in TERM_ENDS]
    before = [end for end in ends if end < day]
    return (before[-1] if before else date(year - 1, 12, 31)) + timedelta(days=1)


def term_of(day: date) -> str:
    """Spring, Summer or Autumn."""
    return next(name for month, last, name in TERM_ENDS if day <= date(day.year, month, last))


def _name(day: date) -> str:
    return f"{term_of(day)} {day.year}"


def histories(
    areas: QuerySet[Area], frameworks: Sequence[Framework], asked: Sequence[Term]
) -> list[History]:
    """Each area's newest picture in these versions at each of these terms' ends: one query,
    however many."""
    slots = {
        f"term{place}": Subquery(newest_of(frameworks, term.day).values("pk")[:1])
        for place, term in enumerate(asked)
    }
    return [
        History(area, tuple(getattr(area, slot) for slot in slots))
        for area in areas.annotate(**slots)
    ]


def bands_of(found: Sequence[History]) -> dict[int, str]:
    """The band of every picture among these."""
    rows = SubmittedPicture.objects.filter(pk__in=_pictures(found))
    return dict(rows.values_list("pk", "band"))


def levels_of(
    found: Sequence[History], ingredient: Ingredient, earlier: Sequence[Earlier] = ()
) -> dict[int, int | None]:
    """The level of this ingredient in every picture among these, in an earlier version that of the
    ingredient it is compared with."""
    same = [ingredient.pk, *(row.ingredient(ingredient.slug) for row in earlier)]
    rows = SubmittedLevel.objects.filter(picture__in=_pictures(found), ingredient__in=same)
    return dict(rows.values_list("picture", "level"))


def _pictures(found: Sequence[History]) -> set[int]:
    return {pk for row in found for pk in row.pictures if pk is not None}


def bands_by_term(
    found: Sequence[History], bands: dict[int, str], asked: Sequence[Term]
) -> list[Counts]:
    """Areas in each band at the end of each term, since the first in which one had submitted."""
    levels = {pk: BANDS.get(Band(band)) for pk, band in bands.items()}
    return _by_term(found, levels, asked, above="nearly ready or ready")


def levels_by_term(
    found: Sequence[History], levels: dict[int, int | None], asked: Sequence[Term]
) -> list[Counts]:
    """Areas at each level of an ingredient, likewise."""
    return _by_term(found, levels, asked, above="at level 3 or above")


def _by_term(
    found: Sequence[History], levels: dict[int, int | None], asked: Sequence[Term], *, above: str
) -> list[Counts]:
    counts = [Counts(term.name, above=above) for term in asked]
    for row in found:
        for place, pk in enumerate(row.pictures):
            if pk is not None:
                counts[place].add(levels[pk], 1, contested=0, thin=0)
    first = next((place for place, row in enumerate(counts) if row.total), len(counts))
    return counts[first:]


def flows(found: Sequence[History], bands: dict[int, str], framework: Framework) -> list[Flow]:
    """Areas from band to band between the last term but one and the last, the lowest band first.
    Those without a picture at the end of the former are not in it."""
    moved: Counter[tuple[str, str]] = Counter()
    for row in found:
        if len(row.pictures) > 1 and row.pictures[-1] and row.pictures[-2]:
            moved[bands[row.pictures[-2]], bands[row.pictures[-1]]] += 1
    labels = {slug: band["label"] for slug, band in framework.bands.items()}
    order = sorted(moved, key=lambda pair: (Band(pair[0]).rank, Band(pair[1]).rank))
    return [Flow(labels[a], labels[b], moved[a, b]) for a, b in order]
