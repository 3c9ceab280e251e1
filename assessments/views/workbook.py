"""Scoring away from the screen: the workbook out and back, and the sheet for paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from areas.requests import SignedInRequest
from assessments.actions import workbook as actions
from assessments.actions.scoring import check_may_score
from assessments.forms.workbook import ConfirmWorkbookForm, UploadWorkbookForm
from assessments.models import Answer, PartnerReturn
from assessments.reports.sheet import sheet_pdf
from assessments.views.conflict import marked
from assessments.views.shared import get_return, page, says_not_now
from assessments.workbook.build import contents_of
from assessments.workbook.compare import Change
from assessments.workbook.layout import Upload
from assessments.workbook.write import make_workbook
from send_portal.pdf import PdfError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def workbook(request: SignedInRequest, pk: int, return_id: int) -> HttpResponse:
    """Own scores as a workbook: to fill in while scoring is open, and a copy to keep after that."""
    row = get_return(request, pk, return_id)
    address = request.build_absolute_uri(
        reverse("assessments:upload-workbook", args=[pk, return_id])
    )
    made = make_workbook(contents_of(row, address=address))
    return _file(made, XLSX, f"{_file_name(row, 'scores')}.xlsx", "attachment")


@require_safe
def sheet(request: SignedInRequest, pk: int, return_id: int) -> HttpResponse:
    """The empty sheet for paper."""
    row = get_return(request, pk, return_id)
    try:
        pdf = sheet_pdf(row)
    except PdfError:
        return page(
            request, "assessments/sheet_failed.html", row.assessment.area,
            row=row, assessment=row.assessment, status=503,
        )  # fmt: skip
    return _file(pdf, "application/pdf", f"{_file_name(row, 'sheet')}.pdf", "inline")


def _file_name(row: PartnerReturn, what: str) -> str:
    return slugify(f"{row.assessment.area.name} {row.assessment.title} {row.short_name} {what}")


def _file(content: bytes, kind: str, name: str, how: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'{how}; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@says_not_now
def upload_workbook(request: SignedInRequest, pk: int, return_id: int) -> HttpResponse:
    """Download, upload, see what would change, confirm. Sent without a file it confirms."""
    row = get_return(request, pk, return_id)
    check_may_score(row)
    if request.method != "POST":
        return _upload_page(request, row, UploadWorkbookForm(partner_return=row))
    if "rows" in request.POST:
        return _confirm(request, row)
    form = UploadWorkbookForm(request.POST, request.FILES, partner_return=row)
    if not form.is_valid():
        return _upload_page(request, row, form)
    return _preview_page(request, row, form.cleaned_data["workbook"])


def _confirm(request: SignedInRequest, row: PartnerReturn) -> HttpResponse:
    form = ConfirmWorkbookForm(request.POST, partner_return=row, user=request.user)
    if not form.is_valid():
        again = UploadWorkbookForm({}, {}, partner_return=row, is_too_old=True)
        return _upload_page(request, row, again)
    upload, seen = form.cleaned_data["rows"]
    replace = form.cleaned_data["replace"]
    try:
        count = actions.upload_workbook(
            partner_return=row, upload=upload, seen=seen, replace=replace, by=request.user
        )
    except actions.UploadMovedError:
        return _preview_page(request, row, upload, replace=replace, has_moved=True)
    if count:
        answers = "1 answer is" if count == 1 else f"{count} answers are"
        messages.success(request, f"{answers} saved from your workbook.")
    return redirect("assessments:return", row.assessment_id, row.pk)


def _upload_page(
    request: SignedInRequest, row: PartnerReturn, form: UploadWorkbookForm
) -> HttpResponse:
    return page(
        request,
        "assessments/upload_workbook.html",
        row.assessment.area,
        form=form,
        row=row,
        assessment=row.assessment,
    )


def _preview_page(
    request: SignedInRequest,
    row: PartnerReturn,
    upload: Upload,
    *,
    replace: list[str] | None = None,
    has_moved: bool = False,
) -> HttpResponse:
    found = actions.preview_upload(partner_return=row, upload=upload)
    form = ConfirmWorkbookForm(partner_return=row, user=request.user, preview=found)
    form.initial = {"rows": form.sign(upload, found), "replace": replace or []}
    return page(
        request,
        "assessments/workbook_preview.html",
        row.assessment.area,
        status=409 if has_moved else 200,
        form=form,
        row=row,
        assessment=row.assessment,
        preview=found,
        changed=[_shown(change, row) for change in found.changed],
        new=[_shown(change, row) for change in found.new],
        conflicts=[_shown(change, row) for change in found.conflicts],
        has_moved=has_moved,
    )


def _shown(change: Change, row: PartnerReturn) -> dict[str, Any]:
    """Both versions of one answer in words."""
    saved, labels = change.saved, row.assessment.content.level_labels

    def words(answer: str) -> str:
        if answer.isdecimal():
            return f"{answer} {labels[int(answer)]}"
        return Answer(answer).label if answer else "No answer yet"

    return {
        "name": change.name,
        "by": saved.by,
        "at": saved.at,
        "theirs": saved.reason,
        "mine": change.reason,
        "theirs_answer": words(saved.answer),
        "mine_answer": words(change.answer),
        "theirs_marked": marked(saved.reason, change.reason),
        "mine_marked": marked(change.reason, saved.reason),
    }
