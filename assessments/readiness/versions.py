"""What of two framework versions is comparable, through the maps declared between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assessments.readiness.change import COMPARED, MapKind, MapRow


@dataclass(frozen=True, slots=True)
class Pair:
    """A statement of the later version is compared with this one of the earlier. `is_reworded`
    when its wording or its id changed on the way: a comparison says so."""

    before: str
    is_reworded: bool


@dataclass(frozen=True, slots=True)
class Comparable:
    """By id in the later version: the statement, and the ingredient, it is compared with in the
    earlier one. What is not in here is not compared."""

    statements: dict[str, Pair]
    ingredients: dict[str, str]

    @property
    def is_whole(self) -> bool:
        """Whether whatever is worked out of all ingredients can be compared, such as the band."""
        return len(self.ingredients) == SIX


SIX = 6
# Ingredient id to the ids of its statements.
Contents = Mapping[str, Sequence[str]]


def comparable(
    maps: Sequence[Iterable[MapRow]], before: Contents, after: Contents
) -> Comparable | None:
    """What of version ``after`` is compared with what of ``before``, by the maps of every version
    from the one after ``before`` on, in order; None without a map, as then nothing is comparable.

    Statements: those that are the same, reworded or renamed in each step. Ingredients: those whose
    statements are, one by one, all statements of one ingredient before; a level is never compared
    over other statements than it was worked out of. Source: the printed rule floor-count-1,
    Change between two assessments.
    """
    if not maps:
        return None
    found: dict[str, Pair] | None = None
    for rows in maps:
        step = _pairs(rows)
        found = step if found is None else _through(found, step)
    statements = found or {}
    return Comparable(statements, _ingredients(statements, before, after))


def _pairs(rows: Iterable[MapRow]) -> dict[str, Pair]:
    return {
        row.after: Pair(row.before, row.kind != MapKind.SAME)
        for row in rows
        if row.kind in COMPARED and row.before is not None and row.after is not None
    }


def _through(first: Mapping[str, Pair], then: Mapping[str, Pair]) -> dict[str, Pair]:
    """Both steps at once: what is not comparable in one of them is not in the whole."""
    return {
        after: Pair(first[pair.before].before, first[pair.before].is_reworded or pair.is_reworded)
        for after, pair in then.items()
        if pair.before in first
    }


def _ingredients(
    statements: Mapping[str, Pair], before: Contents, after: Contents
) -> dict[str, str]:
    whole = {frozenset(slugs): ingredient for ingredient, slugs in before.items()}
    found = {}
    for ingredient, slugs in after.items():
        if all(slug in statements for slug in slugs):
            same = whole.get(frozenset(statements[slug].before for slug in slugs))
            if same is not None:
                found[ingredient] = same
    return found
