from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from assessments.actions import moderation
from assessments.actions import sign_off as actions
from assessments.actions.errors import NotNowError
from assessments.forms.sign_off import ReasonForm, SignForm
from assessments.models import Assessment, PartnerReturn
from assessments.reports.build import Builder, contents_of
from assessments.reports.facts import gather
from assessments.reports.lapsing import lapsing
from assessments.reports.words import days_late
from assessments.views.moderation import last_day
from assessments.views.next_steps import own
from assessments.views.shared import get_assessment, page, require, says_not_now

FORM_METHODS = ["GET", "HEAD", "POST"]


def get_in_sign_off(
    request: SignedInRequest, pk: int, permission: Permission = Permission.DRAFT_SEE
) -> Assessment:
    """An assessment that partners sign now, for a person who may do this in it."""
    assessment = get_assessment(request, pk)
    require(request, permission, assessment.area)
    if assessment.stage != Assessment.Stage.SIGN_OFF:
        raise NotNowError(
            "The report has been submitted, so nobody can sign it any more."
            if assessment.is_submitted
            else "Sign-off opens when the lead has finished moderation."
        )
    return assessment


@require_safe
@says_not_now
def sign_off(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who has signed, who has not, and for whom I may sign."""
    assessment = get_in_sign_off(request, pk)
    built = Builder(gather(assessment), assessment.content)
    report = built.report()
    signed = {line.partner.id for line in report.signatures if line.decision}
    mine = own(request.user, list(assessment.returns.all()), Permission.SIGN)
    return page(
        request, "assessments/sign_off.html", assessment.area,
        assessment=assessment,
        report=report,
        lapsing=lapsing(built, last_day(assessment)),
        mine=[row for row in mine if str(row.pk) not in signed],
        signed=len(signed),
        percent=round(100 * len(signed) / len(report.signatures)),
        missing=actions.missing_signatures(assessment),
        voided=assessment.sign_offs.voided().select_related("partner_return"),
        manages=request.user.can(Permission.ASSESSMENT_MANAGE, assessment.area),
        late=days_late(assessment.sign_off_by, timezone.localdate()),
    )  # fmt: skip


@require_http_methods(FORM_METHODS)
@says_not_now
def sign(request: SignedInRequest, pk: int, return_id: int) -> HttpResponse:
    assessment = get_in_sign_off(request, pk, Permission.SIGN)
    row = get_object_or_404(
        PartnerReturn.objects.select_related("assessment__area"),
        pk=return_id,
        assessment=assessment,
        partner__in=request.user.partner_ids(Permission.SIGN),
    )
    initial = {"name": request.user.name, "role": request.user.job_title}
    form = SignForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        submitted = actions.sign(partner_return=row, by=request.user, **form.cleaned_data)
        messages.success(request, f"You have signed for {row.name}.")
        return redirect("assessments:report" if submitted else "assessments:sign-off", pk)
    report = contents_of(assessment)
    return page(
        request, "assessments/sign.html", assessment.area, form=form, assessment=assessment, row=row,
        report=report, own_differences=_own_differences(report, row),
    )  # fmt: skip


def _own_differences(report, row: PartnerReturn) -> list:
    """Statements on which this partner was out on its own."""
    return [
        statement
        for statement in report.statements
        for answer in statement.answers
        if answer.partner.id == str(row.pk) and answer.is_alone
    ]


@require_http_methods(FORM_METHODS)
@says_not_now
def submit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Submit although a required signature is missing."""
    assessment = get_in_sign_off(request, pk, Permission.ASSESSMENT_MANAGE)
    form = ReasonForm(
        posted(request),
        label="Why are you submitting without every required signature?",
        help_text="It is printed in the report.",
        required="Say why you are submitting without every required signature",
    )
    if request.method == "POST" and form.is_valid():
        actions.submit_with_reason(assessment=assessment, by=request.user, **form.cleaned_data)
        messages.success(request, "The report is submitted.")
        return redirect("assessments:report", pk)
    missing = actions.missing_signatures(assessment)
    return page(
        request, "assessments/submit.html", assessment.area,
        form=form, assessment=assessment, missing=missing,
    )  # fmt: skip


@require_http_methods(FORM_METHODS)
@says_not_now
def return_to_moderation(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_in_sign_off(request, pk, Permission.MODERATE)
    form = ReasonForm(
        posted(request),
        label="Why are you going back to moderation?",
        help_text="Partners can read this.",
        required="Say why you are going back to moderation",
    )
    if request.method == "POST" and form.is_valid():
        moderation.return_to_moderation(assessment=assessment, by=request.user, **form.cleaned_data)
        messages.success(request, "Moderation is open again.")
        return redirect("assessments:moderation", pk)
    return page(
        request,
        "assessments/return_to_moderation.html",
        assessment.area,
        form=form,
        assessment=assessment,
        signed=assessment.sign_offs.standing().select_related("partner_return"),
    )
