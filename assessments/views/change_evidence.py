"""Changing, retiring and bringing back an item of the library."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from areas.requests import SignedInRequest
from assessments.actions import evidence as actions
from assessments.actions.errors import ConflictError, NotNowError
from assessments.actions.evidence import CHANGING
from assessments.forms.evidence import ChangeEvidenceForm
from assessments.models import Evidence
from assessments.views.conflict import item_conflict
from assessments.views.evidence import get_item, may_change, owners_for
from assessments.views.shared import page

FORM_METHODS = ["GET", "HEAD", "POST"]
LABELS = {
    "title": "Title",
    "kind": "Kind",
    "address": "Web address",
    "shows": "What it shows",
    "owner": "Whose",
    "dated_on": "Date of the evidence",
    "review_on": "Review date",
}


def get_changeable(request: SignedInRequest, dfe_code: str, item: int) -> Evidence:
    found = get_item(request, dfe_code, item)
    if not may_change(request.user, found):
        raise PermissionDenied(
            f"Only people of {found.owner.name} and the SEND lead change this item."
        )
    return found


@require_http_methods(FORM_METHODS)
def change_evidence(request: SignedInRequest, dfe_code: str, item: int) -> HttpResponse:
    found = get_changeable(request, dfe_code, item)
    form = _form(request, found)
    if not (form.is_bound and form.is_valid()):
        return _page(request, found, form)
    try:
        changed = actions.change_evidence(evidence=found, by=request.user, **form.values)
    except ConflictError as error:
        return _conflict(request, form, error)
    except NotNowError as error:
        return _page(request, found, form, not_now=str(error))
    messages.success(request, f"‘{changed.title}’ is saved.")
    return redirect(changed)


def _form(request: SignedInRequest, item: Evidence) -> ChangeEvidenceForm:
    """What was sent; both texts of a conflict come back to be edited, not saved."""
    owners = owners_for(request.user, item.area, item.owner)
    if request.method == "POST" and request.POST.get("then") != "merge":
        return ChangeEvidenceForm(request.POST, item=item, owners=owners)
    initial = {name: getattr(item, name) for name in CHANGING}
    initial |= {"owner": item.owner_id, "version": item.version}
    if request.method == "POST":
        sent = ChangeEvidenceForm(request.POST, item=item, owners=owners)
        initial |= {name: sent[name].value() for name in sent.fields}
    return ChangeEvidenceForm(item=item, owners=owners, initial=initial)


def _page(
    request: SignedInRequest, item: Evidence, form: ChangeEvidenceForm, *, not_now: str = ""
) -> HttpResponse:
    return page(
        request,
        "assessments/change_evidence.html",
        item.area,
        current="evidence",
        form=form,
        item=item,
        not_now=not_now,
        status=409 if not_now else 200,
    )


def _conflict(
    request: SignedInRequest, form: ChangeEvidenceForm, error: ConflictError
) -> HttpResponse:
    """Both versions side by side; nothing is overwritten until a person chooses."""
    shown = {name: label for name, label in LABELS.items() if name in form.fields}
    return item_conflict(
        request, form, error, called="item", current="evidence", labels=shown, merged=["shows"]
    )


@require_http_methods(FORM_METHODS)
def retire_evidence(request: SignedInRequest, dfe_code: str, item: int) -> HttpResponse:
    found = get_changeable(request, dfe_code, item)
    if request.method == "POST":
        actions.retire_evidence(evidence=found, by=request.user)
        messages.success(request, f"‘{found.title}’ is retired. You can bring it back.")
        return redirect(found)
    return page(
        request, "assessments/retire_evidence.html", found.area, current="evidence", item=found
    )


@require_POST
def restore_evidence(request: SignedInRequest, dfe_code: str, item: int) -> HttpResponse:
    found = get_changeable(request, dfe_code, item)
    actions.restore_evidence(evidence=found, by=request.user)
    messages.success(request, f"‘{found.title}’ is offered again.")
    return redirect(found)
