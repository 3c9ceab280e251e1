"""The report for other readers: four pages for a board, and plain words for families."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from assessments.actions import summaries as actions
from assessments.actions.errors import NotNowError
from assessments.forms.summaries import PublishSummaryForm
from assessments.models import Assessment, PublishedSummary
from assessments.reports.board import board_summary_pdf
from assessments.reports.families import family_summary as summary_of
from assessments.reports.families import family_summary_pdf as summary_pdf
from assessments.views.reports import get_readable
from assessments.views.shared import get_assessment, page, require, says_not_now
from send_portal.pdf import PdfError

FORM_METHODS = ["GET", "HEAD", "POST"]


def pdf_file(pdf: bytes, *names: str) -> HttpResponse:
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{slugify(" ".join(names))}.pdf"'
    return response


def _failed(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    return page(
        request, "assessments/summary_failed.html", assessment.area,
        assessment=assessment, status=503,
    )  # fmt: skip


def _state(assessment: Assessment) -> str:
    return "" if assessment.is_submitted else "draft"


@require_safe
def board_summary_file(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_readable(request, pk)
    shows_partners = (
        request.user.can(Permission.AREA_SEE, assessment.area) or assessment.dfe_sees_partners
    )
    try:
        pdf = board_summary_pdf(assessment, shows_partners=shows_partners)
    except PdfError:
        return _failed(request, assessment)
    state = _state(assessment)
    return pdf_file(pdf, assessment.area.name, assessment.name, state, "board summary")


@require_safe
def family_summary(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_readable(request, pk)
    shown = _shown(assessment)
    return page(
        request, "assessments/family_summary.html", assessment.area,
        assessment=assessment,
        summary=summary_of(assessment),
        shown=shown,
        contact=shown.contact if shown else "",
        address=_address(request, assessment),
        may_publish=request.user.can(Permission.PUBLISH, assessment.area),
        why_not=_why_not(assessment),
    )  # fmt: skip


@require_safe
def family_summary_file(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_readable(request, pk)
    shown = _shown(assessment)
    try:
        pdf = summary_pdf(summary_of(assessment), contact=shown.contact if shown else "")
    except PdfError:
        return _failed(request, assessment)
    state = _state(assessment)
    return pdf_file(pdf, assessment.area.name, assessment.name, state, "summary for families")


@require_http_methods(FORM_METHODS)
@says_not_now
def publish_summary(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_assessment(request, pk)
    require(request, Permission.PUBLISH, assessment.area)
    actions.check_publishable(assessment)
    last = PublishedSummary.objects.of(assessment.area).select_related("assessment").first()
    form = PublishSummaryForm(posted(request), initial={"contact": last.contact if last else ""})
    if request.method == "POST" and form.is_valid():
        actions.publish_summary(
            assessment=assessment, contact=form.cleaned_data["contact"], by=request.user
        )
        messages.success(request, "Everyone can read the summary now.")
        return redirect("assessments:family-summary", pk)
    return page(
        request, "assessments/publish_summary.html", assessment.area,
        form=form, assessment=assessment, shown=last if last and last.is_public else None,
        address=_address(request, assessment),
    )  # fmt: skip


@require_http_methods(FORM_METHODS)
@says_not_now
def withdraw_summary(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_assessment(request, pk)
    require(request, Permission.PUBLISH, assessment.area)
    if _shown(assessment) is None:
        raise NotNowError("The summary of this report is not public.")
    if request.method == "POST":
        actions.withdraw_summary(assessment=assessment, by=request.user)
        messages.success(request, "The summary is no longer public.")
        return redirect("assessments:family-summary", pk)
    return page(
        request, "assessments/withdraw_summary.html", assessment.area,
        assessment=assessment, address=_address(request, assessment),
    )  # fmt: skip


def _shown(assessment: Assessment) -> PublishedSummary | None:
    return PublishedSummary.objects.public().filter(assessment=assessment).first()


def _address(request: SignedInRequest, assessment: Assessment) -> str:
    place = actions.place_of(assessment.area)
    return request.build_absolute_uri(reverse("assessments:public-summary", args=[place]))


def _why_not(assessment: Assessment) -> str:
    """Why the summary of this report cannot be made public; nothing if it can."""
    try:
        actions.check_publishable(assessment)
    except NotNowError as error:
        return str(error)
    return ""
