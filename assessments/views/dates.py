from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from assessments.actions import dates as actions
from assessments.actions.errors import NotNowError
from assessments.forms.dates import ChangeDatesForm, GraceForm
from assessments.models import PartnerReturn
from assessments.reports.words import day
from assessments.views.shared import get_assessment, page, require, says_not_now

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
@says_not_now
def change_dates(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_assessment(request, pk)
    require(request, Permission.ASSESSMENT_MANAGE, assessment.area)
    if assessment.is_closed:
        raise NotNowError("This assessment is closed, so its days cannot be changed any more.")
    form = ChangeDatesForm(posted(request), assessment=assessment)
    if request.method == "POST" and form.is_valid():
        actions.change_dates(
            assessment=assessment,
            days=form.days,
            reason=form.cleaned_data["reason"],
            by=request.user,
        )
        messages.success(request, "The days are changed. The people concerned get an email.")
        return redirect(assessment)
    return page(
        request, "assessments/change_dates.html", assessment.area, form=form, assessment=assessment
    )


@require_http_methods(FORM_METHODS)
@says_not_now
def give_grace(request: SignedInRequest, pk: int, return_id: int) -> HttpResponse:
    """More time for one partner, of which the lead sees nothing but how far it has got."""
    assessment = get_assessment(request, pk)
    require(request, Permission.ASSESSMENT_MANAGE, assessment.area)
    row = get_object_or_404(PartnerReturn.objects.with_progress(), pk=return_id, assessment=pk)
    row.assessment = assessment
    actions.refuse_grace(row)
    form = GraceForm(posted(request), partner_return=row)
    if request.method == "POST" and form.is_valid():
        actions.give_grace(partner_return=row, by=request.user, **form.cleaned_data)
        until = day(form.cleaned_data["until"])
        messages.success(request, f"{row.name} can score until the end of {until}.")
        return redirect(assessment)
    return page(
        request, "assessments/give_grace.html", assessment.area,
        form=form, assessment=assessment, row=row,
    )  # fmt: skip
