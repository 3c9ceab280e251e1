"""The printed rule floor-count-1 in its smallest parts: evidence, level, band, confidence."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum, auto

RULE_VERSION = "floor-count-1"

INGREDIENTS = 6
# An ingredient with more missing agreed levels than this is not yet rated.
MAY_MISS = 1
# From this level on, only evidence in date makes an agreed level count.
CLAIM = 3
COUNTS_WITHOUT_EVIDENCE = CLAIM - 1
# The level that the band counts, and how many ingredients Nearly ready asks to be there.
GOOD_LEVEL = 3
NEARLY_READY_FROM = 4
MEDIUM_FROM = 2
LOW_FROM = 6

SECTORS = (
    "local_authority",
    "health",
    "social_care",
    "schools",
    "parent_carers",
    "young_people",
    "early_years",
    "post16",
    "voluntary_sector",
)
FAMILY_SECTORS = ("parent_carers", "young_people")


class Band(StrEnum):
    """How ready an area is; compared by readiness, not by letters."""

    NOT_YET_RATED = auto()
    FOUNDATIONS_FIRST = auto()
    BUILDING = auto()
    NEARLY_READY = auto()
    READY = auto()

    @property
    def rank(self) -> int:
        return list(Band).index(self)

    def __lt__(self, other: str) -> bool:
        return self.rank < Band(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Band(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Band(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Band(other).rank


class Confidence(StrEnum):
    """A word beside the band, from the number of contested statements; it never moves the band."""

    HIGH = auto()
    MEDIUM = auto()
    LOW = auto()


class Mark(StrEnum):
    """What a statement, and so its ingredient, is marked with."""

    CONTESTED = auto()
    NOT_EVIDENCED = auto()


class Reason(StrEnum):
    """Why an ingredient is not yet rated."""

    QUORUM = auto()
    NOTHING_APPLICABLE = auto()
    AGREED_LEVELS = auto()


def check_day(day: object, field: str) -> None:
    """Raise ValueError naming ``field`` unless ``day`` is a date without a time."""
    if not isinstance(day, date) or isinstance(day, datetime):
        raise ValueError(f"{field}: {day!r} is not a day")  # noqa: TRY004 - one kind of refusal


def is_evidenced(review_dates: Iterable[date | None], day: date) -> bool:
    """Whether any evidence linked to one statement is in date on ``day``.

    Evidence without a review date (None) stays in date; on its review day it is
    no longer. Raises ValueError naming ``day`` or ``review_on``. Source: the
    printed rule floor-count-1, Evidence.
    """
    check_day(day, "day")
    dates = list(review_dates)
    for review_on in dates:
        if review_on is not None:
            check_day(review_on, "review_on")
    return any(review_on is None or review_on > day for review_on in dates)


def evidenced_level(agreed: int, *, evidenced: bool) -> int:
    """The level, 1 to 4, at which an agreed level counts. Source: as ``is_evidenced``."""
    return agreed if evidenced else min(agreed, COUNTS_WITHOUT_EVIDENCE)


def two_thirds(n: int) -> int:
    """Two thirds of ``n`` statements, rounded up."""
    return -(-2 * n // 3)


def level_of(levels: Collection[int]) -> int:
    """The highest level, 1 to 4, that two thirds reach and none lies more than one below.

    ``levels`` are those of the levelled statements, as they count, at least one.
    Source: the printed rule floor-count-1, The ingredient's level.
    """
    enough = two_thirds(len(levels))
    lowest = min(levels)
    for level in (4, 3, 2):
        if lowest >= level - 1 and sum(given >= level for given in levels) >= enough:
            return level
    return 1


def rated_level(levels: Collection[int], missing: int) -> int | None:
    """As ``level_of``, or None when no level or more than one ``missing`` leaves it unrated."""
    return level_of(levels) if levels and missing <= MAY_MISS else None


def band_of(levels: Sequence[int | None]) -> Band:
    """The band from the levels of the six ingredients; None is not yet rated.

    Source: the printed rule floor-count-1, The band.
    """
    rated = [level for level in levels if level is not None]
    if len(rated) < len(levels):
        return Band.NOT_YET_RATED
    if min(rated) == 1:
        return Band.FOUNDATIONS_FIRST
    good = sum(level >= GOOD_LEVEL for level in rated)
    if good < NEARLY_READY_FROM:
        return Band.BUILDING
    return Band.READY if good == len(rated) else Band.NEARLY_READY


def confidence_of(contested: int) -> Confidence:
    """The word for a number of contested statements. Source: the printed rule floor-count-1."""
    if contested >= LOW_FROM:
        return Confidence.LOW
    return Confidence.MEDIUM if contested >= MEDIUM_FROM else Confidence.HIGH
