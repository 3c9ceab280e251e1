from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from areas.models import Sector
from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from assessments.actions import moderation as actions
from assessments.actions.errors import NotNowError
from assessments.agreement import Spread
from assessments.forms.moderation import FinishForm, QuorumReasonForm
from assessments.models import Assessment, Comment
from assessments.reports.build import Builder
from assessments.reports.contents import StatementReport
from assessments.reports.facts import gather
from assessments.reports.lapsing import lapsing, lapsing_lines
from assessments.reports.words import count, inside, limits, listed, why_not_rated
from assessments.views.shared import get_assessment, page, require, says_not_now
from ingredients.models import Statement

FORM_METHODS = ["GET", "HEAD", "POST"]
SPREADS = {
    Spread.FAR_APART: ("Far apart", "Three levels between the lowest and the highest."),
    Spread.APART: ("Apart", "Two levels between the lowest and the highest."),
    Spread.CLOSE: ("Close", "Everyone is within one level. Talk about these only if someone asks."),
    Spread.SAME: (
        "Same",
        "Every partner who gave a level chose the same one. You can agree these together.",
    ),
    Spread.TOO_FEW: (
        "Too few scores to compare",
        "Fewer than two partners gave a level. Decide whether you know enough.",
    ),
}


@dataclass(frozen=True, slots=True)
class AgendaGroup:
    slug: str
    title: str
    words: str
    items: list[StatementReport]


def get_revealed(request: SignedInRequest, pk: int) -> Assessment:
    """An assessment whose scores everyone who takes part may see, and this person too."""
    assessment = get_assessment(request, pk)
    require(request, Permission.SCORES_SEE, assessment.area)
    if not assessment.is_revealed:
        raise PermissionDenied(
            "Nobody sees another partner’s scores until every partner has submitted or the lead closes scoring."
        )
    return assessment


def get_in_moderation(request: SignedInRequest, pk: int) -> Assessment:
    """An assessment in which this person records what the meeting agrees."""
    assessment = get_revealed(request, pk)
    require_open(request, assessment)
    return assessment


def require_open(request: SignedInRequest, assessment: Assessment) -> None:
    require(request, Permission.MODERATE, assessment.area)
    if assessment.stage != Assessment.Stage.MODERATION:
        raise NotNowError("Moderation is not open, so agreed levels cannot be changed.")


class Meeting(Builder):
    """The picture of a meeting, and the returns of which it was made; `given` goes to `gather`."""

    def __init__(self, assessment: Assessment, **given: Any) -> None:
        self.returns = list(assessment.returns.all())
        facts = gather(
            assessment, returns=self.returns, with_baseline=False, with_sign_offs=False, **given
        )
        super().__init__(facts, assessment.content)


def last_day(assessment: Assessment) -> date:
    """Until when evidence must hold: the day to sign by, or today when that has passed."""
    return max(assessment.sign_off_by, assessment.day)


@require_safe
def moderation(request: SignedInRequest, pk: int) -> HttpResponse:
    """The agenda: statements by how far partners are apart."""
    assessment = get_revealed(request, pk)
    built = Meeting(assessment)
    return page(
        request,
        "assessments/moderation.html",
        assessment.area,
        assessment=assessment,
        partners=[row for row in built.partners.values() if row.submitted_on],
        readiness=_readiness(built),
        missing_sectors=_missing_words(built),
        lapsing=lapsing_lines(built, last_day(assessment)),
        may_moderate=may_moderate(request, assessment),
        open_comments=open_comments(assessment),
        **_agenda(built),
    )


def _agenda(built: Builder) -> dict[str, Any]:
    """The statements in the order of the rules, and how far the meeting has got."""
    agenda = [
        built.statement(built.framework.statement_by_slug[slug]) for slug in built.picture.agenda
    ]
    waiting = [row for row in agenda if not row.is_decided]
    decided = len(agenda) - len(waiting)
    return {
        "groups": _groups(built, agenda),
        "following": waiting[0].slug if waiting else "",
        "aligned": [row for row in waiting if built.picture.statements[row.slug].agreement.prefill],
        "decided": decided,
        "total": len(agenda),
        "percent": round(100 * decided / len(agenda)),
    }


def _groups(built: Builder, agenda: list[StatementReport]) -> list[AgendaGroup]:
    """The agenda cut by how far partners are apart; empty groups left out."""
    found: dict[Spread, list[StatementReport]] = {spread: [] for spread in SPREADS}
    for row in agenda:
        found[built.picture.statements[row.slug].agreement.spread].append(row)
    return [
        AgendaGroup(spread.value, *SPREADS[spread], items)
        for spread, items in found.items()
        if items
    ]


def may_moderate(request: SignedInRequest, assessment: Assessment) -> bool:
    return assessment.stage == Assessment.Stage.MODERATION and request.user.can(
        Permission.MODERATE, assessment.area
    )


def open_comments(assessment: Assessment) -> Counter[str]:
    """How many comments of the meeting wait for an answer, by the slug of their statement."""
    waiting = Comment.objects.filter(assessment=assessment, partner_return=None).unresolved()
    found = Counter(waiting.order_by().values_list("statement_id", flat=True))
    every = assessment.content.all_statements
    return Counter({row.slug: found[row.pk] for row in every if row.pk in found})


def _commented(assessment: Assessment) -> list[tuple[Statement, int]]:
    """Statements with such comments, in framework order."""
    found = open_comments(assessment)
    return [
        (row, found[row.slug]) for row in assessment.content.all_statements if row.slug in found
    ]


def _readiness(built: Builder) -> dict[str, Any]:
    """Readiness as it would be now, with what holds it back."""
    picture = built.picture
    missing = [
        f"{built.short_titles[slug]}: {reason}"
        for slug, row in picture.ingredients.items()
        if row.level is None
        for reason in why_not_rated(row, built.titles)
    ]
    return {
        "band": built.framework.bands[picture.band]["label"],
        "limits": limits(picture, built.short_titles),
        "missing": missing,
        "lift": built.lift(),
        "tiles": built.tiles(),
        "rule": built.facts["rule"],
        "ingredients": [
            (row, picture.ingredients[row.slug].level) for row in built.framework.all_ingredients
        ],
    }


def _missing_sectors(built: Builder) -> dict[str, list[str]]:
    """Required sectors that gave no level, each with the ingredients where it is missed."""
    found: dict[str, list[str]] = {}
    for slug, row in built.picture.ingredients.items():
        for sector in row.sectors_missing:
            found.setdefault(sector, []).append(slug)
    return found


def _missing_words(built: Builder) -> list[str]:
    """`Health gave no level in workforce.`, for each such sector."""
    every = len(built.framework.all_ingredients)
    return [
        f"{Sector(sector).label} gave no level in "
        f"{'any ingredient' if len(slugs) == every else listed(inside(built.short_titles[s]) for s in slugs)}."
        for sector, slugs in _missing_sectors(built).items()
    ]


@require_http_methods(FORM_METHODS)
@says_not_now
def accept_aligned(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the statements on which all partners chose one level, then agree them together."""
    assessment = get_in_moderation(request, pk)
    built = Meeting(assessment)
    offered = _offered(built)
    if request.method == "POST":
        shown = set(request.POST.getlist("statement"))
        levels = {row: level for row, level in offered if row.slug in shown}
        agreed = actions.accept_aligned(assessment=assessment, levels=levels, by=request.user)
        messages.success(request, f"{count(agreed, 'statement')} agreed.")
        return redirect("assessments:moderation", pk)
    labels = built.framework.level_labels
    lines = [(built.statement(row), level, labels[level]) for row, level in offered]
    return page(
        request, "assessments/accept_aligned.html", assessment.area,
        assessment=assessment, lines=lines,
    )  # fmt: skip


def _offered(built: Builder) -> list[tuple[Statement, int]]:
    """Undecided statements on which every partner who gave a level chose the same."""
    return [
        (row, level)
        for row in built.framework.all_statements
        if row.slug not in built.facts["agreed"]
        and (level := built.picture.statements[row.slug].agreement.prefill)
    ]


@require_http_methods(FORM_METHODS)
@says_not_now
def quorum_reason(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record why a required sector gave no level."""
    assessment = get_in_moderation(request, pk)
    sectors = _missing_sectors(Meeting(assessment))
    if not sectors:
        raise NotNowError("Every required sector has given a level, or a reason is recorded.")
    form = QuorumReasonForm(posted(request), sectors=list(sectors))
    if request.method == "POST" and form.is_valid():
        missing = sectors[form.cleaned_data["sector"]]
        actions.record_quorum_reason(
            assessment=assessment, ingredients=missing, by=request.user, **form.cleaned_data
        )
        messages.success(request, "The reason is recorded. It will be printed in the report.")
        return redirect("assessments:moderation", pk)
    return page(
        request, "assessments/quorum_reason.html", assessment.area, form=form, assessment=assessment
    )


@require_http_methods(FORM_METHODS)
@says_not_now
def finish_moderation(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_in_moderation(request, pk)
    form = FinishForm(posted(request))
    if request.method == "POST" and form.is_valid():
        actions.finish_moderation(assessment=assessment, by=request.user)
        messages.success(request, "The report is open for sign-off.")
        return redirect("assessments:sign-off", pk)
    built = Meeting(assessment)
    undecided = [
        s for s in assessment.content.all_statements if s.slug not in built.facts["agreed"]
    ]
    return page(
        request, "assessments/finish_moderation.html", assessment.area, form=form,
        assessment=assessment, undecided=undecided, readiness=_readiness(built),
        commented=_commented(assessment),
        lapsing=lapsing(built, last_day(assessment)),
    )  # fmt: skip
