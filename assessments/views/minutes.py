"""The minutes of the meeting: a page, and the same as a PDF."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from areas.permissions import Permission
from areas.requests import SignedInRequest
from assessments.models import Assessment
from assessments.reports.minutes import minutes_of, minutes_pdf
from assessments.views.shared import get_assessment, page, require
from send_portal.pdf import PdfError


def get_minuted(request: SignedInRequest, pk: int) -> Assessment:
    """An assessment whose meeting this person may read about: who scored, from the reveal on; board
    members from sign-off on, as they then read the draft. Nobody outside the partnership."""
    assessment = get_assessment(request, pk)
    require(request, Permission.DRAFT_SEE, assessment.area)
    if not assessment.is_revealed:
        raise PermissionDenied("There are minutes once the scores are revealed.")
    if assessment.stage == Assessment.Stage.MODERATION:
        require(
            request, Permission.SCORES_SEE, assessment.area,
            "Board members can read the minutes from sign-off on.",
        )  # fmt: skip
    return assessment


def sees_minutes(request: SignedInRequest, assessment: Assessment) -> bool:
    """Whether a page that this person reads may link to the minutes."""
    return assessment.is_revealed and request.user.can(Permission.DRAFT_SEE, assessment.area)


@require_safe
def minutes(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_minuted(request, pk)
    return page(
        request,
        "assessments/minutes.html",
        assessment.area,
        assessment=assessment,
        minutes=minutes_of(assessment),
    )


@require_safe
def minutes_file(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_minuted(request, pk)
    try:
        pdf = minutes_pdf(assessment)
    except PdfError:
        return page(
            request, "assessments/pdf_failed.html", assessment.area,
            assessment=assessment, status=503,
        )  # fmt: skip
    response = HttpResponse(pdf, content_type="application/pdf")
    name = slugify(f"{assessment.area.name} {assessment.title} minutes")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
