from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from areas.models import Partner
from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from areas.views import get_area
from assessments.actions import assessments as actions
from assessments.actions import scoring
from assessments.actions.dates import suggested_days
from assessments.actions.errors import NotNowError
from assessments.forms.assessments import ConsentForm, PartnersForm, StartForm
from assessments.forms.scoring import CloseScoringForm
from assessments.models import Assessment, PartnerReturn, Score
from assessments.views.next_steps import next_steps, own
from assessments.views.shared import get_assessment, page, require, says_not_now, versions

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
def new(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    require(request, Permission.ASSESSMENT_MANAGE, area)
    form = StartForm(posted(request), initial=suggested_days(timezone.localdate()))
    if request.method == "POST" and form.is_valid():
        try:
            assessment = actions.start_assessment(area=area, by=request.user, **form.cleaned_data)
            return redirect("assessments:choose-partners", assessment.pk)
        except NotNowError as error:
            form.add_error(None, str(error))
    baseline = Assessment.objects.latest_submitted(area)
    return page(request, "assessments/new.html", area, form=form, baseline=baseline)


@require_http_methods(FORM_METHODS)
@says_not_now
def choose_partners(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_assessment(request, pk)
    require(request, Permission.ASSESSMENT_MANAGE, assessment.area)
    if assessment.stage != Assessment.Stage.SETUP:
        raise NotNowError("Scoring has opened already.")
    here = Partner.objects.filter(area=assessment.area).open_on(timezone.localdate())
    partners = here.with_people().in_order()
    form = PartnersForm(posted(request), partners=partners)
    if request.method == "POST" and form.is_valid():
        chosen = list(form.cleaned_data["partners"])
        actions.choose_partners(
            assessment=assessment, partners=chosen, reasons=form.reasons, by=request.user
        )
        messages.success(request, f"Scoring is open to {len(chosen)} partners.")
        return redirect(assessment)
    return page(
        request, "assessments/choose_partners.html", assessment.area, form=form,
        assessment=assessment, has_partners=bool(partners),
    )  # fmt: skip


@require_safe
def task_list(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_assessment(request, pk)
    returns = list(assessment.returns.with_progress().with_people().with_signature())
    for row in returns:
        row.assessment = assessment
    mine = own(request.user, returns, Permission.SCORE)
    sees_scores = request.user.can(Permission.SCORES_SEE, assessment.area)
    return page(
        request, "assessments/task_list.html", assessment.area,
        assessment=assessment,
        returns=returns if request.user.can(Permission.PROGRESS_SEE, assessment.area) else [],
        mine=[(row, _progress(row)) for row in mine],
        steps=next_steps(request.user, assessment, returns),
        manages=request.user.can(Permission.ASSESSMENT_MANAGE, assessment.area),
        sees_scores=sees_scores,
        sees_report=assessment.is_submitted
        or (assessment.is_revealed and sees_scores)
        or assessment.reached == Assessment.Stage.SIGN_OFF,
        versions=versions(request, assessment),
    )  # fmt: skip


def _progress(row: PartnerReturn) -> list[dict]:
    """Answered of asked, per ingredient."""
    answered = set(
        Score.objects.filter(partner_return=row)
        .exclude(answer="")
        .values_list("statement_id", flat=True)
    )
    lines: dict[int, dict] = {}
    for statement in row.assessment.statements_for(row.sector):
        line = lines.setdefault(
            statement.ingredient.pk,
            {
                "ingredient": statement.ingredient,
                "answered": 0,
                "asked": 0,
                "first": statement,
                "at": None,
            },
        )
        line["asked"] += 1
        line["answered"] += statement.pk in answered
        if statement.pk not in answered and line["at"] is None:
            line["at"] = statement
    for line in lines.values():
        line["statement"] = line["at"] or line["first"]
        line["percent"] = round(100 * line["answered"] / line["asked"])
    return list(lines.values())


@require_http_methods(FORM_METHODS)
@says_not_now
def close_scoring(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_assessment(request, pk)
    require(request, Permission.ASSESSMENT_MANAGE, assessment.area)
    if not assessment.is_scoring:
        raise NotNowError("Scoring is not open.")
    form = CloseScoringForm(posted(request))
    if request.method == "POST" and form.is_valid():
        scoring.close_scoring(assessment=assessment, by=request.user, **form.cleaned_data)
        messages.success(request, "Scoring is closed. Every partner can now see all the scores.")
        return redirect("assessments:moderation", pk)
    waiting = assessment.returns.filter(submitted_at__isnull=True)
    return page(
        request, "assessments/close_scoring.html", assessment.area,
        form=form, assessment=assessment, waiting=waiting,
    )  # fmt: skip


@require_http_methods(FORM_METHODS)
@says_not_now
def consent(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_assessment(request, pk)
    require(request, Permission.CONSENT, assessment.area)
    initial = {"dfe_sees_partners": "yes" if assessment.dfe_sees_partners else "no"}
    form = ConsentForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.set_consent(assessment=assessment, by=request.user, **form.cleaned_data)
        said = "can" if assessment.dfe_sees_partners else "cannot"
        when = "" if assessment.is_submitted else " once it is submitted"
        messages.success(request, f"DfE {said} see each partner’s scores in this assessment{when}.")
        return redirect(assessment)
    return page(
        request, "assessments/consent.html", assessment.area, form=form, assessment=assessment
    )
