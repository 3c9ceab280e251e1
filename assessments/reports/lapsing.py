"""Agreed levels of 3 or 4 that rest on evidence which is, or will be, out of date at sign-off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assessments.reports.build import Builder
from assessments.reports.facts import Facts, picture_of
from assessments.reports.statements import day_of
from assessments.reports.words import day, listed

LEAST_LEVEL = 3  # a lower level needs no evidence


@dataclass(frozen=True, slots=True)
class LapsingLine:
    """One statement. `words` says from when its level counts as 2."""

    slug: str
    code: str
    title: str
    level: int
    evidence: str
    is_lapsed: bool
    words: str


@dataclass(frozen=True, slots=True)
class Lapsing:
    """What lapses until `by`. `changes` is what that does to ingredients and band, as sentences."""

    by: date
    lines: tuple[LapsingLine, ...]
    changes: tuple[str, ...]


def lapsing_lines(built: Builder, by: date) -> tuple[LapsingLine, ...]:
    """Statements in framework order. One without any evidence is not here: nothing of it lapses."""
    found = []
    for row in built.framework.all_statements:
        level = built.picture.statements[row.slug].agreed
        items = [item for item in built.facts["evidence"] if row.slug in item["statements"]]
        last = _last_day(items)
        if not isinstance(level, int) or level < LEAST_LEVEL or last is None or last > by:
            continue
        is_lapsed = last <= built.day
        found.append(
            LapsingLine(
                slug=row.slug,
                code=row.code,
                title=row.title,
                level=level,
                evidence=listed(f"‘{item['title']}’" for item in items),
                is_lapsed=is_lapsed,
                words=f"Level {level} counts as 2 {'since' if is_lapsed else 'from'} {day(last)}",
            )
        )
    return tuple(found)


def _last_day(items: list[Facts]) -> date | None:
    """From when none of these is in date; None when there is none, or one that never lapses."""
    days = [day_of(item["review_on"]) for item in items]
    known = [found for found in days if found is not None]
    return max(known) if known and len(known) == len(days) else None


def lapsing(built: Builder, by: date) -> Lapsing | None:
    """Compare the picture on the last day with the one that evidence in date would give; None
    when nothing lapses."""
    lines = lapsing_lines(built, by)
    if not lines:
        return None
    lapsed = {line.slug for line in lines}
    renewed = [
        {**item, "review_on": None} if lapsed & set(item["statements"]) else item
        for item in built.facts["evidence"]
    ]
    at_the_end = {**built.facts, "day": by.isoformat()}
    then = picture_of(at_the_end, built.framework)
    kept = picture_of({**at_the_end, "evidence": renewed}, built.framework)
    changes = [
        f"{built.short_titles[slug]} is at level {then.ingredients[slug].level} "
        f"instead of {kept.ingredients[slug].level}."
        for slug in built.short_titles
        if then.ingredients[slug].level != kept.ingredients[slug].level
    ]
    if then.band != kept.band:
        bands = built.framework.bands
        changes.append(
            f"The band is ‘{bands[then.band]['label']}’ instead of ‘{bands[kept.band]['label']}’."
        )
    return Lapsing(by, lines, tuple(changes))
