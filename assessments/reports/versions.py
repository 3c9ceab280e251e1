"""Which earlier framework versions a version is compared with, and what of them.

A version declares its map as it is loaded and both freeze together, so what is comparable never
changes. Without a map nothing is compared, and pages say so in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assessments.readiness import Comparable, MapKind, MapRow, comparable
from assessments.readiness.versions import SIX
from ingredients.models import Framework, StatementMap, framework_with_content

NOT_COMPARED = {"answer": None, "evidenced": False, "range": None}


@dataclass(frozen=True, slots=True)
class Earlier:
    """A version before, and what a later one shares with it. `comparable` is None where no map
    leads from it to the later version."""

    framework: Framework
    comparable: Comparable | None

    @property
    def compared(self) -> int:
        """How many ingredients are compared with it."""
        return len(self.comparable.ingredients) if self.comparable else 0

    @property
    def is_reworded(self) -> bool:
        """Whether the framework's wording changed in anything that is compared."""
        pairs = self.comparable.statements.values() if self.comparable else ()
        return any(pair.is_reworded for pair in pairs)

    @property
    def words(self) -> str:
        """ "version 1 before, 4 of 6 compared, framework wording changed" """
        said = [f"version {self.framework.version} before"]
        if self.comparable and not self.comparable.is_whole:
            said.append(f"{self.compared} of {SIX} compared")
        return ", ".join([*said, *(["framework wording changed"] if self.is_reworded else [])])

    def ingredient(self, slug: str) -> int | None:
        """The id of the row of the ingredient that this one of the later version is compared with."""
        before = self.comparable and self.comparable.ingredients.get(slug)
        rows = self.framework.all_ingredients
        return next((row.pk for row in rows if row.slug == before), None)


def earlier_versions(framework: Framework) -> list[Earlier]:
    """Every version before this one, the newest first: nothing for a first version. At most two
    queries once each version has been read by this process."""
    if framework.version == 1:
        return []
    rows = Framework.objects.filter(slug=framework.slug, version__lt=framework.version)
    ids = rows.exclude(status=Framework.Status.DRAFT).order_by("-version")
    before = [framework_with_content(pk) for pk in ids.values_list("pk", flat=True)]
    maps = _maps([framework, *before])
    found: list[Earlier] = []
    steps: list[list[MapRow]] = []
    later, is_linked = framework, True
    for row in before:
        # A version without a map, or one that is missing, cuts off all those before it.
        is_linked = is_linked and row.version == later.version - 1 and later.pk in maps
        steps = [maps[later.pk], *steps] if is_linked else []
        found.append(Earlier(row, comparable(steps, _contents(row), _contents(framework))))
        later = row
    return found


def maps_by_fingerprint(framework: Framework) -> dict[str, Comparable]:
    """The earlier versions that a map leads from, as reports name them."""
    return {
        row.framework.fingerprint: row.comparable
        for row in earlier_versions(framework)
        if row.comparable
    }


def through_map(before: dict[str, Any], framework: Framework) -> dict[str, Any] | None:
    """What an earlier report had, as if it had been in this version: by the slugs of this one, and
    only what is comparable. None where no map leads from its version.

    A statement that is not compared has no answer; an ingredient is left out. `not_compared` and
    `reworded` name statements, and `is_whole` says whether every ingredient is compared.
    """
    found = maps_by_fingerprint(framework).get(before["framework"])
    if found is None:
        return None
    pairs = found.statements
    return before | {
        "statements": {
            slug: before["statements"][pairs[slug].before] if slug in pairs else NOT_COMPARED
            for slug in framework.statement_by_slug
        },
        "ingredients": {
            slug: before["ingredients"][same] for slug, same in found.ingredients.items()
        },
        "not_compared": framework.statement_by_slug.keys() - pairs.keys(),
        "reworded": {slug for slug, pair in pairs.items() if pair.is_reworded},
        "is_whole": found.is_whole,
    }


def _maps(frameworks: list[Framework]) -> dict[int, list[MapRow]]:
    """The rows of the maps that these versions declare, by version."""
    maps: dict[int, list[MapRow]] = {}
    for row in StatementMap.objects.filter(framework__in=frameworks).order_by("order"):
        made = MapRow(MapKind(row.kind), row.before or None, row.after or None)
        maps.setdefault(row.framework_id, []).append(made)
    return maps


def _contents(framework: Framework) -> dict[str, list[str]]:
    return {
        part.slug: [row.slug for row in part.statements.all()] for part in framework.all_ingredients
    }
