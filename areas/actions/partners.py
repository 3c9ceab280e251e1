"""The partners of an area: who they are, from when to when, and what became of them."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from areas.actions.audit import record
from areas.actions.invitations import revoke_all
from areas.models import Area, Audience, Membership, Partner, User


@transaction.atomic
def add_partner(*, area: Area, sector: str, name: str, by: User) -> Partner:
    """Add an organisation or group to an area, open from today."""
    partner = _open(area, sector, name, timezone.localdate())
    record(
        "partner.add",
        f"added the partner {name}",
        by=by,
        area=area,
        partner_id=partner.pk,
        audience=Audience.AREA,
    )
    return partner


def _open(area: Area, sector: str, name: str, day: date) -> Partner:
    partner = Partner(area=area, sector=sector, name=name, opened_on=day)
    partner.full_clean()
    partner.save()
    return partner


@transaction.atomic
def change_partner(
    *,
    partner: Partner,
    sector: str,
    name: str,
    opened_on: date,
    closed_on: date | None,
    by: User,
) -> None:
    """Correct what is known of a partner. Returns and reports keep the name they were made with.

    Raises ValueError naming `sector` when work was done for it, and ValidationError as the
    model does.
    """
    if sector != partner.sector and partner.has_work:
        raise ValueError("sector: an assessment used it")
    before = partner.name
    partner.sector, partner.name = sector, name
    partner.opened_on, partner.closed_on = opened_on, closed_on
    partner.full_clean()
    partner.save()
    renamed = f"renamed the partner {before} to {name}"
    _record(
        "partner.change", renamed if name != before else f"changed the partner {name}", partner, by
    )


@transaction.atomic
def close_partner(*, partner: Partner, closed_on: date, by: User) -> None:
    """Close a partner on a day: from then on it is not offered for new assessments.

    What it has begun it may finish, so its people keep their roles. Open invitations to it are
    withdrawn. Raises ValidationError for a day before it opened.
    """
    _close(partner, closed_on)
    revoke_all(list(partner.invitations.open()), by=by)
    _record("partner.close", f"closed the partner {partner.name} on {_day(closed_on)}", partner, by)


@transaction.atomic
def replace_partner(
    *,
    partner: Partner,
    opens_on: date,
    name: str,
    successor: Partner | None,
    move_people: bool,
    by: User,
) -> Partner:
    """One partner ends and another takes its place, as when integrated care boards merge.

    `successor` is a partner of the area that takes it over, or None for a new one of this name.
    The old one is closed from `opens_on`, the day on which the new one is there. With
    `move_people` its people get the same roles in the new one, and keep those in the old one so
    that they can finish and sign what it has begun; open invitations go to the new one. An open
    return stays with the old partner: it was invited, and the report says who scored.
    Raises ValueError naming `successor` when it is of another area or the partner itself.
    """
    if successor and (successor.area_id != partner.area_id or successor.pk == partner.pk):
        raise ValueError("successor: it cannot take this partner over")
    _close(partner, opens_on)
    new = successor or _open(partner.area, partner.sector, name, opens_on)
    partner.replaced_by = new
    partner.save(update_fields=["replaced_by"])
    if move_people:
        _take_along(partner, new)
    revoke_all(list(partner.invitations.open()), by=by)
    _record(
        "partner.replace",
        f"replaced the partner {partner.name} by {new.name} on {_day(opens_on)}",
        partner,
        by,
    )
    return new


def _close(partner: Partner, closed_on: date) -> None:
    partner.closed_on = closed_on
    partner.full_clean()
    partner.save(update_fields=["closed_on"])


def _take_along(old: Partner, new: Partner) -> None:
    for membership in old.memberships.all():
        Membership.objects.get_or_create(
            user_id=membership.user_id, role=membership.role, area_id=new.area_id, partner=new
        )
    for invitation in old.invitations.open():
        same = new.invitations.open().filter(email=invitation.email, role=invitation.role)
        if not same.exists():
            old.invitations.filter(pk=invitation.pk).update(partner=new)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _record(verb: str, sentence: str, partner: Partner, by: User) -> None:
    record(verb, sentence, by=by, area=partner.area, partner_id=partner.pk, audience=Audience.AREA)
