"""Programme notes on an area: private to DfE programme staff."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from areas.actions import programme_notes as actions
from areas.actions.errors import NoteMovedOnError
from areas.forms.programme_notes import CorrectNoteForm, NoteForm, WithdrawNoteForm
from areas.models import Area, ProgrammeNote
from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from areas.views import get_area
from assessments.views.programme import programme_page

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
def add_note(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = _get_area(request, dfe_code)
    form = NoteForm(posted(request))
    if form.is_bound and form.is_valid():
        actions.write_note(area=area, by=request.user, **form.cleaned_data)
        messages.success(request, "Your note is saved. Programme staff can read it.")
        return redirect(_notes_of(area))
    return programme_page(
        request, "assessments/programme_note.html", form, current="programme", area=area
    )


@require_http_methods(FORM_METHODS)
def correct_note(request: SignedInRequest, dfe_code: str, note: int) -> HttpResponse:
    """Only whoever wrote a note corrects it: others write one of their own."""
    found = _get_note(request, dfe_code, note)
    if found.written_by_id != request.user.pk:
        raise PermissionDenied("Only the person who wrote a note corrects it.")
    now = found.current
    start = {name: getattr(now, name) for name in CorrectNoteForm.base_fields}
    form = CorrectNoteForm(posted(request), initial=start)
    form.follow_up_kept = now.follow_up_on
    if form.is_bound and form.is_valid():
        try:
            actions.correct_note(note=found, by=request.user, **form.cleaned_data)
        except NoteMovedOnError as error:
            return _moved_on(request, found, str(error), form.cleaned_data["text"])
        messages.success(request, "The note is corrected. What it said before stays with it.")
        return redirect(_notes_of(found.area))
    return programme_page(
        request, "assessments/programme_note.html", form, current="programme",
        area=found.area, note=found,
    )  # fmt: skip


@require_http_methods(FORM_METHODS)
def withdraw_note(request: SignedInRequest, dfe_code: str, note: int) -> HttpResponse:
    found = _get_note(request, dfe_code, note)
    form = WithdrawNoteForm(posted(request), initial={"number": found.current.number})
    if form.is_bound and form.is_valid():
        try:
            actions.withdraw_note(note=found, by=request.user, **form.cleaned_data)
        except NoteMovedOnError as error:
            return _moved_on(request, found, str(error), form.cleaned_data["reason"])
        messages.success(request, "The note is withdrawn.")
        return redirect(_notes_of(found.area))
    return programme_page(
        request, "assessments/withdraw_note.html", form, current="programme",
        area=found.area, note=found,
    )  # fmt: skip


def _get_area(request: SignedInRequest, dfe_code: str) -> Area:
    area = get_area(request, dfe_code)
    if not request.user.can_everywhere(Permission.NOTES_KEEP):
        raise PermissionDenied("Programme notes are for DfE programme staff.")
    return area


def _get_note(request: SignedInRequest, dfe_code: str, note: int) -> ProgrammeNote:
    area = _get_area(request, dfe_code)
    rows = ProgrammeNote.objects.visible_to(request.user).filter(area=area).with_versions()
    found: ProgrammeNote = get_object_or_404(rows.select_related("area"), pk=note)
    return found


def _notes_of(area: Area) -> str:
    return f"{reverse('assessments:programme-area', args=[area.dfe_code])}#notes"


def _moved_on(
    request: SignedInRequest, note: ProgrammeNote, message: str, typed: str
) -> HttpResponse:
    """409, with what was typed, so that nothing is lost."""
    return programme_page(
        request, "assessments/note_moved_on.html", None, current="programme", status=409,
        area=note.area, message=message, typed=[typed], back=_notes_of(note.area),
    )  # fmt: skip
