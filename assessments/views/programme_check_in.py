"""One check-in as DfE programme staff run it: plan, move, name who looks after it, note, agenda."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from areas.models import Area
from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from assessments.actions import queue as actions
from assessments.actions.check_ins import refuse_unless_open
from assessments.actions.errors import ConflictError, NotNowError
from assessments.emails.queue import leads_of
from assessments.forms.queue import (
    AgendaForm,
    AssignForm,
    CallOffForm,
    MoveForm,
    NoteForm,
    ScheduleForm,
    noted,
)
from assessments.models import Assessment, CheckIn, ProgrammeRecord
from assessments.reports.agenda import agenda_of
from assessments.reports.queue import away, said_in, state_of
from assessments.reports.words import day
from assessments.views.programme import programme_nav, require_programme
from assessments.views.queue import staff
from send_portal.forms import PortalForm

FORM_METHODS = ["GET", "HEAD", "POST"]
ASSIGN, NOTE = "assessments/assign_check_in.html", "assessments/note_check_in.html"
TYPED = ("not_held_because", "blocker", "next_step", "reason")
View = Callable[..., HttpResponse]


def get_programme_check_in(request: SignedInRequest, check_in: int) -> CheckIn:
    """One of the kinds in which DfE takes part. Its record is not read here."""
    rows = CheckIn.objects.run_by(request.user).select_related("area", "baseline__area")
    found: CheckIn = get_object_or_404(rows, pk=check_in)
    return found


def require_run(request: SignedInRequest) -> None:
    if not request.user.can_everywhere(Permission.CHECK_IN_RUN):
        raise PermissionDenied("DfE programme staff run check-ins.")


def runs(view: View) -> View:
    """Hands the check-in to a view in which staff do something with it. When it has moved on, says
    so and gives back what was typed."""

    @wraps(view)
    def wrapped(request: SignedInRequest, check_in: int) -> HttpResponse:
        found = get_programme_check_in(request, check_in)
        require_run(request)
        try:
            return view(request, found)
        except NotNowError as error:
            typed = [request.POST[name] for name in TYPED if request.POST.get(name)]
            return _page(
                request, "assessments/queue_not_now.html", check_in=found, area=found.area,
                message=str(error), typed=typed, status=409,
            )  # fmt: skip

    return wrapped


def _page(
    request: SignedInRequest,
    template: str,
    *,
    form: PortalForm | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    if form is not None and form.is_bound and form.errors:
        status = 400
    context |= {"form": form, "programme_nav": programme_nav("check-ins")}
    return render(request, template, context, status=status)


def _record_of(check_in: CheckIn) -> ProgrammeRecord | None:
    rows = ProgrammeRecord.objects.select_related("owner", "saved_by", "agenda_sent_by")
    return rows.filter(check_in=check_in).first()


@require_safe
def programme_check_in(request: SignedInRequest, check_in: int) -> HttpResponse:
    found = get_programme_check_in(request, check_in)
    today, is_sent = timezone.localdate(), found.area_agreed_at is not None
    state = state_of(found.on, today, is_sent=is_sent)
    return _page(
        request, "assessments/programme_check_in.html", area=found.area, check_in=found,
        kept=_record_of(found), state=_state_words(found, state.label), is_sent=is_sent,
        away=away(state, found.on, today), said=said_in([found.pk]).get(found.pk, []),
        may_run=request.user.can_everywhere(Permission.CHECK_IN_RUN),
    )  # fmt: skip


def _state_words(check_in: CheckIn, otherwise: str) -> str:
    if check_in.is_cancelled:
        return "Called off"
    return "Agreed by the area and DfE" if check_in.is_closed else otherwise


@require_http_methods(FORM_METHODS)
def schedule_check_in(request: SignedInRequest) -> HttpResponse:
    require_programme(request)
    require_run(request)
    form = ScheduleForm(
        posted(request), areas=_areas(request), people=staff(),
        initial={"area": request.GET.get("area", ""), "owner": str(request.user.pk)},
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        planned = actions.schedule_check_in(by=request.user, **form.cleaned_data)
        messages.success(request, f"The check-in is planned. {planned.area.name} has been told.")
        return redirect("assessments:programme-check-in", planned.pk)
    return _page(request, "assessments/schedule_check_in.html", form=form)


def _areas(request: SignedInRequest) -> list[Area]:
    """Those with a submitted report."""
    submitted = Assessment.objects.current().filter(area=OuterRef("pk"))
    return list(Area.objects.visible_to(request.user).filter(Exists(submitted)))


@require_http_methods(FORM_METHODS)
@runs
def move_check_in(request: SignedInRequest, found: CheckIn) -> HttpResponse:
    refuse_unless_open(found)
    form = MoveForm(posted(request), initial={"on": found.on, "seen": found.on})
    if form.is_bound and form.is_valid():
        try:
            moved = actions.move_check_in(check_in=found, by=request.user, **form.cleaned_data)
        except ConflictError as error:
            kept = form.cleaned_data | {"seen": error.current.on}
            return _move_page(request, error.current, MoveForm(initial=kept), status=409)
        messages.success(request, f"The check-in is on {day(moved.on)}.")
        return redirect("assessments:programme-check-in", found.pk)
    return _move_page(request, found, form)


def _move_page(
    request: SignedInRequest, check_in: CheckIn, form: MoveForm, status: int = 200
) -> HttpResponse:
    return _page(
        request, "assessments/move_check_in.html", form=form, area=check_in.area,
        check_in=check_in, meanwhile=status == 409, status=status,
    )  # fmt: skip


@require_http_methods(FORM_METHODS)
@runs
def call_off_check_in(request: SignedInRequest, found: CheckIn) -> HttpResponse:
    refuse_unless_open(found)
    form = CallOffForm(posted(request))
    if form.is_bound and form.is_valid():
        actions.call_off_check_in(check_in=found, by=request.user, **form.cleaned_data)
        messages.success(request, f"The check-in is called off. {found.area.name} has been told.")
        return redirect("assessments:programme-check-in", found.pk)
    return _page(
        request, "assessments/call_off_check_in.html", form=form, area=found.area, check_in=found
    )


@require_http_methods(FORM_METHODS)
@runs
def assign_check_in(request: SignedInRequest, found: CheckIn) -> HttpResponse:
    actions.refuse_unless_planned(found)
    kept, people = _record_of(found), staff()
    initial = {
        "owner": str(kept.owner_id or "") if kept else "", "version": kept.version if kept else 0,
    }  # fmt: skip
    form = AssignForm(posted(request), people=people, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            actions.assign_check_in(check_in=found, by=request.user, **form.cleaned_data)
        except ConflictError as error:
            owner = form.cleaned_data["owner"]
            again = {"owner": str(owner.pk) if owner else "", "version": error.current.version}
            form = AssignForm(people=people, initial=again)
            return _kept_page(request, ASSIGN, found, form, error.current, status=409)
        messages.success(request, "It is saved who looks after the check-in.")
        return redirect("assessments:programme-check-in", found.pk)
    return _kept_page(request, ASSIGN, found, form, kept)


@require_http_methods(FORM_METHODS)
@runs
def note_check_in(request: SignedInRequest, found: CheckIn) -> HttpResponse:
    actions.refuse_if_cancelled(found)
    kept = _record_of(found)
    form = NoteForm(posted(request), initial=noted(kept))
    if form.is_bound and form.is_valid():
        try:
            actions.note_check_in(check_in=found, by=request.user, **form.values)
        except ConflictError as error:
            form = NoteForm(initial=form.cleaned_data | {"version": error.current.version})
            return _kept_page(request, NOTE, found, form, error.current, status=409)
        messages.success(request, "What DfE keeps about the check-in is saved.")
        return redirect("assessments:programme-check-in", found.pk)
    return _kept_page(request, NOTE, found, form, kept)


def _kept_page(
    request: SignedInRequest,
    template: str,
    check_in: CheckIn,
    form: PortalForm,
    kept: ProgrammeRecord | None,
    status: int = 200,
) -> HttpResponse:
    return _page(
        request, template, form=form, area=check_in.area,
        check_in=check_in, kept=kept, meanwhile=status == 409, status=status,
    )  # fmt: skip


@require_http_methods(FORM_METHODS)
@runs
def send_agenda(request: SignedInRequest, found: CheckIn) -> HttpResponse:
    refuse_unless_open(found)
    kept, leads = _record_of(found), leads_of(found)
    form = AgendaForm(posted(request), was_sent=bool(kept and kept.agenda_sent_at))
    if form.is_bound and form.is_valid():
        actions.send_agenda(check_in=found, again=form.says_again, by=request.user)
        messages.success(request, f"The agenda is on its way to {found.area.name}.")
        return redirect("assessments:programme-check-in", found.pk)
    about = {"by": request.user, "area": found.area, "check_in": found, **agenda_of(found)}
    return _page(
        request, "assessments/send_agenda.html", form=form, area=found.area, check_in=found,
        kept=kept, leads=leads, text=render_to_string("emails/agenda_text.txt", about),
    )  # fmt: skip
