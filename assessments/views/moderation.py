from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from areas.permissions import Permission
from areas.requests import SignedInRequest
from assessments.actions import moderation as actions
from assessments.actions.errors import ConflictError, NotNowError
from assessments.agreement import Agreement, Spread
from assessments.forms.moderation import AgreedForm, DissentForm, FinishForm, QuorumReasonForm
from assessments.models import AgreedScore, Assessment, Dissent, EvidenceLink
from assessments.reports.build import Builder
from assessments.reports.contents import StatementReport
from assessments.reports.facts import gather
from assessments.reports.words import limits, why_not_rated
from assessments.views.conflict import conflict_page
from assessments.views.next_steps import own
from assessments.views.shared import get_assessment, get_statement, page, require, says_not_now
from ingredients.models import Statement
from send_portal.forms import Who

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
    require(request, Permission.MODERATE, assessment.area)
    if assessment.stage != Assessment.Stage.MODERATION:
        raise NotNowError("Moderation is not open.")
    return assessment


def builder(assessment: Assessment, *, levels_only: bool = False) -> Builder:
    prefetch_related_objects(
        [assessment],
        "returns",
        Prefetch("agreed_scores", AgreedScore.objects.select_related("saved_by")),
    )
    facts = gather(assessment, with_baseline=False, with_sign_offs=False, levels_only=levels_only)
    return Builder(facts, assessment.content)


def saved_agreement(assessment: Assessment, subject: Statement) -> AgreedScore | None:
    rows = assessment.agreed_scores.all()
    return next((row for row in rows if row.statement_id == subject.pk), None)


@require_safe
def moderation(request: SignedInRequest, pk: int) -> HttpResponse:
    """The agenda: statements by how far partners are apart."""
    assessment = get_revealed(request, pk)
    built = builder(assessment)
    picture = built.picture
    rows = {s.slug: built.statement(s) for s in assessment.content.all_statements}
    agenda = [rows[slug] for slug in picture.agenda]
    groups = [
        AgendaGroup(
            spread.value,
            *SPREADS[spread],
            [row for row in agenda if picture.statements[row.slug].agreement.spread == spread],
        )
        for spread in SPREADS
    ]
    decided = sum(row.is_decided for row in agenda)
    waiting = [row for row in agenda if not row.is_decided]
    may_moderate = _may_moderate(request, assessment)
    return page(
        request,
        "assessments/moderation.html",
        assessment.area,
        assessment=assessment,
        groups=[group for group in groups if group.items],
        following=waiting[0].slug if waiting else "",
        decided=decided,
        total=len(agenda),
        percent=round(100 * decided / len(agenda)),
        partners=[row for row in built.partners.values() if row.submitted_on],
        readiness=_readiness(built),
        aligned=[row for row in waiting if picture.statements[row.slug].agreement.prefill],
        missing_sectors=_missing_sectors(built),
        may_moderate=may_moderate,
    )


def _may_moderate(request: SignedInRequest, assessment: Assessment) -> bool:
    return assessment.stage == Assessment.Stage.MODERATION and request.user.can(
        Permission.MODERATE, assessment.area
    )


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


def _missing_sectors(built: Builder) -> list[str]:
    found: list[str] = []
    for row in built.picture.ingredients.values():
        found += [sector for sector in row.sectors_missing if sector not in found]
    return found


@require_http_methods(FORM_METHODS)
@says_not_now
def moderate(request: SignedInRequest, pk: int, statement: str) -> HttpResponse:
    """One statement: everyone's level and reason, then what the meeting agrees."""
    assessment = get_revealed(request, pk)
    subject = get_statement(assessment, statement)
    saves = request.method == "POST" and request.POST.get("then") != "merge"
    built = builder(assessment, levels_only=saves)
    found = built.picture.statements[subject.slug]
    saved = saved_agreement(assessment, subject)
    form = None
    if _may_moderate(request, assessment):
        form = _agreed_form(request, built, subject, saved)
    elif request.method == "POST":
        require(request, Permission.MODERATE, assessment.area)
        raise NotNowError("Moderation is not open, so agreed levels cannot be changed.")
    if form is not None and form.is_bound and form.is_valid():
        try:
            actions.save_agreed(
                assessment=assessment, statement=subject, agreement=found.agreement, by=request.user,
                **form.cleaned_data,
            )  # fmt: skip
        except ConflictError as error:
            return _conflict(request, assessment, subject, form, error)
        messages.success(request, f"‘{subject.title}’ is saved.")
        return redirect(_after(built, assessment, subject))
    if saves:
        built = builder(assessment)
    return _moderate_page(request, built, assessment, subject, saved, form)


def _agreed_form(
    request: SignedInRequest, built: Builder, subject: Statement, saved: AgreedScore | None
) -> AgreedForm:
    found = built.picture.statements[subject.slug]
    initial: dict[str, Any] = {"version": 0, "answer": str(found.agreement.prefill or "")}
    if saved:
        initial = {
            field: getattr(saved, field)
            for field in ("answer", "rationale", "outside_reason", "version")
        }
    data = request.POST or None
    if request.POST.get("then") == "merge":
        data, initial = None, request.POST.dict()
    return AgreedForm(
        data,
        statement=subject,
        framework=built.framework,
        agreement=found.agreement,
        who=_who(built, found.agreement),
        initial=initial,
    )


def _who(built: Builder, agreement: Agreement) -> dict[int, list[Who]]:
    found: dict[int, list[Who]] = {}
    for id_, level in agreement.levels.items():
        partner = built.partners[id_]
        alone = id_ in agreement.out_on_its_own
        found.setdefault(level, []).append(
            Who(partner.code, partner.short_name, partner.is_family, alone)
        )
    return found


def _after(built: Builder, assessment: Assessment, subject: Statement) -> str:
    """The next undecided statement of the agenda, else the agenda."""
    agenda = built.picture.agenda
    place = agenda.index(subject.slug)
    for slug in [*agenda[place + 1 :], *agenda[:place]]:
        if slug not in built.facts["agreed"]:
            return reverse("assessments:moderate", args=[assessment.pk, slug])
    return reverse("assessments:moderation", args=[assessment.pk])


def _moderate_page(
    request: SignedInRequest,
    built: Builder,
    assessment: Assessment,
    subject: Statement,
    saved: AgreedScore | None,
    form: AgreedForm | None,
    dissent_form: DissentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    found = built.picture.statements[subject.slug]
    agenda = built.picture.agenda
    place = agenda.index(subject.slug)
    mine = own(request.user, list(assessment.returns.all()), Permission.DISSENT)
    open_for_dissent = assessment.stage in {Assessment.Stage.MODERATION, Assessment.Stage.SIGN_OFF}
    if dissent_form is None and mine and open_for_dissent:
        dissent_form = DissentForm(returns=mine)
    report = built.statement(subject)
    mine_ids = {str(row.pk) for row in mine}
    alone = [built.partners[id_].short_name for id_ in found.agreement.out_on_its_own]
    return page(
        request,
        "assessments/moderate.html",
        assessment.area,
        form=form,
        status=status,
        has_errors=bool(dissent_form and dissent_form.errors),
        dissent_form=dissent_form,
        assessment=assessment,
        statement=subject,
        report=report,
        my_dissent=[
            line
            for line in report.dissent
            if not line.is_withdrawn and open_for_dissent and line.partner.id in mine_ids
        ],
        strip=built.strip(subject, found, big=True),
        saved=saved,
        unsaved=request.method == "POST" and not (dissent_form and dissent_form.errors),
        speak_first=alone,
        place=place + 1,
        total=len(agenda),
        previous=_neighbour(built, assessment, place - 1),
        next=_neighbour(built, assessment, place + 1),
        may_link=form is not None,
        meeting_links=_meeting_links(assessment, subject) if form is not None else [],
    )


def _meeting_links(assessment: Assessment, subject: Statement) -> list[EvidenceLink]:
    """What the meeting itself laid beside the statement, and may take away again."""
    return list(
        EvidenceLink.objects.filter(
            assessment=assessment, statement=subject, partner_return__isnull=True
        ).select_related("evidence")
    )


def _neighbour(built: Builder, assessment: Assessment, place: int) -> dict[str, str] | None:
    agenda = built.picture.agenda
    if not 0 <= place < len(agenda):
        return None
    row = built.framework.statement_by_slug[agenda[place]]
    return {
        "url": reverse("assessments:moderate", args=[assessment.pk, row.slug]),
        "label": f"{row.code} {row.title}",
    }


def _conflict(
    request: SignedInRequest,
    assessment: Assessment,
    subject: Statement,
    form: AgreedForm,
    error: ConflictError,
) -> HttpResponse:
    return conflict_page(
        request,
        area=assessment.area,
        assessment=assessment,
        form=form,
        current=error.current,
        title=f"{subject.code} {subject.title}",
        fields={"rationale": "Why did you agree this?", "outside_reason": "Why outside the range?"},
        url=reverse("assessments:moderate", args=[assessment.pk, subject.slug]),
    )


@require_POST
@says_not_now
def record_dissent(request: SignedInRequest, pk: int, statement: str) -> HttpResponse:
    assessment = get_revealed(request, pk)
    require(request, Permission.DISSENT, assessment.area)
    subject = get_statement(assessment, statement)
    mine = own(request.user, list(assessment.returns.all()), Permission.DISSENT)
    form = DissentForm(request.POST, returns=mine)
    if not form.is_valid():
        built = builder(assessment)
        saved = saved_agreement(assessment, subject)
        agreed = _agreed_form_unbound(request, built, subject, saved, assessment)
        return _moderate_page(request, built, assessment, subject, saved, agreed, form, status=400)
    row = form.partner_return
    row.assessment = assessment
    actions.record_dissent(
        partner_return=row, statement=subject, text=form.cleaned_data["text"], by=request.user
    )
    messages.success(request, f"The dissent of {row.name} is on record.")
    return redirect("assessments:moderate", pk, statement)


def _agreed_form_unbound(
    request: SignedInRequest,
    built: Builder,
    subject: Statement,
    saved: AgreedScore | None,
    assessment: Assessment,
) -> AgreedForm | None:
    if not _may_moderate(request, assessment):
        return None
    form = _agreed_form(request, built, subject, saved)
    form.is_bound = False
    return form


@require_POST
@says_not_now
def withdraw_dissent(request: SignedInRequest, pk: int, dissent: int) -> HttpResponse:
    """Only the partner that recorded it withdraws it."""
    assessment = get_revealed(request, pk)
    row = get_object_or_404(
        Dissent.objects.select_related("assessment__area", "statement", "partner_return").filter(
            assessment=assessment,
            partner_return__partner__in=request.user.partner_ids(Permission.DISSENT),
        ),
        pk=dissent,
    )
    actions.withdraw_dissent(dissent=row, by=request.user)
    messages.success(request, "The dissent is withdrawn. The record shows both.")
    return redirect("assessments:moderate", pk, row.statement.slug)


@require_http_methods(FORM_METHODS)
@says_not_now
def accept_aligned(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the statements on which all partners chose one level, then agree them together."""
    assessment = get_in_moderation(request, pk)
    built = builder(assessment)
    offered = [
        (row, level)
        for row in assessment.content.all_statements
        if row.slug not in built.facts["agreed"]
        and (level := built.picture.statements[row.slug].agreement.prefill)
    ]
    if request.method == "POST":
        shown = set(request.POST.getlist("statement"))
        levels = {row: level for row, level in offered if row.slug in shown}
        agreed = actions.accept_aligned(assessment=assessment, levels=levels, by=request.user)
        messages.success(request, f"{agreed} statement{'' if agreed == 1 else 's'} agreed.")
        return redirect("assessments:moderation", pk)
    lines = [
        (built.statement(row), level, built.framework.level_labels[level]) for row, level in offered
    ]
    return page(
        request,
        "assessments/accept_aligned.html",
        assessment.area,
        assessment=assessment,
        lines=lines,
    )


@require_http_methods(FORM_METHODS)
@says_not_now
def quorum_reason(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record why a required sector gave no level."""
    assessment = get_in_moderation(request, pk)
    sectors = _missing_sectors(builder(assessment))
    if not sectors:
        raise NotNowError("Every required sector has given a level, or a reason is recorded.")
    form = QuorumReasonForm(request.POST or None, sectors=sectors)
    if request.method == "POST" and form.is_valid():
        actions.record_quorum_reason(assessment=assessment, by=request.user, **form.cleaned_data)
        messages.success(request, "The reason is recorded. It will be printed in the report.")
        return redirect("assessments:moderation", pk)
    return page(
        request, "assessments/quorum_reason.html", assessment.area, form=form, assessment=assessment
    )


@require_http_methods(FORM_METHODS)
@says_not_now
def finish_moderation(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_in_moderation(request, pk)
    form = FinishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.finish_moderation(assessment=assessment, by=request.user)
        messages.success(request, "The report is open for sign-off.")
        return redirect("assessments:sign-off", pk)
    built = builder(assessment)
    undecided = [
        s for s in assessment.content.all_statements if s.slug not in built.facts["agreed"]
    ]
    return page(
        request, "assessments/finish_moderation.html", assessment.area, form=form,
        assessment=assessment, undecided=undecided, readiness=_readiness(built),
    )  # fmt: skip
