from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from areas.permissions import Permission
from areas.requests import SignedInRequest
from assessments.actions.looks import note_look
from assessments.models import Assessment, StoredReport
from assessments.reports.pdf import draft_pdf
from assessments.views.home import picture_for
from assessments.views.minutes import sees_minutes
from assessments.views.report_pdf import may_make_again, not_stored_yet, stored_report
from assessments.views.shared import get_assessment, page, versions
from send_portal.pdf import PdfError


def get_readable(request: SignedInRequest, pk: int) -> Assessment:
    """An assessment whose report this person may read now: submitted, or a draft after the reveal."""
    assessment = get_assessment(request, pk)
    if assessment.is_submitted:
        if not request.user.can(Permission.AREA_SEE, assessment.area):
            note_look(assessment=assessment, by=request.user)
        return assessment
    if not assessment.is_revealed:
        raise PermissionDenied("The report opens when all scores are revealed.")
    needed = (
        Permission.DRAFT_SEE
        if assessment.reached == Assessment.Stage.SIGN_OFF
        else Permission.SCORES_SEE
    )
    if not request.user.can(needed, assessment.area):
        raise PermissionDenied("Board members can read the draft from sign-off on.")
    return assessment


@require_safe
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    assessment = get_readable(request, pk)
    stored = stored_report(assessment)
    return page(
        request,
        "assessments/report.html",
        assessment.area,
        assessment=assessment,
        report=picture_for(request.user, assessment),
        may_consent=request.user.can(Permission.CONSENT, assessment.area)
        and not assessment.is_cancelled,
        versions=versions(request, assessment),
        may_plan=request.user.can(Permission.PLAN_MANAGE, assessment.area)
        and not assessment.is_cancelled,
        sees_minutes=sees_minutes(request, assessment),
        stored=stored,
        may_make_again=may_make_again(request, stored),
    )


@require_safe
def report_statements(request: SignedInRequest, pk: int) -> HttpResponse:
    """The annex as a page: every statement with its reasons, dissent and evidence."""
    assessment = get_readable(request, pk)
    return page(
        request,
        "assessments/report_statements.html",
        assessment.area,
        assessment=assessment,
        report=picture_for(request.user, assessment),
        versions=versions(request, assessment),
        opens_files=request.user.can(Permission.PROGRESS_SEE, assessment.area),
    )


@require_safe
def report_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The PDF: the stored one of a submitted report, a watermarked one of a draft."""
    assessment = get_readable(request, pk)
    shows_partners = (
        request.user.can(Permission.AREA_SEE, assessment.area) or assessment.dfe_sees_partners
    )
    try:
        pdf = _pdf(assessment, shows_partners=shows_partners)
    except PdfError:
        pdf = None
    if pdf is None:
        return not_stored_yet(request, assessment)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{file_name(assessment)}.pdf"'
    return response


def file_name(assessment: Assessment) -> str:
    """What every file of a report is called, without its ending."""
    state = "report" if assessment.is_submitted else "draft-report"
    return slugify(f"{assessment.area.name} {assessment.name} {state}")


def _pdf(assessment: Assessment, *, shows_partners: bool) -> bytes | None:
    """A submitted report has no PDF but the stored one: what is handed out is what was signed."""
    if not assessment.is_submitted:
        return draft_pdf(assessment, shows_partners=shows_partners)
    field = "pdf" if shows_partners else "programme_pdf"
    pdf = StoredReport.objects.filter(assessment=assessment).values_list(field, flat=True).first()
    return bytes(pdf) if pdf is not None else None
