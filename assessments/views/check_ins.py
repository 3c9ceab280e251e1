"""The check-ins of an area: the list, one record, planning, moving and calling off."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from areas.models import User
from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from areas.views import get_area
from assessments.actions import check_ins as actions
from assessments.actions.errors import ConflictError, NotNowError
from assessments.forms.check_ins import ChangeCheckInForm, CheckInForm
from assessments.models import Assessment, CheckIn, ProgrammeRecord
from assessments.reports.check_in import contents_of_check_in
from assessments.reports.words import days_left
from assessments.views.shared import TYPED, page, require

FORM_METHODS = ["GET", "HEAD", "POST"]
View = Callable[..., HttpResponse]


def get_check_in(request: SignedInRequest, check_in: int) -> CheckIn:
    """One that this person may read."""
    rows = CheckIn.objects.visible_to(request.user)
    related = (
        "area", "baseline__area", "area_agreed_by", "programme_agreed_by", "saved_by",
        "cancelled_by",
    )  # fmt: skip
    found: CheckIn = get_object_or_404(rows.select_related(*related), pk=check_in)
    return found


def keeps(user: User, check_in: CheckIn) -> bool:
    return user.can(Permission.CHECK_IN_KEEP, check_in.area)


def agrees_for_programme(user: User, check_in: CheckIn) -> bool:
    return check_in.waits_for_programme and user.can_everywhere(Permission.CHECK_IN_AGREE)


def says_not_now(view: View) -> View:
    """When the record has moved on, say so and give back what was typed."""

    @wraps(view)
    def wrapped(
        request: SignedInRequest, check_in: int, *args: object, **kwargs: object
    ) -> HttpResponse:
        try:
            return view(request, check_in, *args, **kwargs)
        except NotNowError as error:
            found = get_check_in(request, check_in)
            typed = [text for name, text in request.POST.items() if name in TYPED_HERE and text]
            return page(
                request, "assessments/check_in_not_now.html", found.area, current="check-ins",
                check_in=found, message=str(error), typed=typed, status=409,
            )  # fmt: skip

    return wrapped


TYPED_HERE = {*TYPED, "what_changed", "how_we_know", "blocker", "next_step"}


@require_safe
def check_ins(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    require(request, Permission.PROGRESS_SEE, area)
    related = CheckIn.objects.visible_to(request.user).select_related("baseline")
    rows = list(related.filter(area=area))
    open_ones = [row for row in rows if not row.is_closed and not row.is_cancelled]
    keeps_them = request.user.can(Permission.CHECK_IN_KEEP, area)
    return page(
        request, "assessments/check_ins.html", area, current="check-ins",
        planned=sorted(open_ones, key=lambda row: (row.on, row.pk)), today=timezone.localdate(),
        past=[(row, pace_of(row)) for row in rows if row not in open_ones],
        may_plan=keeps_them and Assessment.objects.latest_submitted(area) is not None,
    )  # fmt: skip


def pace_of(check_in: CheckIn) -> str:
    """The word for the momentum of a closed one; it asks the database nothing."""
    return contents_of_check_in(check_in).pace.lower() if check_in.is_closed else ""


@require_http_methods(FORM_METHODS)
def plan_check_in(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    require(request, Permission.CHECK_IN_KEEP, area)
    baseline = Assessment.objects.latest_submitted(area)
    if baseline is None:
        return page(
            request, "assessments/no_check_in_yet.html", area, current="check-ins", status=409
        )
    not_before = timezone.localdate(baseline.submitted_at)
    form = CheckInForm(posted(request), not_before=not_before)
    if form.is_bound and form.is_valid():
        planned = actions.plan_check_in(area=area, by=request.user, **form.cleaned_data)
        messages.success(request, "The check-in is planned.")
        return redirect(planned)
    return page(
        request, "assessments/plan_check_in.html", area, current="check-ins", form=form,
        baseline=baseline,
    )  # fmt: skip


@require_safe
def check_in(request: SignedInRequest, check_in: int) -> HttpResponse:
    found = get_check_in(request, check_in)
    today = timezone.localdate()
    keeps_it = keeps(request.user, found)
    return page(
        request,
        "assessments/check_in.html",
        found.area,
        current="check-ins",
        check_in=found,
        found=contents_of_check_in(found),
        away=days_left(found.on, today) if found.on >= today else "",
        may_write=keeps_it and found.is_open,
        may_agree=(keeps_it and found.is_open and found.on <= today)
        or agrees_for_programme(request.user, found),
        newer=_newer(found) if keeps_it and found.is_open else None,
        may_reopen=_may_reopen(request.user, found),
        owner=_owner_at_dfe(found),
        sees_actions=request.user.can(Permission.PROGRESS_SEE, found.area),
    )


def _newer(check_in: CheckIn) -> Assessment | None:
    """A report submitted since this was planned, with which it is not compared."""
    latest = Assessment.objects.latest_submitted(check_in.area)
    return latest if latest and latest.pk != check_in.baseline_id else None


def _owner_at_dfe(check_in: CheckIn) -> str:
    """All that an area reads of what DfE keeps: whom to call."""
    if not check_in.needs_programme:
        return ""
    kept = ProgrammeRecord.objects.filter(pk=check_in.pk, owner__isnull=False)
    return kept.values_list("owner__name", flat=True).first() or ""


def _may_reopen(user: User, check_in: CheckIn) -> bool:
    return check_in.waits_for_programme and (
        keeps(user, check_in) or agrees_for_programme(user, check_in)
    )


@require_http_methods(FORM_METHODS)
@says_not_now
def change_check_in(request: SignedInRequest, check_in: int) -> HttpResponse:
    found = get_check_in(request, check_in)
    require(request, Permission.CHECK_IN_KEEP, found.area)
    actions.refuse_unless_open(found)
    form = _change_form(request, found)
    if form.is_bound and form.is_valid():
        try:
            changed = actions.change_check_in(check_in=found, by=request.user, **form.cleaned_data)
        except ConflictError as error:
            return _changed_meanwhile(request, form, error)
        messages.success(request, "The check-in is saved.")
        return redirect(changed)
    return _change_page(request, found, form)


def _change_form(request: SignedInRequest, check_in: CheckIn) -> ChangeCheckInForm:
    initial = {"kind": check_in.kind, "on": check_in.on, "version": check_in.version}
    not_before = timezone.localdate(check_in.baseline.submitted_at)
    return ChangeCheckInForm(posted(request), not_before=not_before, initial=initial)


def _change_page(
    request: SignedInRequest, check_in: CheckIn, form: ChangeCheckInForm, status: int = 200
) -> HttpResponse:
    return page(
        request, "assessments/change_check_in.html", check_in.area, current="check-ins", form=form,
        check_in=check_in, meanwhile=status == 409, status=status,
    )  # fmt: skip


def _changed_meanwhile(
    request: SignedInRequest, form: ChangeCheckInForm, error: ConflictError
) -> HttpResponse:
    """What was sent stays in the form, beside what someone else saved; sending it again counts."""
    current: CheckIn = error.current
    kept = form.cleaned_data | {"version": current.version}
    again = ChangeCheckInForm(not_before=form.not_before, initial=kept)
    return _change_page(request, current, again, status=409)


@require_http_methods(FORM_METHODS)
@says_not_now
def cancel_check_in(request: SignedInRequest, check_in: int) -> HttpResponse:
    found = get_check_in(request, check_in)
    require(request, Permission.CHECK_IN_KEEP, found.area)
    actions.refuse_unless_open(found)
    if request.method == "POST":
        actions.cancel_check_in(check_in=found, by=request.user)
        messages.success(request, "The check-in is called off.")
        return redirect("assessments:check-ins", found.area.dfe_code)
    return page(
        request, "assessments/cancel_check_in.html", found.area, current="check-ins", check_in=found
    )
