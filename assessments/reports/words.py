"""How figures are said. Every function here takes results of the rules and returns English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.utils.dateformat import format as format_date

from areas.models import Sector
from assessments.agreement import Answer
from assessments.readiness import (
    Band,
    Coverage,
    Direction,
    EvidenceCoverage,
    IngredientPicture,
    Picture,
    Reason,
    direction,
)

ALL_INGREDIENTS = 6
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ANSWERS = {
    "cannot_say": "Cannot say",
    "not_applicable": "Does not apply",
    "not_agreed": "Not agreed",
    None: "Not decided",
}


@lru_cache(maxsize=1024)
def day(value: date) -> str:
    return format_date(value, "j F Y")


def days_late(deadline: date, today: date) -> str:
    """`1 day late`; nothing until the day is over."""
    return f"{count((today - deadline).days, 'day')} late" if today > deadline else ""


def days_left(deadline: date, today: date) -> str:
    """How far off a day is that has not passed: `today`, `tomorrow`, `in 3 days`."""
    left = (deadline - today).days
    return {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")


def number(count: int) -> str:
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else str(count)


def count(amount: int, noun: str) -> str:
    """`1 statement`, `3 statements`."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"


def listed(words: Iterable[str]) -> str:
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def inside(name: str) -> str:
    """A name as it stands inside a sentence: `agency co-production`, but `SEND in every service`."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def answer(value: Answer | None) -> str:
    return f"Level {value}" if isinstance(value, int) else ANSWERS[value]


def band_sentence(band: Band, area: str, limiting: list[str]) -> str:
    """The one sentence to read first. Limiting ingredients are named when they are few."""
    who = listed(inside(name) for name in limiting)
    if len(limiting) == ALL_INGREDIENTS and band == Band.NOT_YET_RATED:
        return f"{area} is not yet rated: none of the six ingredients can be rated yet."
    if len(limiting) == ALL_INGREDIENTS:
        who = "all six ingredients"
    elif len(limiting) > 3:
        who = f"{number(len(limiting))} of the six ingredients"
    return {
        Band.NOT_YET_RATED: f"{area} is not yet rated: {who} cannot be rated yet.",
        Band.FOUNDATIONS_FIRST: f"{area} needs foundations first: start with {who}.",
        Band.BUILDING: f"{area} is building: {who} hold{'s' if len(limiting) == 1 else ''} it back.",
        Band.NEARLY_READY: f"{area} is nearly ready for change: {who} come{'s' if len(limiting) == 1 else ''} next.",
        Band.READY: f"{area} is ready for change: every ingredient is in routine use.",
    }[band]


def limits(picture: Picture, names: dict[str, str]) -> str:
    """Which ingredients limit the band, and at what level; nothing where no band is higher."""
    if picture.band == Band.READY:
        return ""
    limiting = [inside(names[slug]) for slug in picture.limiting]
    level = picture.ingredients[picture.limiting[0]].level
    if level is None and len(limiting) == len(picture.ingredients):
        return "None of the six ingredients is rated yet."
    if level is None:
        verb = "is" if len(limiting) == 1 else "are"
        return sentence_case(f"{listed(limiting)} {verb} not yet rated.")
    if len(limiting) == 1:
        return sentence_case(f"{limiting[0]} is at level {level} and limits the band.")
    if len(limiting) == len(picture.ingredients):
        return f"All six ingredients are at level {level}."
    return sentence_case(
        f"{number(len(limiting))} ingredients are at level {level} and limit the band: {listed(limiting)}."
    )


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def why_not_rated(ingredient: IngredientPicture, titles: dict[str, str]) -> tuple[str, ...]:
    """Each reason for which an ingredient is not yet rated, as a sentence."""
    said = []
    if Reason.QUORUM in ingredient.reasons:
        sectors = listed(Sector(sector).label.lower() for sector in ingredient.sectors_missing)
        said.append(f"No level yet from {sectors}, and no reason recorded.")
    if Reason.NOTHING_APPLICABLE in ingredient.reasons:
        said.append("Partners agreed that no statement in it applies.")
    if Reason.AGREED_LEVELS in ingredient.reasons:
        missing = [inside(titles[slug]) for slug in ingredient.statements_missing]
        named = f": {listed(missing)}" if len(missing) <= 3 else ""
        verb = "has" if len(missing) == 1 else "have"
        said.append(f"{count(len(missing), 'statement')} {verb} no agreed level{named}.")
    return tuple(said)


def coverage(found: Coverage) -> str:
    return f"{found.levelled} of {found.applicable}"


def coverage_rest(found: Coverage) -> str:
    """What the statements without an agreed level are, counted by kind."""
    kinds = [
        (found.cannot_say, "cannot say"),
        (found.not_agreed, "not agreed"),
        (found.blank, "not decided"),
        (found.not_applicable, "not counted because it does not apply"),
    ]
    rest = ", ".join(f"{amount} {words}" for amount, words in kinds if amount)
    return rest or "every statement has an agreed level"


def evidence_coverage(found: EvidenceCoverage) -> str:
    if not found.claimed:
        return "no level of 3 or 4 was agreed"
    return "levels of 3 or 4 have evidence in date"


def contested(amount: int) -> str:
    verb = "has" if amount == 1 else "have"
    if amount == 0:
        return "no statement has dissent on record or was left not agreed"
    return f"{count(amount, 'statement')} {verb} dissent on record or {'was' if amount == 1 else 'were'} not agreed"


def moved(before: Answer | None, after: Answer | None) -> str:
    """How an agreed level changed: `Up from 2 to 3.`, `Still at 2.`, or why it is not compared."""
    if before is None and after is None:
        return "Not rated either time."
    way = direction(before, after)
    if way is None:
        return f"Was {_plain(before)}, now {_plain(after)}."
    if way == Direction.SAME:
        return f"Still at {after}."
    return f"{'Up' if way == Direction.UP else 'Down'} from {before} to {after}."


def views(closer: int, further: int, as_before: int) -> str:
    """On how many statements partners' levels lie closer together than last time."""
    return (
        f"Partners’ views came closer on {closer}, moved further apart on {further} and are as "
        f"before on {as_before}."
    )


def _plain(value: Answer | None) -> str:
    return (
        f"level {value}"
        if isinstance(value, int)
        else ANSWERS[value].lower().replace("not decided", "not rated")
    )


def in_date(review_on: date | None, today: date) -> str:
    if review_on is None:
        return "In date, no review date"
    return (
        f"In date until {day(review_on)}"
        if review_on > today
        else f"Out of date since {day(review_on)}"
    )


DECISIONS = {
    "agree": "Agrees",
    "reservation": "Agrees, with a reservation",
    "disagree": "Does not agree",
}
