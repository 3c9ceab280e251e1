"""How far partners agree on one statement, and the words that say so.

Values in, results out: no database, no Django. The numbers are those of the
printed rule floor-count-1.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

LEVELS = (1, 2, 3, 4)
CANNOT_SAY = "cannot_say"
NOT_APPLICABLE = "not_applicable"
NOT_AGREED = "not_agreed"

Answer: TypeAlias = int | str

PARTNER_WORDS = frozenset({CANNOT_SAY, NOT_APPLICABLE})
AGREED_WORDS = PARTNER_WORDS | {NOT_AGREED}

OUT_ON_ITS_OWN_FROM = 2


class Spread(StrEnum):
    """How far apart the levels of one statement lie."""

    SAME = auto()
    CLOSE = auto()
    APART = auto()
    FAR_APART = auto()
    TOO_FEW = auto()


SPREADS = (Spread.SAME, Spread.CLOSE, Spread.APART, Spread.FAR_APART)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The levels that partners gave to one statement, compared.

    ``levels`` holds only partners that gave a level, in partner order. With
    fewer than two there is no ``range`` (0 to 3) and no ``average_deviation``
    from the median. ``out_on_its_own`` is sorted.
    """

    levels: Mapping[str, int]
    n: int
    range: int | None
    spread: Spread
    average_deviation: Fraction | None
    out_on_its_own: tuple[str, ...]
    prefill: int | None

    @property
    def lowest(self) -> int | None:
        return min(self.levels.values(), default=None)

    @property
    def highest(self) -> int | None:
        return max(self.levels.values(), default=None)


def check_answer(answer: object, *, words: Collection[str], of: str) -> None:
    """Accept blank, a level from 1 to 4 or one of ``words``; ``of`` says whose answer it is.

    Raises ValueError naming ``answer``. True is not level 1.
    """
    if answer is None or (isinstance(answer, str) and answer in words):
        return
    if isinstance(answer, int) and not isinstance(answer, bool) and answer in LEVELS:
        return
    raise ValueError(f"answer: {answer!r} of {of} is neither a level nor one of {sorted(words)}")


def compare(answers: Mapping[str, Answer | None]) -> Agreement:
    """Compare the answers of submitted returns to one statement: partner id to answer.

    Only levels are compared; blank, cannot_say and not_applicable are left out.
    Raises ValueError naming ``answer``. Source: the printed rule floor-count-1,
    Agreement on a statement.
    """
    for partner, answer in answers.items():
        check_answer(answer, words=PARTNER_WORDS, of=partner)
    return compare_levels({p: answer for p, answer in answers.items() if isinstance(answer, int)})


def compare_levels(levels: Mapping[str, int]) -> Agreement:
    """As ``compare``, for levels that are known to be valid: partner id to level."""
    return _compared(tuple(levels.items()))


# Scores stand still after the reveal, and every look at an agenda compares them again.
@lru_cache(maxsize=4096)
def _compared(given: tuple[tuple[str, int], ...]) -> Agreement:
    levels = MappingProxyType(dict(given))
    n = len(levels)
    if n < 2:
        return Agreement(levels, n, None, Spread.TOO_FEW, None, (), None)
    ordered = sorted(levels.values())
    span = ordered[-1] - ordered[0]
    if span == 0:
        return Agreement(levels, n, 0, Spread.SAME, Fraction(0), (), ordered[0])
    middle = twice_the_median(ordered)
    deviation = Fraction(sum(abs(2 * level - middle) for level in ordered), 2 * n)
    alone = sorted(
        partner
        for partner, level in levels.items()
        if abs(2 * level - middle) >= 2 * OUT_ON_ITS_OWN_FROM
    )
    return Agreement(levels, n, span, SPREADS[span], deviation, tuple(alone), None)


def twice_the_median(ordered: list[int]) -> int:
    """Twice the median of a sorted list, which is always a whole number."""
    half = len(ordered) // 2
    return ordered[half] + ordered[-half - 1]


def agenda(agreements: Mapping[str, Agreement]) -> list[str]:
    """Statement ids in the order to talk about them; ``agreements`` is in framework order.

    Widest range first, then the largest average deviation, then framework order;
    statements with too few scores last. Source: the printed rule floor-count-1,
    Agreement on a statement.
    """
    # A reversed sort keeps equals in their order.
    return sorted(agreements, key=lambda statement: _urgency(agreements[statement]), reverse=True)


def _urgency(agreement: Agreement) -> tuple[int, Fraction | int]:
    if agreement.range is None or agreement.average_deviation is None:
        return (-1, 0)
    return (agreement.range, agreement.average_deviation)


def rationale_required(agreement: Agreement, agreed: Answer | None) -> bool:
    """Whether this agreed score needs a rationale: always, unless all gave that very level.

    A blank needs none. Raises ValueError naming ``answer``. Source: the printed
    rule floor-count-1, The agreed score.
    """
    check_answer(agreed, words=AGREED_WORDS, of="the partnership")
    return agreed is not None and agreed != agreement.prefill


def outside_reason_required(agreement: Agreement, agreed: Answer | None) -> bool:
    """Whether the agreed level lies outside what partners gave, and so needs a reason of its own.

    Nothing is outside where nobody gave a level. Raises ValueError naming
    ``answer``. Source: the printed rule floor-count-1, The agreed score.
    """
    check_answer(agreed, words=AGREED_WORDS, of="the partnership")
    lowest, highest = agreement.lowest, agreement.highest
    if not isinstance(agreed, int) or lowest is None or highest is None:
        return False
    return not lowest <= agreed <= highest


NUMBER_WORDS = {2: "two", 3: "three"}


def sentence(
    answers: Mapping[str, Answer | None],
    names: Mapping[str, str],
    *,
    not_placed: Collection[str] = (),
) -> str:
    """The words beside a dot strip: what partners gave, then who gave no level and why.

    ``answers`` holds the partners that were asked, ``names`` their short names.
    For the six ingredients the answers are places, and ``not_placed`` lists the
    partners that have none; they must not have a level. Raises ValueError naming
    ``answer``, ``names`` or ``not_placed``.

    "4 of 6 partners within one level; health two below" is said only when the
    partners that are not out on their own all lie within one level of each other.
    "Two below" counts from the median; from the nearer level if it lies between two.
    """
    agreement = compare(answers)
    if unnamed := sorted({*answers, *not_placed} - set(names)):
        raise ValueError(f"names: none for {unnamed}")
    if placed := sorted(set(agreement.levels) & set(not_placed)):
        raise ValueError(f"not_placed: {placed} have a level")
    parts = [_levels_in_words(agreement, names)]
    for given, words in (
        (CANNOT_SAY, "cannot say"),
        (NOT_APPLICABLE, None),
        (None, "did not answer"),
    ):
        who = [names[p] for p, answer in answers.items() if answer == given and p not in not_placed]
        if who:
            parts.append(f"{joined(who)} {words or _says_it_does_not_apply(who)}")
    if nowhere := [name for partner, name in names.items() if partner in not_placed]:
        parts.append(f"{joined(nowhere)} not placed")
    return " ".join(f"{_start(part)}." for part in parts)


def joined(words: Iterable[str]) -> str:
    """A list as it stands inside a sentence: "council, health and schools"."""
    *first, last = [_inside(word) for word in words]
    return f"{', '.join(first)} and {last}" if first else last


def _inside(name: str) -> str:
    # "NHS trust" stays as it is.
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _start(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _says_it_does_not_apply(who: list[str]) -> str:
    last_word = who[0].rstrip(" 0123456789").rpartition(" ")[2].lower()
    several = len(who) > 1 or last_word == "people" or last_word.endswith("s")
    return f"{'say' if several else 'says'} it does not apply"


def _levels_in_words(agreement: Agreement, names: Mapping[str, str]) -> str:
    if agreement.range is None:
        return f"{'only one' if agreement.n else 'no'} partner gave a level"
    everyone = "both partners" if agreement.n == 2 else f"all {agreement.n} partners"
    if agreement.range == 0:
        return f"{everyone} chose level {agreement.lowest}"
    if agreement.range == 1:
        return f"{everyone} within one level: {', '.join(_counts(agreement))}"
    together = [level for p, level in agreement.levels.items() if p not in agreement.out_on_its_own]
    if agreement.out_on_its_own and max(together) - min(together) <= 1:
        return (
            f"{len(together)} of {agreement.n} partners within one level; "
            f"{_distances(agreement, names)}"
        )
    return f"spread over {agreement.range + 1} levels: {joined(_counts(agreement, gaps=True))}"


def _counts(agreement: Agreement, *, gaps: bool = False) -> list[str]:
    given = list(agreement.levels.values())
    chosen = sorted(set(given))
    counts = [f"{given.count(level)} chose {level}" for level in chosen]
    missing = [str(level) for level in range(chosen[0], chosen[-1]) if level not in chosen]
    if gaps and missing:
        # Without a level that nobody chose, "over 3 levels" would not match the list.
        lower = sum(level < int(missing[0]) for level in chosen)
        counts.insert(lower, f"none chose {' or '.join(missing)}")
    return counts


def _distances(agreement: Agreement, names: Mapping[str, str]) -> str:
    """Who is how far from the median; all lie on one side, as four levels leave no room for two."""
    middle = twice_the_median(sorted(agreement.levels.values()))
    alone = set(agreement.out_on_its_own)
    offsets = {p: 2 * level - middle for p, level in agreement.levels.items() if p in alone}
    side = "above" if max(offsets.values()) > 0 else "below"
    parts = []
    for distance, word in NUMBER_WORDS.items():
        who = [names[p] for p, offset in offsets.items() if abs(offset) // 2 == distance]
        if who:
            parts.append(f"{joined(who)} {word} {side}")
    return ", ".join(parts)
