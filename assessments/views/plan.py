"""The area's plan: its actions by responsible body, one action, adding and changing it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from areas.models import Area, Partner, Sector, User
from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from areas.views import get_area
from assessments.actions import plan
from assessments.actions.errors import ConflictError
from assessments.actions.plan import CHANGING
from assessments.forms.plan import ActionFilter, ActionForm, ChangeActionForm
from assessments.models import Action, Assessment, SupportRequest
from assessments.models.actions_plan import OPEN_STATUSES, ActionQuerySet, Status
from assessments.reports.build import contents_of
from assessments.reports.contents import Priority
from assessments.reports.words import days_late
from assessments.views.conflict import item_conflict
from assessments.views.shared import page, require, visible_assessments

FORM_METHODS = ["GET", "HEAD", "POST"]
LABELS = {
    "what": "What will be done",
    "body": "Responsible body",
    "owner": "Owner",
    "due_on": "Due",
    "measure": "How you will know that it worked",
}


class Line(NamedTuple):
    """One action in a list. `late` is how late, in words; nothing when it is not."""

    action: Action
    late: str


class OfBody(NamedTuple):
    """What one partner answers for."""

    body: Partner
    lines: list[Line]


@require_safe
def actions(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    """The plan: what is late by responsible body, then all that the filters ask for."""
    area = get_area(request, dfe_code)
    require(request, Permission.PROGRESS_SEE, area)
    today, rows = timezone.localdate(), Action.objects.filter(area=area)
    manages = request.user.can(Permission.PLAN_MANAGE, area)
    filters = ActionFilter(request.GET, bodies=Partner.objects.filter(area=area).in_order())
    listed = filters.narrow_on(rows, today).with_impact()
    shown = by_body(listed.select_related("statement__ingredient"), today)
    return page(
        request, "assessments/actions.html", area, current="actions", filters=filters, shown=shown,
        total=sum(len(group.lines) for group in shown), late=by_body(rows.late(today), today),
        counts=_counts(rows, today), may_add=manages,
        waiting=_without_action(request, area) if manages else None,
        support=SupportRequest.objects.standing().filter(area=area).select_related("package"),
    )  # fmt: skip


def by_body(rows: ActionQuerySet, today: date) -> list[OfBody]:
    """Partners in their usual order, each with its actions, the earliest due first."""
    found: dict[int, OfBody] = {}
    for action in rows.select_related("area", "body"):
        group = found.setdefault(action.body_id, OfBody(action.body, []))
        late = days_late(action.due_on, today) if action.is_open else ""
        group.lines.append(Line(action, late))
    return sorted(
        found.values(), key=lambda group: (Sector.position(group.body.sector), group.body.name)
    )


def _counts(rows: ActionQuerySet, today: date) -> dict[str, int]:
    is_open, is_done = Q(status__in=OPEN_STATUSES), Q(status=Status.DONE)
    return rows.aggregate(
        open=Count("pk", filter=is_open, distinct=True),
        late=Count("pk", filter=is_open & Q(due_on__lt=today), distinct=True),
        done=Count("pk", filter=is_done, distinct=True),
        with_impact=Count("pk", filter=is_done & Q(impacts__isnull=False), distinct=True),
        given_up=Count("pk", filter=Q(status=Status.NO_ACTION), distinct=True),
    )


def _without_action(request: SignedInRequest, area: Area) -> dict[str, Any] | None:
    """The priorities of the last submitted picture for which nothing is planned."""
    last = (
        visible_assessments(request).current().filter(area=area).order_by("-submitted_at").first()
    )
    if last is None:
        return None
    planned = set(
        Action.objects.filter(area=area)
        .exclude(status=Status.NO_ACTION)
        .values_list("statement__slug", flat=True)
    )
    priorities = [row for row in _priorities(last) if row.statement.slug not in planned]
    return {"assessment": last, "priorities": priorities} if priorities else None


def _priorities(assessment: Assessment) -> Iterable[Priority]:
    return contents_of(assessment).priorities


def get_action(request: SignedInRequest, dfe_code: str, action: int) -> Action:
    """An action of an area in which this person takes part."""
    area = get_area(request, dfe_code)
    require(request, Permission.PROGRESS_SEE, area)
    rows = Action.objects.visible_to(request.user).filter(area=area)
    related = ("area", "body", "assessment", "statement__ingredient", "added_by", "saved_by")
    return get_object_or_404(rows.select_related(*related), pk=action)


def may_record(user: User, action: Action) -> bool:
    """The people of the responsible body, and the area's lead."""
    return action.body_id in user.partner_ids(Permission.ACTION_PROGRESS) or user.can(
        Permission.PLAN_MANAGE, action.area
    )


@require_safe
def action(request: SignedInRequest, dfe_code: str, action: int) -> HttpResponse:
    found = get_action(request, dfe_code, action)
    today = timezone.localdate()
    return page(
        request,
        "assessments/action.html",
        found.area,
        current="actions",
        action=found,
        late=days_late(found.due_on, today) if found.is_open else "",
        steps=found.progress.select_related("recorded_by"),
        impacts=found.impacts.select_related("recorded_by"),
        may_change=request.user.can(Permission.PLAN_MANAGE, found.area),
        may_record=may_record(request.user, found),
    )


@require_http_methods(FORM_METHODS)
def add_action(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    """Add an action, mostly out of a priority: `?assessment=` and `?statement=` say which."""
    area = get_area(request, dfe_code)
    require(request, Permission.PLAN_MANAGE, area)
    picture = _picture(request, area)
    form = _new_form(request, area, picture)
    if form.is_bound and form.is_valid():
        added = plan.add_action(area=area, assessment=picture, by=request.user, **form.values)
        messages.success(request, "The action is added.")
        return redirect(added)
    return page(
        request, "assessments/add_action.html", area, current="actions", form=form, picture=picture
    )


def _picture(request: SignedInRequest, area: Area) -> Assessment | None:
    """The assessment that was named, or the newest of which the priorities are known."""
    known = visible_assessments(request).filter(area=area, revealed_at__isnull=False)
    known = known.exclude(stage=Assessment.Stage.CANCELLED).order_by("-started_at")
    asked = request.GET.get("assessment", "")
    if asked.isascii() and asked.isdecimal():
        return get_object_or_404(known, pk=asked)
    return known.first()


def _new_form(request: SignedInRequest, area: Area, picture: Assessment | None) -> ActionForm:
    return ActionForm(
        posted(request),
        bodies=bodies_for(area),
        statements=picture.content.all_statements if picture else [],
        proposed=[row.statement.slug for row in _priorities(picture)] if picture else [],
        picture=picture.name if picture else "",
        initial={"priority": request.GET.get("statement", "")},
    )


def bodies_for(area: Area, also: Partner | None = None) -> list[Partner]:
    """Open partners, council first. also: the one that has answered so far, open or not."""
    found = Partner.objects.filter(area=area).open_on(timezone.localdate()).in_order()
    return found if also is None or also in found else [also, *found]


@require_http_methods(FORM_METHODS)
def change_action(request: SignedInRequest, dfe_code: str, action: int) -> HttpResponse:
    found = get_action(request, dfe_code, action)
    require(request, Permission.PLAN_MANAGE, found.area)
    form = _change_form(request, found)
    if form.is_bound and form.is_valid():
        try:
            changed = plan.change_action(action=found, by=request.user, **form.values)
        except ConflictError as error:
            return item_conflict(
                request, form, error, called="action", current="actions", labels=LABELS,
                merged=["what", "measure"],
            )  # fmt: skip
        messages.success(request, "The action is saved.")
        return redirect(changed)
    return page(
        request, "assessments/change_action.html", found.area, current="actions", form=form,
        action=found,
    )  # fmt: skip


def _change_form(request: SignedInRequest, action: Action) -> ChangeActionForm:
    """What was sent; both texts of a conflict come back to be edited, not saved."""
    bodies = bodies_for(action.area, action.body)
    if request.method == "POST" and request.POST.get("then") != "merge":
        return ChangeActionForm(request.POST, bodies=bodies)
    initial = {name: getattr(action, name) for name in CHANGING}
    initial |= {"body": action.body_id, "version": action.version}
    if request.method == "POST":
        sent = ChangeActionForm(request.POST, bodies=bodies)
        initial |= {name: sent[name].value() for name in sent.fields}
    return ChangeActionForm(bodies=bodies, initial=initial)
