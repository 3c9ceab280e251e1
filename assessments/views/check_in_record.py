"""The record of a check-in: its priorities, what moved on each, and who agreed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from assessments.actions import check_ins as actions
from assessments.actions.check_ins import RECORDING
from assessments.actions.errors import ConflictError
from assessments.forms.check_ins import (
    NOT_AGAIN,
    PrioritiesForm,
    RecordPriorityForm,
    ReopenCheckInForm,
)
from assessments.models import CheckIn, CheckInPriority, Evidence
from assessments.reports.check_in import CheckInContents, PriorityLine, contents_of_check_in
from assessments.views.check_ins import agrees_for_programme, get_check_in, keeps, says_not_now
from assessments.views.conflict import item_conflict
from assessments.views.plan import bodies_for
from assessments.views.shared import page, require

FORM_METHODS = ["GET", "HEAD", "POST"]
LABELS = {
    "level": "Level",
    "what_changed": "What changed, and why",
    "how_we_know": "How you know",
    "evidence": "Evidence",
    "blocker": "What is in the way",
    "next_step": "Next step",
    "body": "Responsible body",
    "next_on": "By when",
}


def get_open(request: SignedInRequest, check_in: int) -> CheckIn:
    """One in which this person writes now. Raises NotNowError when it is not open."""
    found = get_check_in(request, check_in)
    require(request, Permission.CHECK_IN_KEEP, found.area)
    actions.refuse_unless_open(found)
    return found


@require_http_methods(FORM_METHODS)
@says_not_now
def choose_priorities(request: SignedInRequest, check_in: int) -> HttpResponse:
    found = get_open(request, check_in)
    form = _priorities_form(request, found)
    if form.is_bound and form.is_valid():
        try:
            actions.choose_priorities(check_in=found, by=request.user, **form.cleaned_data)
        except ConflictError as error:
            kept = form.cleaned_data | {"version": error.current.version}
            again = _priorities_form(request, found, kept)
            return _priorities_page(request, error.current, again, status=409)
        messages.success(request, "The priorities are chosen.")
        return redirect(found)
    return _priorities_page(request, found, form)


def _priorities_form(
    request: SignedInRequest, check_in: CheckIn, kept: dict[str, Any] | None = None
) -> PrioritiesForm:
    chosen = check_in.priorities.values_list("statement__slug", flat=True)
    initial = kept or {
        "statements": list(chosen),
        "reason": check_in.choice_reason,
        "version": check_in.version,
    }
    return PrioritiesForm(
        None if kept else posted(request),
        statements=check_in.baseline.content.all_statements,
        proposed=actions.proposed_for(check_in.baseline),
        initial=initial,
    )


def _priorities_page(
    request: SignedInRequest, check_in: CheckIn, form: PrioritiesForm, status: int = 200
) -> HttpResponse:
    return page(
        request, "assessments/choose_priorities.html", check_in.area, current="check-ins",
        form=form, check_in=check_in, meanwhile=status == 409, status=status,
    )  # fmt: skip


@require_http_methods(FORM_METHODS)
@says_not_now
def record_priority(request: SignedInRequest, check_in: int, statement: str) -> HttpResponse:
    found = get_open(request, check_in)
    rows = found.priorities.select_related("statement", "evidence", "body")
    priority = get_object_or_404(rows, statement__slug=statement)
    priority.check_in = found
    contents = contents_of_check_in(found)
    form = _record_form(request, priority, contents)
    if form.is_bound and form.is_valid():
        try:
            actions.record_priority(priority=priority, by=request.user, **form.values)
        except ConflictError as error:
            return _conflict(request, form, error)
        messages.success(request, f"‘{priority.statement.title}’ is recorded.")
        return redirect(_next_url(found, contents, statement))
    return _record_page(request, priority, contents, form)


def _next_url(check_in: CheckIn, contents: CheckInContents, statement: str) -> str:
    """The next priority in order, or the whole record after the last."""
    slugs = [row.slug for row in contents.priorities]
    after = slugs[slugs.index(statement) + 1 :]
    if not after:
        return check_in.get_absolute_url()
    return reverse("assessments:record-priority", args=[check_in.pk, after[0]])


def _line(priority: CheckInPriority, contents: CheckInContents) -> PriorityLine:
    slug = priority.statement.slug
    return next(row for row in contents.priorities if row.slug == slug)


def _record_form(
    request: SignedInRequest, priority: CheckInPriority, contents: CheckInContents
) -> RecordPriorityForm:
    """What was sent; both texts of a conflict come back to be edited, not saved."""
    check_in, line = priority.check_in, _line(priority, contents)
    known: dict[str, Any] = {
        "levels": check_in.baseline.content.level_labels,
        "library": _library(priority),
        "linked": line.evidence,
        "bodies": bodies_for(check_in.area, priority.body),
        "then": f"It was {line.then} before." if line.then else "It had no level before.",
    }
    if request.method == "POST" and request.POST.get("then") != "merge":
        return RecordPriorityForm(request.POST, **known)
    initial = {name: getattr(priority, name) for name in RECORDING}
    initial |= {"body": priority.body_id, "version": priority.version}
    # Recorded without a level: it was said not to have been looked at again.
    initial["level"] = priority.level or (NOT_AGAIN if priority.version > 1 else "")
    if request.method == "POST":
        sent = RecordPriorityForm(request.POST, **known)
        initial |= {name: sent[name].value() for name in sent.fields}
    return RecordPriorityForm(**known, initial=initial)


def _library(priority: CheckInPriority) -> list[Evidence]:
    """What the area's library offers, and what is linked here already."""
    rows = list(Evidence.objects.offered().filter(area=priority.check_in.area))
    now = priority.evidence
    return rows if now is None or now in rows else [now, *rows]


def _record_page(
    request: SignedInRequest,
    priority: CheckInPriority,
    contents: CheckInContents,
    form: RecordPriorityForm,
) -> HttpResponse:
    statement = priority.check_in.baseline.content.statement_by_slug[priority.statement.slug]
    return page(
        request,
        "assessments/record_priority.html",
        priority.check_in.area,
        current="check-ins",
        form=form,
        check_in=priority.check_in,
        found=contents,
        statement=statement,
        levels=statement.level_sentences,
        actions=_actions_for(priority),
    )


def _actions_for(priority: CheckInPriority) -> Any:
    rows = priority.check_in.area.actions.filter(statement__slug=priority.statement.slug)
    return rows.select_related("area", "body")


def _conflict(
    request: SignedInRequest, form: RecordPriorityForm, error: ConflictError
) -> HttpResponse:
    """Both versions side by side; nothing is overwritten until a person chooses."""
    saved: CheckInPriority = error.current
    return item_conflict(
        request, form, error, called="priority", current="check-ins", labels=LABELS,
        merged=["what_changed", "how_we_know", "blocker"], area=saved.check_in.area,
        back=request.path, title=saved.statement.title,
    )  # fmt: skip


@require_http_methods(FORM_METHODS)
@says_not_now
def agree_check_in(request: SignedInRequest, check_in: int) -> HttpResponse:
    """Agree the record: the lead for the area, then programme staff for DfE."""
    found = get_check_in(request, check_in)
    for_programme = agrees_for_programme(request.user, found)
    if not for_programme:
        if not keeps(request.user, found):
            raise PermissionDenied("The SEND lead agrees for the area.")
        actions.refuse_unless_held(found)
    if request.method == "POST":
        agreed = actions.agree_check_in(
            check_in=found, by=request.user, for_programme=for_programme
        )
        messages.success(request, _agreed_words(agreed))
        return redirect(agreed)
    return page(
        request, "assessments/agree_check_in.html", found.area, current="check-ins",
        check_in=found, found=contents_of_check_in(found), for_programme=for_programme,
    )  # fmt: skip


def _agreed_words(check_in: CheckIn) -> str:
    if check_in.is_closed:
        return "The record is agreed. It stays as it is."
    return "The record is agreed for the area. DfE can read and agree it now."


@require_http_methods(FORM_METHODS)
@says_not_now
def reopen_check_in(request: SignedInRequest, check_in: int) -> HttpResponse:
    """Give a record that waits for DfE back to the area."""
    found = get_check_in(request, check_in)
    if not (keeps(request.user, found) or request.user.can_everywhere(Permission.CHECK_IN_AGREE)):
        raise PermissionDenied("The SEND lead or DfE opens a record again.")
    actions.refuse_unless_waiting(found)
    form = ReopenCheckInForm(posted(request))
    if form.is_bound and form.is_valid():
        actions.reopen_check_in(check_in=found, by=request.user, **form.cleaned_data)
        messages.success(request, "The area writes in the record again.")
        return redirect("assessments:area-home", found.area.dfe_code)
    return page(
        request, "assessments/reopen_check_in.html", found.area, current="check-ins", form=form,
        check_in=found,
    )  # fmt: skip
