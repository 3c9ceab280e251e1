from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from areas.actions import people as actions
from areas.actions.errors import LastLeadError
from areas.forms.people import RoleForm
from areas.models import Area, Invitation, Membership, Partner
from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from areas.views.areas import get_area, page, require
from send_portal.models import Mail

CLOSED_FOR = timedelta(days=30)
ONLY_LEAD = "The area needs a lead. Make somebody else a lead first."
# What became of the mail, in the words of the person who waits for an answer to it.
MAIL_WORDS = {
    Mail.State.WAITING: "On its way",
    Mail.State.SENDING: "On its way",
    Mail.State.SENT: "Sent",
    Mail.State.FAILED: "The mail server refused it. Check the address",
    Mail.State.UNCERTAIN: "Not known whether it left. Send it again if it has not arrived",
}


@require_safe
def people(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    require(request, Permission.PROGRESS_SEE, area)
    memberships = Membership.objects.filter(area=area, user__is_active=True)
    memberships = memberships.select_related("user", "partner").order_by(
        "user__name", "user_id", "pk"
    )
    manages = request.user.can(Permission.PEOPLE_MANAGE, area)
    return page(
        request, "areas/people.html", area, current="people", memberships=memberships,
        manages=manages, today=timezone.localdate(),
        **(_invitations(request, area) if manages else {}),
    )  # fmt: skip


def _invitations(request: SignedInRequest, area: Area) -> dict[str, Any]:
    """Those that wait for an answer, and those that were closed not long ago."""
    rows = list(
        Invitation.objects.visible_to(request.user)
        .filter(area=area)
        .exclude(accepted_at__lt=timezone.now() - CLOSED_FOR)
        .exclude(revoked_at__lt=timezone.now() - CLOSED_FOR)
        .select_related("partner", "invited_by")
    )
    mails = {
        mail.key: mail
        for mail in Mail.objects.filter(key__in=[row.mail_key for row in rows]).defer("body")
    }
    lines = [(row, _mail_words(mails.get(row.mail_key))) for row in rows]
    return {
        "invitations": [line for line in lines if line[0].is_open],
        "closed_invitations": [row for row in rows if not row.is_open],
    }


def _mail_words(mail: Mail | None) -> str:
    if mail is None:
        return ""
    if mail.state == Mail.State.WAITING and mail.attempts:
        return "The mail server has not taken it yet. We keep trying"
    return MAIL_WORDS[Mail.State(mail.state)]


@require_http_methods(["GET", "HEAD", "POST"])
def change_membership(request: SignedInRequest, dfe_code: str, membership: int) -> HttpResponse:
    area = get_area(request, dfe_code)
    require(request, Permission.PEOPLE_MANAGE, area)
    row = _get_membership(area, membership)
    initial = {"role": row.role, "partner": row.partner_id}
    form = RoleForm(posted(request), partners=_partners(area, row), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_membership(membership=row, by=request.user, **form.cleaned_data)
            messages.success(request, f"What {row.user.name} does here is changed.")
            return redirect("areas:people", area.dfe_code)
        except LastLeadError:
            form.add_error("role", ONLY_LEAD)
    return page(
        request, "areas/change_membership.html", area, current="people", form=form, membership=row
    )


def _partners(area: Area, row: Membership) -> list[Partner]:
    """Those that are open, and the one that this person has."""
    partners = Partner.objects.filter(area=area)
    return (
        partners.open_on(timezone.localdate()) | partners.filter(pk=row.partner_id or 0)
    ).in_order()


def _get_membership(area: Area, pk: int) -> Membership:
    rows = Membership.objects.filter(area=area).select_related("user", "area", "partner")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def remove_membership(request: SignedInRequest, dfe_code: str, membership: int) -> HttpResponse:
    area = get_area(request, dfe_code)
    require(request, Permission.PEOPLE_MANAGE, area)
    row = _get_membership(area, membership)
    if request.method == "POST":
        try:
            actions.remove_membership(membership=row, by=request.user)
            messages.success(request, f"{row.user.name} is no longer {row.standing}.")
        except LastLeadError:
            messages.warning(request, ONLY_LEAD)
        # Who has removed oneself may not see the people any more.
        own = row.user_id == request.user.pk
        return redirect("home") if own else redirect("areas:people", area.dfe_code)
    return page(request, "areas/remove_membership.html", area, current="people", membership=row)
