"""What happened in an area, act by act: a page with filters, and the same as files."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from areas.models import Area, AuditEvent, Membership, Partner, User
from areas.models.audit import AuditEventQuerySet
from areas.permissions import Permission
from areas.requests import SignedInRequest
from areas.views import get_area
from assessments.forms.history import HistoryForm
from assessments.reports.history import HEAD, Names, objects, page_of, rows
from assessments.views.shared import page, require, visible_assessments
from send_portal.exports import csv_file, json_file

LONGEST_NUMBER = 18
CHUNK = 2000


@require_safe
def history(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area, names, form = _asked(request, dfe_code)
    if not form.is_valid():
        return _page(request, area, form)
    shown = page_of(
        form.narrow(_events(request, area)),
        names,
        before=_event(request, area, "before"),
        after=_event(request, area, "after"),
    )
    first, last = (shown.lines[0].id, shown.lines[-1].id) if shown.lines else (0, 0)
    return _page(
        request, area, form, shown=shown,
        newer={"url": _query(request, after=first)} if shown.has_newer else None,
        older={"url": _query(request, before=last)} if shown.has_older else None,
        files=_query(request),
    )  # fmt: skip


@require_safe
def history_csv(request: SignedInRequest, dfe_code: str) -> HttpResponseBase:
    """Every act that fits the filter, not only those of one page."""
    area, names, form = _asked(request, dfe_code)
    if not form.is_valid():
        return _page(request, area, form)
    events = form.narrow(_events(request, area)).iterator(chunk_size=CHUNK)
    return csv_file(_file_name(area, "csv"), HEAD, rows(events, names))


@require_safe
def history_json(request: SignedInRequest, dfe_code: str) -> HttpResponseBase:
    area, names, form = _asked(request, dfe_code)
    if not form.is_valid():
        return _page(request, area, form)
    events = form.narrow(_events(request, area)).iterator(chunk_size=CHUNK)
    about = {"area": {"code": area.dfe_code, "name": area.name}, "filter": request.GET.dict()}
    return json_file(_file_name(area, "json"), about, "acts", objects(events, names))


def _asked(request: SignedInRequest, dfe_code: str) -> tuple[Area, Names, HistoryForm]:
    """The area, what its numbers stand for, and what of its history is asked for."""
    area = get_area(request, dfe_code)
    require(request, Permission.HISTORY_SEE, area)
    assessments = list(visible_assessments(request).filter(area=area))
    names = names_of(area, assessments)
    people = list(_people(area))
    return (
        area,
        names,
        HistoryForm(request.GET, names=names, people=people, assessments=assessments),
    )


def _people(area: Area) -> QuerySet[User]:
    """Whom one may look for: the people of the area, and whoever did something in it before. Made
    so that it does not tell who has begun to score."""
    members = Membership.objects.filter(area=area).values("user")
    acted = AuditEvent.objects.actors_in(area.pk)
    return User.objects.filter(Q(pk__in=acted) | Q(pk__in=members)).only("name")


def names_of(area: Area, assessments: list[Any]) -> Names:
    partners = Partner.objects.filter(area=area).order_by("name", "pk")
    return Names(
        assessments={row.pk: row.title for row in assessments},
        partners=dict(partners.values_list("pk", "name")),
        statements={
            row.slug: f"{row.code} {row.title}"
            for assessment in reversed(assessments)
            for row in assessment.content.all_statements
        },
    )


def _events(request: SignedInRequest, area: Area) -> AuditEventQuerySet:
    return AuditEvent.objects.visible_to(request.user).filter(area_id=area.pk)


def _event(request: SignedInRequest, area: Area, name: str) -> AuditEvent | None:
    """The act from which a page goes on. An address that names none starts at the newest."""
    number = request.GET.get(name, "")
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER):
        return None
    event: AuditEvent | None = _events(request, area).filter(pk=number).first()
    return event


def _query(request: SignedInRequest, **change: int) -> str:
    """The filters of this address, with another place in the list."""
    asked = request.GET.copy()
    for name in ("before", "after"):
        asked.pop(name, None)
    asked.update({name: str(number) for name, number in change.items()})
    return f"?{asked.urlencode()}" if asked else ""


def _page(request: SignedInRequest, area: Area, form: HistoryForm, **shown: Any) -> HttpResponse:
    return page(request, "assessments/history.html", area, current="history", form=form, **shown)


def _file_name(area: Area, suffix: str) -> str:
    return f"{slugify(area.name)}-history-{timezone.localdate():%Y-%m-%d}.{suffix}"
