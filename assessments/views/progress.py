"""How far an action is, and what it changed: said by the people of the body that answers for it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from areas.requests import SignedInRequest, posted
from assessments.actions import plan
from assessments.actions.errors import ConflictError
from assessments.forms.plan import ImpactForm, ProgressForm
from assessments.models import Action
from assessments.views.plan import get_action, may_record
from assessments.views.shared import page

FORM_METHODS = ["GET", "HEAD", "POST"]


def get_recordable(request: SignedInRequest, dfe_code: str, action: int) -> Action:
    found = get_action(request, dfe_code, action)
    if not may_record(request.user, found):
        raise PermissionDenied(
            f"Only people of {found.body.name} and the SEND lead record progress on this action."
        )
    return found


@require_http_methods(FORM_METHODS)
def record_progress(request: SignedInRequest, dfe_code: str, action: int) -> HttpResponse:
    found = get_recordable(request, dfe_code, action)
    initial = {"version": found.version, "status": found.status}
    form = ProgressForm(posted(request), action=found, initial=initial)
    if not (form.is_bound and form.is_valid()):
        return _progress_page(request, found, form)
    try:
        plan.record_progress(action=found, by=request.user, **form.cleaned_data)
    except ConflictError as error:
        return _changed_meanwhile(request, form, error)
    messages.success(request, "The progress is recorded.")
    return redirect(found)


def _progress_page(
    request: SignedInRequest, action: Action, form: ProgressForm, status: int = 200
) -> HttpResponse:
    return page(
        request, "assessments/record_progress.html", action.area, current="actions",
        action=action, form=form, meanwhile=status == 409, status=status,
    )  # fmt: skip


def _changed_meanwhile(
    request: SignedInRequest, form: ProgressForm, error: ConflictError
) -> HttpResponse:
    """What was sent stays in the form, beside what someone else saved; sending it again counts."""
    current: Action = error.current
    kept = form.cleaned_data | {"version": current.version}
    again = ProgressForm(action=current, initial=kept)
    return _progress_page(request, current, again, status=409)


@require_http_methods(FORM_METHODS)
def record_impact(request: SignedInRequest, dfe_code: str, action: int) -> HttpResponse:
    found = get_recordable(request, dfe_code, action)
    form = ImpactForm(posted(request))
    if form.is_bound and form.is_valid():
        plan.record_impact(action=found, by=request.user, **form.cleaned_data)
        messages.success(request, "The impact is recorded.")
        return redirect(found)
    return page(
        request, "assessments/record_impact.html", found.area, current="actions", form=form,
        action=found,
    )  # fmt: skip
