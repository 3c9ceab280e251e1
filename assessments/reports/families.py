"""The summary for families: what a report says, in the framework's plain words.

It is made from the contents without any partner's levels, so none can be in it. It also leaves
out every text that somebody wrote, every name of a person, and all evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.template.loader import render_to_string

from areas.models import Sector
from assessments.models import Assessment
from assessments.readiness import Band
from assessments.reports.build import contents_of
from assessments.reports.contents import (
    IngredientReport,
    PartnerLine,
    ReportContents,
    StatementReport,
)
from assessments.reports.words import ANSWERS
from ingredients.models import Framework
from send_portal.pdf import render_pdf

STYLESHEET = "summary.css"
# From GOES_WELL on, everyone does it as normal work.
STARTED_LEVEL, GOES_WELL = 2, 3
# Who a partner speaks for, to somebody who has never heard of a partnership.
WHO = {
    Sector.LOCAL_AUTHORITY: "the council",
    Sector.HEALTH: "health services",
    Sector.SOCIAL_CARE: "people who help families at home",
    Sector.SCHOOLS: "schools",
    Sector.PARENT_CARERS: "parents and carers",
    Sector.YOUNG_PEOPLE: "young people",
    Sector.EARLY_YEARS: "nurseries",
    Sector.POST16: "colleges",
    Sector.VOLUNTARY_SECTOR: "charities",
}
# Where a statement that does not go well yet stands.
STARTED = "Not yet. We have made a start."
NOT_STARTED = "Not yet. We have not started this together."
NO_PROOF = "Not yet. We say that we do this. Now we must show it."
WITHOUT_LEVEL = {
    ANSWERS["cannot_say"]: "Not yet. We do not know enough to say.",
    ANSWERS["not_agreed"]: "Not yet. We do not all agree about this.",
    ANSWERS[None]: "Not yet. We still have to talk about this.",
}


@dataclass(frozen=True, slots=True)
class PlainPart:
    """One ingredient. `level` is 1 to 4, or None where it could not be worked out."""

    title: str
    about: str
    level: int | None
    words: str
    change: str


@dataclass(frozen=True, slots=True)
class PlainLine:
    """One statement as a promise, and how far it is kept."""

    text: str
    words: str


@dataclass(frozen=True, slots=True)
class FamilySummary:
    """Everything that the page and the PDF say. `more_well` and `more_not_yet` count what is not
    listed; `corrected_on` is None unless this takes the place of an earlier version."""

    area: str
    is_demonstration: bool
    is_draft: bool
    title: str
    day: date
    corrected_on: date | None
    compared_with: date | None
    message: str
    steps: tuple[tuple[int, str], ...]
    who: tuple[str, ...]
    answered: tuple[int, int]
    parts: tuple[PlainPart, ...]
    well: tuple[PlainLine, ...]
    more_well: int
    not_yet: tuple[PlainLine, ...]
    more_not_yet: int
    start_with: tuple[str, ...]
    forums: tuple[str, ...]


def family_summary(assessment: Assessment) -> FamilySummary:
    """The summary of an assessment as it stands: frozen once submitted, else a draft of now."""
    report = contents_of(assessment, shows_partners=False)
    return plain(report, assessment.content)


def plain(report: ReportContents, framework: Framework) -> FamilySummary:
    """What a report says, for families. `framework` is the one that the report pins."""
    titles = {row.slug: row.plain_title for row in framework.all_ingredients}
    texts = {row.slug: row.plain for row in framework.all_statements}
    asked = [s for s in report.statements if s.agreed_words != ANSWERS["not_applicable"]]
    well = [s for s in asked if (s.counts_as or 0) >= GOES_WELL]
    strongest, weakest = _strongest(report), _weakest(report)
    return FamilySummary(
        area=report.area,
        is_demonstration=report.is_demonstration,
        is_draft=report.is_draft,
        title=report.title,
        day=report.day,
        corrected_on=report.submitted_on if report.correction else None,
        compared_with=report.baseline.submitted_on
        if report.baseline and any(row.change for row in report.ingredients)
        else None,
        message=framework.bands[report.band]["plain"],
        steps=tuple((value, level["plain"]) for value, level in framework.levels.items()),
        who=_who(report.partners),
        answered=(sum(bool(p.submitted_on) for p in report.partners), len(report.partners)),
        parts=tuple(_part(row, report, framework) for row in report.ingredients),
        well=tuple(PlainLine(texts[s.slug], _well(s)) for s in strongest),
        more_well=len(well) - len(strongest),
        not_yet=tuple(PlainLine(texts[s.slug], _not_yet(s)) for s in weakest),
        more_not_yet=len(asked) - len(well) - len(weakest),
        start_with=tuple(titles[row.slug] for row in report.ingredients if row.is_limiting),
        forums=tuple(p.name for p in report.partners if _sector(p) == Sector.PARENT_CARERS),
    )


def _strongest(report: ReportContents) -> list[StatementReport]:
    """Of each ingredient the statement that counts highest, if it goes well."""
    found = (
        max(row.statements, key=lambda s: (s.counts_as or 0, s.level or 0), default=None)
        for row in report.ingredients
    )
    return [s for s in found if s and (s.counts_as or 0) >= GOES_WELL]


def _weakest(report: ReportContents) -> list[StatementReport]:
    """Of each ingredient the statement that counts lowest, if it does not go well; one without a
    level stands beside those that have been started."""
    found = []
    for row in report.ingredients:
        asked = [s for s in row.statements if s.agreed_words != ANSWERS["not_applicable"]]
        lowest = min(asked, key=lambda s: s.counts_as or STARTED_LEVEL, default=None)
        found += [lowest] if lowest and (lowest.counts_as or 0) < GOES_WELL else []
    return found


def _part(row: IngredientReport, report: ReportContents, framework: Framework) -> PlainPart:
    found = next(part for part in framework.all_ingredients if part.slug == row.slug)
    unknown = framework.bands[Band.NOT_YET_RATED]["plain"]
    return PlainPart(
        title=found.plain_title,
        about=found.plain_summary,
        level=row.level,
        words=framework.levels[row.level]["plain"] if row.level else unknown,
        change=_change(row) if report.baseline else "",
    )


def _change(row: IngredientReport) -> str:
    if not row.before or not row.level:
        return ""
    if row.level == row.before:
        return "This is the same as last time."
    return f"Last time it was step {row.before}."


def _who(partners: tuple[PartnerLine, ...]) -> tuple[str, ...]:
    sectors = {_sector(partner) for partner in partners if partner.submitted_on}
    return tuple(words for sector, words in WHO.items() if sector in sectors)


def _sector(partner: PartnerLine) -> Sector:
    """Two partners of a sector are named after it, and numbered."""
    return next(sector for sector in Sector if partner.short_name.startswith(str(sector.label)))


def _well(statement: StatementReport) -> str:
    return "We can show that it helps." if statement.level == 4 else ""


def _not_yet(statement: StatementReport) -> str:
    if statement.level is None:
        return WITHOUT_LEVEL[statement.agreed_words]
    if statement.is_not_evidenced:
        return NO_PROOF
    return NOT_STARTED if statement.level == 1 else STARTED


def family_summary_html(summary: FamilySummary, *, contact: str = "") -> str:
    """The whole page from which the PDF is made. `contact` is the area's own words."""
    return render_to_string(
        "reports/family_summary_pdf.html", {"summary": summary, "contact": contact}
    )


def family_summary_pdf(summary: FamilySummary, *, contact: str = "") -> bytes:
    """The PDF/UA-1 summary; asked for again unchanged, it is not made again. Raises PdfError when
    it cannot be made."""
    return kept_summary_pdf(family_summary_html(summary, contact=contact), STYLESHEET)


# Anybody may ask for a public one, so there is room for every area: nobody makes the portal work
# by asking for one after the other.
kept_summary_pdf = lru_cache(maxsize=200)(render_pdf)
