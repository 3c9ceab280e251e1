"""What people do in an area, and their own details."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from areas.actions.audit import record
from areas.actions.errors import LastLeadError
from areas.actions.invitations import revoke_all
from areas.models import Area, Audience, Invitation, Membership, Partner, PastMembership, User
from areas.models.people import standing
from areas.permissions import FOR_A_PARTNER, IN_AN_AREA, Role


@transaction.atomic
def change_membership(
    *, membership: Membership, role: str, partner: Partner | None, by: User
) -> None:
    """Give a person another role or partner in the same area. Their work stays where it was done.

    Raises LastLeadError when the area would have no lead, ValueError naming `role` or `partner`
    when they do not fit the area.
    """
    area = _area_of(membership)
    if role not in IN_AN_AREA:
        raise ValueError("role: it is not given by an area")
    if (partner is None and role in FOR_A_PARTNER) or (partner and partner.area_id != area.pk):
        raise ValueError("partner: it does not fit")
    if (role, partner) == (membership.role, membership.partner):
        return
    if role != Role.LEAD:
        _keep_a_lead(membership, area)
    before = membership.standing
    if not end_membership(membership, by=by):
        return
    Membership.objects.get_or_create(user=membership.user, area=area, role=role, partner=partner)
    record(
        "membership.change",
        f"made {membership.user.name} {standing(role, partner)}, before {before}",
        by=by,
        area=area,
        partner_id=partner.pk if partner else None,
        audience=Audience.AREA,
    )


@transaction.atomic
def remove_membership(*, membership: Membership, by: User) -> None:
    """End what a person does in an area, from their next click on. Their work stays.

    When somebody else ends it, open invitations of the area to that person are withdrawn too.
    Raises LastLeadError when the area would have no lead.
    """
    area = _area_of(membership)
    _keep_a_lead(membership, area)
    person, what = membership.user, membership.standing
    partner_id = membership.partner_id
    if not end_membership(membership, by=by):
        return
    own = by.pk == person.pk
    record(
        "membership.leave" if own else "membership.remove",
        f"left as {what}" if own else f"ended the membership of {person.name} as {what}",
        by=by,
        area=area,
        partner_id=partner_id,
        audience=Audience.AREA,
    )
    if not own:
        revoke_all(list(Invitation.objects.open().filter(area=area, email=person.email)), by=by)


def end_membership(membership: Membership, *, by: User) -> bool:
    """The right goes with its row; who had it from when to when is kept.

    False when somebody else has ended it in the meantime.
    """
    gone, _ = Membership.objects.filter(pk=membership.pk).delete()
    if not gone:
        return False
    now = timezone.now()
    PastMembership.objects.create(
        user=membership.user,
        role=membership.role,
        area=membership.area,
        partner=membership.partner,
        joined_at=min(membership.joined_at, now),
        ended_at=now,
        ended_by=by,
    )
    return True


def _area_of(membership: Membership) -> Area:
    if membership.area is None:
        raise ValueError("membership: it holds everywhere, so no area can change it")
    return membership.area


def _keep_a_lead(membership: Membership, area: Area) -> None:
    if membership.role != Role.LEAD:
        return
    # Two leads who remove each other at the same moment are served one after the other.
    Area.objects.select_for_update().get(pk=area.pk)
    others = Membership.objects.filter(area=area, role=Role.LEAD, user__is_active=True)
    if not others.exclude(pk=membership.pk).exists():
        raise LastLeadError


@transaction.atomic
def change_details(*, name: str, job_title: str, by: User) -> None:
    """Change one's own name and job title. What was recorded under the old name keeps it."""
    before = by.name
    User.objects.filter(pk=by.pk).update(name=name, job_title=job_title)
    by.name, by.job_title = name, job_title
    if name != before:
        record("person.rename", f"was called {before} before", by=by)
