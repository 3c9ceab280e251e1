from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from areas.actions import invitations as actions
from areas.actions.errors import AccountExistsError, InvitationClosedError
from areas.forms.invitations import InviteForm
from areas.forms.people import OpenAccountForm
from areas.models import Invitation, Partner
from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from areas.views.areas import get_area, page, require

FORM_METHODS = ["GET", "HEAD", "POST"]
CHANGED = "This invitation was used, withdrawn or sent again in the meantime."


@require_http_methods(FORM_METHODS)
def invite(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    require(request, Permission.PEOPLE_MANAGE, area)
    partners = Partner.objects.filter(area=area).open_on(timezone.localdate()).in_order()
    initial = {"partner": request.GET.get("partner", ""), "role": request.GET.get("role", "")}
    form = InviteForm(posted(request), partners=partners, initial=initial)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="invite", user=request.user):
            return ratelimit.respond_429(request)
        sent = actions.invite(area=area, by=request.user, **form.cleaned_data)
        _say_who(request, form.cleaned_data["addresses"], {row.email for row in sent})
        return redirect("areas:people", area.dfe_code)
    return page(request, "areas/invite.html", area, current="people", form=form)


def _say_who(request: SignedInRequest, asked: list[str], sent: set[str]) -> None:
    if sent:
        many = f"{len(sent)} invitations are" if len(sent) > 1 else "1 invitation is"
        messages.success(request, f"{many} on the way.")
    if left := [address for address in asked if address not in sent]:
        messages.warning(
            request, f"Not sent to {', '.join(left)}: invited already, or in this role already."
        )


def _manages(view: Callable[..., None]) -> Callable[..., HttpResponse]:
    """An act on one invitation, after which the lead is back on the page of people."""

    @wraps(view)
    @require_POST
    def wrapped(request: SignedInRequest, dfe_code: str, invitation: int) -> HttpResponse:
        area = get_area(request, dfe_code)
        require(request, Permission.PEOPLE_MANAGE, area)
        rows = Invitation.objects.visible_to(request.user).filter(area=area)
        row = get_object_or_404(rows.select_related("area", "partner"), pk=invitation)
        try:
            view(request, row)
        except InvitationClosedError:
            messages.warning(request, CHANGED)
        return redirect("areas:people", area.dfe_code)

    return wrapped


@_manages
def resend_invitation(request: SignedInRequest, row: Invitation) -> None:
    if ratelimit.consume(request, action="invite", user=request.user):
        actions.resend_invitation(invitation=row, by=request.user)
        messages.success(request, f"The invitation to {row.email} is on the way again.")
    else:
        messages.warning(request, "You have sent very many invitations. Try again in an hour.")


@_manages
def revoke_invitation(request: SignedInRequest, row: Invitation) -> None:
    actions.revoke_invitation(invitation=row, by=request.user)
    messages.success(request, f"The invitation to {row.email} is withdrawn.")


# ---- The other end: whoever has the link -------------------------------------------------------


@login_not_required
@require_http_methods(FORM_METHODS)
def invitation(request: SignedInRequest, token: str) -> HttpResponse:
    """Join by the link of the mail. Looking at the page changes nothing."""
    found = Invitation.objects.of_token(token).select_related("area", "partner", "invited_by")
    row = found.first()
    if not ratelimit.consume(request, action="join"):
        return ratelimit.respond_429(request)
    if row is None or row.state != Invitation.State.WAITING:
        response = _closed(request, row)
    elif not request.user.is_authenticated:
        response = _open_account(request, row)
    elif request.user.email == row.email:
        response = _join(request, row)
    else:
        status = 403 if request.method == "POST" else 200
        response = _page(request, "areas/wrong_account.html", row, status)
    # The address stays on this site by the policy of every page (same-origin). With no-referrer a
    # browser would hide where the form comes from as well, and Django refuses such a form.
    response["Cache-Control"] = "no-store, private"
    return response


def _open_account(request: SignedInRequest, row: Invitation) -> HttpResponse:
    """The page is the same whether the address has an account or not."""
    form = OpenAccountForm(posted(request), email=row.email)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.open_account(invitation=row, **form.cleaned_data)
        except AccountExistsError:
            form.add_error("password", "There is an account for this address. Sign in to join")
        except InvitationClosedError:
            return _closed(request, row)
        else:
            messages.success(request, f"You have joined {row.area.name}.")
            response: HttpResponse = perform_login(request, user, redirect_url=_task(row))
            return response
    return _page(request, "areas/invitation.html", row, 400 if form.errors else 200, form=form)


def _join(request: SignedInRequest, row: Invitation) -> HttpResponse:
    if request.method != "POST":
        return _page(request, "areas/join.html", row)
    try:
        actions.accept_invitation(invitation=row, by=request.user)
    except InvitationClosedError:
        return _closed(request, row)
    messages.success(request, f"You have joined {row.area.name}.")
    return redirect(_task(row))


def _closed(request: SignedInRequest, row: Invitation | None) -> HttpResponse:
    """One page for used, withdrawn, expired and never made, so that it tells nothing else."""
    if row and request.user.is_authenticated and row.accepted_by_id == request.user.pk:
        return redirect(_task(row))
    context = {"by": row.invited_by if row else None, "area": row.area if row else None}
    return render(request, "areas/invitation_closed.html", context, status=410 if row else 404)


def _page(
    request: SignedInRequest, template: str, row: Invitation, status: int = 200, **context: object
) -> HttpResponse:
    context |= {"invitation": row, "area": row.area, "next": request.path}
    return render(request, template, context, status=status)


def _task(row: Invitation) -> str:
    return reverse("assessments:next-step", args=[row.area.dfe_code])
