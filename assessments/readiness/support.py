"""Readiness for one chosen support package: answers side by side, no band and no average."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from assessments.agreement import CANNOT_SAY, LEVELS, Answer, check_answer

NO_ANSWER = "none"


@dataclass(frozen=True, slots=True)
class Lowest:
    """The lowest level given on a facet, None without one, and all who gave it, sorted."""

    answer: int | None
    partners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """``counts`` per statement: "1" to "4", "cannot_say", "none"; ``lowest`` per facet."""

    counts: dict[str, dict[str, int]]
    lowest: dict[str, Lowest]


def support(
    statements: Mapping[str, str], answers: Mapping[str, Mapping[str, Answer | None]]
) -> Support:
    """Every partner's answers about one package, 1 to 4 or cannot_say.

    ``statements`` gives the facet of each, ``answers`` is partner id to statement to
    answer; one that is absent counts as none. Raises ValueError naming ``answer`` or
    ``statement``. Source: the printed rule floor-count-1, Readiness for a chosen
    support package.
    """
    for partner, given in answers.items():
        for statement, answer in given.items():
            if statement not in statements:
                raise ValueError(f"statement: {statement!r} of {partner} is not known")
            check_answer(answer, words={CANNOT_SAY}, of=partner)
    return Support(
        counts={statement: _counts(statement, answers) for statement in statements},
        lowest={
            facet: _lowest([s for s, of in statements.items() if of == facet], answers)
            for facet in dict.fromkeys(statements.values())
        },
    )


def _counts(statement: str, answers: Mapping[str, Mapping[str, Answer | None]]) -> dict[str, int]:
    given = Counter(own.get(statement) for own in answers.values())
    return {
        **{str(level): given[level] for level in LEVELS},
        CANNOT_SAY: given[CANNOT_SAY],
        NO_ANSWER: given[None],
    }


def _lowest(facet: list[str], answers: Mapping[str, Mapping[str, Answer | None]]) -> Lowest:
    own_lowest = {}
    for partner, own in answers.items():
        levels = [level for s in facet if isinstance(level := own.get(s), int)]
        if levels:
            own_lowest[partner] = min(levels)
    lowest = min(own_lowest.values(), default=None)
    return Lowest(lowest, tuple(sorted(p for p, level in own_lowest.items() if level == lowest)))
