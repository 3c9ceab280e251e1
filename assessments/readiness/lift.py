"""The smallest lift: the fewest steps after which the band is higher."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from assessments.readiness.rules import (
    CLAIM,
    GOOD_LEVEL,
    INGREDIENTS,
    NEARLY_READY_FROM,
    Band,
    band_of,
    evidenced_level,
    level_of,
    two_thirds,
)


@dataclass(frozen=True, slots=True)
class Levelled:
    """A statement with an agreed level, and whether evidence linked to it is in date."""

    statement: str
    agreed: int
    has_evidence: bool

    @property
    def counts_as(self) -> int:
        return evidenced_level(self.agreed, evidenced=self.has_evidence)

    def steps_to(self, level: int) -> int:
        """The fewest steps after which it counts as ``level`` or more."""
        return max(level - self.agreed, 0) + self.lacks_evidence_for(level)

    def lacks_evidence_for(self, level: int) -> bool:
        return level >= CLAIM and not self.has_evidence


@dataclass(frozen=True, slots=True)
class LiftChange:
    """One statement in a lift: agreed level before and after, equal when only evidence is added."""

    statement: str
    from_level: int
    to_level: int
    add_evidence: bool
    steps: int


@dataclass(frozen=True, slots=True)
class Lift:
    """The smallest lift; ``changes`` are in framework order."""

    steps: int
    changes: tuple[LiftChange, ...]
    band_after: Band


@dataclass(frozen=True, slots=True)
class _Climb:
    """The cheapest way of one ingredient to a level, the first among equals."""

    ingredient: int
    changes: tuple[LiftChange, ...]
    level_after: int

    @property
    def steps(self) -> int:
        return sum(change.steps for change in self.changes)


# What lifts a band: the level that ingredients must reach, and how many of them.
GOALS = {
    Band.FOUNDATIONS_FIRST: (2, INGREDIENTS),
    Band.BUILDING: (GOOD_LEVEL, NEARLY_READY_FROM),
    Band.NEARLY_READY: (GOOD_LEVEL, INGREDIENTS),
}


def smallest_lift(
    ingredients: Sequence[Sequence[Levelled]], levels: Sequence[int | None]
) -> Lift | None:
    """The fewest steps to a higher band, or None when Not yet rated or Ready.

    ``ingredients`` holds the levelled statements of each in framework order,
    ``levels`` the levels of the ingredients. A step raises one agreed level by one
    or adds evidence where none is in date. Among equals, the one whose statements,
    once per step and in framework order, come first. Source: the printed rule
    floor-count-1, Smallest lift.
    """
    band = band_of(levels)
    if band not in GOALS:
        return None
    goal, wanted = GOALS[band]
    after = [level for level in levels if level is not None]
    climbs = [
        _cheapest(number, statements, goal)
        for number, (statements, level) in enumerate(zip(ingredients, after, strict=True))
        if level < goal
    ]
    missing = wanted - (len(after) - len(climbs))
    # Ingredients share no statements: each climbs its own cheapest way, and only which of
    # them climb is left to choose. The choices come in framework order and min keeps the
    # first of equals, which is the one that the tie rule wants.
    best = min(combinations(climbs, missing), key=_steps)
    for climb in best:
        after[climb.ingredient] = climb.level_after
    changes = tuple(change for climb in best for change in climb.changes)
    return Lift(_steps(best), changes, band_of(after))


def _steps(climbs: Sequence[_Climb]) -> int:
    return sum(climb.steps for climb in climbs)


def _cheapest(number: int, statements: Sequence[Levelled], goal: int) -> _Climb:
    floor = goal - 1
    reached = sum(statement.counts_as >= goal for statement in statements)
    short = two_thirds(len(statements)) - reached
    # All must reach the floor. Beyond it each statement has its own price, whatever the
    # others do, so the lowest prices, and the first among equal ones, are the best choice.
    prices = sorted(
        (statement.steps_to(goal) - statement.steps_to(floor), place)
        for place, statement in enumerate(statements)
        if statement.counts_as < goal
    )
    to_goal = {place for _, place in prices[: max(short, 0)]}
    changes = [
        _change(statement, goal if place in to_goal else floor)
        for place, statement in enumerate(statements)
    ]
    after = [
        evidenced_level(change.to_level, evidenced=statement.has_evidence or change.add_evidence)
        for statement, change in zip(statements, changes, strict=True)
    ]
    return _Climb(number, tuple(change for change in changes if change.steps), level_of(after))


def _change(statement: Levelled, level: int) -> LiftChange:
    return LiftChange(
        statement.statement,
        statement.agreed,
        max(statement.agreed, level),
        statement.lacks_evidence_for(level),
        statement.steps_to(level),
    )
