"""The check-in queue of DfE programme staff: what is due, and the same as files."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from areas.models import Area, User
from areas.permissions import Permission
from areas.requests import SignedInRequest
from assessments.forms.queue import QueueForm
from assessments.reports.exports.queue import COLUMNS, queue_calendar, queue_rows
from assessments.reports.queue import Line, State, grouped, queue_of
from assessments.reports.queue_rows import row
from assessments.views.programme import programme_page, require_programme
from send_portal.exports import csv_file

TEMPLATE = "assessments/check_in_queue.html"


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the queue is asked for. `shown` are the lines that fit, in order; `lines` all."""

    form: QueueForm
    lines: list[Line]
    shown: list[Line]


def staff() -> list[User]:
    """Those who may look after a check-in at DfE."""
    return list(User.objects.who_can(Permission.CHECK_IN_RUN))


@require_safe
def check_in_queue(request: SignedInRequest) -> HttpResponse:
    asked = _asked(request)
    may_run = request.user.can_everywhere(Permission.CHECK_IN_RUN)
    groups = [
        (group.state, [row(line, may_run=may_run) for line in group.lines])
        for group in grouped(asked.shown)
    ]
    return programme_page(
        request, TEMPLATE, asked.form, current="check-ins", asked=asked, groups=groups,
        may_run=may_run, not_planned=State.NOT_PLANNED,
    )  # fmt: skip


@require_safe
def check_in_queue_csv(request: SignedInRequest) -> HttpResponseBase:
    asked = _asked(request)
    if asked.form.errors:
        return check_in_queue(request)
    return csv_file(_file_name("csv"), list(COLUMNS), queue_rows(asked.shown))


@require_safe
def check_in_queue_ics(request: SignedInRequest) -> HttpResponse:
    asked = _asked(request)
    if asked.form.errors:
        return check_in_queue(request)
    made = queue_calendar(asked.shown, request.get_host(), request.build_absolute_uri)
    response = HttpResponse(made, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name("ics")}"'
    return response


def _asked(request: SignedInRequest) -> Asked:
    require_programme(request)
    people = staff()
    form = QueueForm(request.GET, people=people, by=request.user)
    if not form.is_valid():
        return Asked(form, [], [])
    areas = Area.objects.visible_to(request.user)
    lines = form.of_a_kind(queue_of(areas, people, timezone.localdate()))
    return Asked(form, lines, form.narrow(lines))


def _file_name(suffix: str) -> str:
    return f"check-ins-{timezone.localdate():%Y-%m-%d}.{suffix}"
