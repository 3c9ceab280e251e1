"""The PDF of a report while it is being made, and after that failed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from areas.permissions import Permission
from areas.requests import SignedInRequest
from assessments.actions import report_pdf as actions
from assessments.models import Assessment, StoredReport
from assessments.views.shared import get_assessment, page, require, says_not_now

# Making one takes a second or two; a browser or a program that asks again then finds it.
ASK_AGAIN_AFTER = 10  # seconds


def stored_report(assessment: Assessment) -> StoredReport | None:
    """How far the PDF of a submitted report is, without the file; None for a draft."""
    if not assessment.is_submitted:
        return None
    return StoredReport.objects.without_files().filter(assessment=assessment).first()


def may_make_again(request: SignedInRequest, stored: StoredReport | None) -> bool:
    return bool(
        stored
        and stored.has_failed
        and request.user.can(Permission.PDF_MAKE_AGAIN, stored.assessment.area)
    )


def not_stored_yet(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    """Instead of the PDF. 503 and not 202, because a program that saves what it is sent must not
    take this page for the report; a browser shows it all the same."""
    stored = stored_report(assessment)
    failed = stored is None or stored.has_failed
    response = page(
        request,
        "assessments/pdf_failed.html" if failed else "assessments/pdf_being_made.html",
        assessment.area,
        assessment=assessment,
        stored=stored,
        may_make_again=may_make_again(request, stored),
        status=503,
    )
    if not failed:
        response["Retry-After"] = str(ASK_AGAIN_AFTER)
    return response


@require_safe
def pdf_state(request: SignedInRequest, pk: int) -> HttpResponse:
    """For the page that waits: `made`, `failed`, or `being_made`."""
    assessment = get_assessment(request, pk)
    stored = stored_report(assessment)
    if stored is None:
        state = "draft"
    elif stored.has_pdf:
        state = "made"
    else:
        state = "failed" if stored.has_failed else "being_made"
    return JsonResponse({"state": state})


@require_POST
@says_not_now
def make_pdf_again(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_assessment(request, pk)
    require(request, Permission.PDF_MAKE_AGAIN, assessment.area)
    actions.make_pdf_again(assessment=assessment, by=request.user)
    messages.success(request, "The PDF is being made again.")
    return redirect("assessments:report", pk)
