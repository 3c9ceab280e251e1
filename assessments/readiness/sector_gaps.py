"""Where families sit beside the agencies: the printed rule sector-gap-1. Values in, results out."""

from collections.abc import Mapping, Sequence
from enum import StrEnum, auto

from assessments.agreement import LEVELS
from assessments.readiness.rules import FAMILY_SECTORS

SECTOR_GAP_RULE_VERSION = "sector-gap-1"


class Sits(StrEnum):
    """Where the partners of one family sector sit beside the agencies."""

    LOWER = auto()
    LEVEL = auto()
    HIGHER = auto()


def sits(own: Sequence[int], agencies: Sequence[int]) -> Sits | None:
    """Where a sector that gave these levels sits beside agencies that gave those, by counting.

    Each level of the sector is laid beside each of the agencies: *lower* when it is lower in more
    than half of these pairs, *higher* when it is higher in more than half, else *level*. None when
    the sector or the agencies gave none. Raises ValueError naming ``level`` outside 1 to 4.
    """
    for level in (*own, *agencies):
        if level not in LEVELS:
            raise ValueError(f"level: {level!r} is not 1 to 4")
    pairs = [(one, other) for one in own for other in agencies]
    if not pairs:
        return None
    if 2 * sum(one < other for one, other in pairs) > len(pairs):
        return Sits.LOWER
    if 2 * sum(one > other for one, other in pairs) > len(pairs):
        return Sits.HIGHER
    return Sits.LEVEL


def sector_gaps(levels: Mapping[str, int | None], sectors: Mapping[str, str]) -> dict[str, Sits]:
    """Where each family sector sits on one statement or ingredient, as far as it can be compared.

    ``levels`` is the level or place of each partner by id, None without one; ``sectors`` the sector
    of each. Agencies are all partners other than parent carers and young people. Raises ValueError
    naming ``sector`` for a partner without one.
    """
    given: dict[str, list[int]] = {}
    for partner, level in levels.items():
        if partner not in sectors:
            raise ValueError(f"sector: {partner!r} has none")
        if level is not None:
            given.setdefault(sectors[partner], []).append(level)
    agencies = [
        level for sector, found in given.items() if sector not in FAMILY_SECTORS for level in found
    ]
    found = {sector: sits(given.get(sector, []), agencies) for sector in FAMILY_SECTORS}
    return {sector: where for sector, where in found.items() if where is not None}
