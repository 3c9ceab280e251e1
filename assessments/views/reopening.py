"""Cancel an assessment; correct a submitted report."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from assessments.actions import reopening as actions
from assessments.actions.errors import NotNowError
from assessments.forms.reopening import CancelForm, CorrectForm
from assessments.views.shared import get_assessment, page, require, says_not_now

FORM_METHODS = ["GET", "HEAD", "POST"]
DAYS_TO_SIGN = 14


@require_http_methods(FORM_METHODS)
@says_not_now
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_assessment(request, pk)
    require(request, Permission.ASSESSMENT_MANAGE, assessment.area)
    if assessment.is_closed:
        raise NotNowError("A submitted report is not cancelled. You can correct it.")
    form = CancelForm(posted(request))
    if request.method == "POST" and form.is_valid():
        actions.cancel_assessment(
            assessment=assessment, reason=form.cleaned_data["reason"], by=request.user
        )
        messages.success(request, f"{assessment.name} is cancelled.")
        return redirect(assessment)
    return page(
        request, "assessments/cancel.html", assessment.area, form=form, assessment=assessment
    )


@require_http_methods(FORM_METHODS)
@says_not_now
def correct(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_assessment(request, pk)
    require(request, Permission.ASSESSMENT_MANAGE, assessment.area)
    actions.check_correctable(assessment)
    by_then = timezone.localdate() + timedelta(days=DAYS_TO_SIGN)
    form = CorrectForm(posted(request), initial={"sign_off_by": by_then})
    if request.method == "POST" and form.is_valid():
        correction = actions.correct_report(
            assessment=assessment, by=request.user, **form.cleaned_data
        )
        messages.success(request, f"Version {correction.version} is open. Change what was wrong.")
        return redirect("assessments:moderation", correction.pk)
    return page(
        request, "assessments/correct.html", assessment.area, form=form, assessment=assessment
    )
