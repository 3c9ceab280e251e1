"""Invite people to an area, and join by an invitation."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from areas import emails
from areas.actions.audit import record
from areas.actions.errors import AccountExistsError, InvitationClosedError
from areas.models import Area, Audience, Invitation, Membership, Partner, User
from areas.models.invitations import VALID_FOR, hash_of, new_token
from areas.models.people import standing
from areas.permissions import FOR_A_PARTNER, IN_AN_AREA, Role
from send_portal import mail


@transaction.atomic
def invite(
    *, area: Area, addresses: Sequence[str], role: str, partner: Partner | None, by: User
) -> list[Invitation]:
    """Invite each address to a role in the area; the invitations that were sent.

    Whoever has this role here already, or a valid invitation to it, is left out. An expired
    invitation is sent again. Whether an address has an account is never looked up, so nothing
    can tell it. Raises ValueError naming `role` or `partner` when they do not fit the area.
    """
    if role not in IN_AN_AREA:
        raise ValueError("role: it is not given by an area")
    if partner is None and role in FOR_A_PARTNER:
        raise ValueError("partner: this role is held for a partner")
    if partner is not None and partner.area_id != area.pk:
        raise ValueError("partner: it belongs to another area")
    # Two leads who invite the same people at once are served one after the other.
    Area.objects.select_for_update().get(pk=area.pk)
    here = {"area": area, "role": role, "partner": partner}
    members = set(
        Membership.objects.filter(**here, user__is_active=True).values_list(
            "user__email", flat=True
        )
    )
    before = {row.email: row for row in Invitation.objects.open().filter(**here)}
    sent = []
    for address in dict.fromkeys(address.lower() for address in addresses):
        old = before.get(address)
        if address in members or (old and old.state == Invitation.State.WAITING):
            continue
        sent.append(_renew(old, by) if old else _make(area, address, role, partner, by))
    if sent:
        who = "1 person" if len(sent) == 1 else f"{len(sent)} people"
        # No address in the log: it is never erased, and they have not agreed to anything yet.
        _record(
            "invitation.send", f"invited {who} as {standing(role, partner)}", sent[0], by, len(sent)
        )
    return sent


def _make(area: Area, address: str, role: str, partner: Partner | None, by: User) -> Invitation:
    token, now = new_token(), timezone.now()
    invitation = Invitation.objects.create(
        area=area,
        email=address,
        role=role,
        partner=partner,
        token_hash=hash_of(token),
        invited_at=now,
        invited_by=by,
        mailed_at=now,
        expires_at=now + VALID_FOR,
    )
    emails.invitation(invitation, token, by=by)
    return invitation


def _renew(invitation: Invitation, by: User) -> Invitation:
    token, now = new_token(), timezone.now()
    renewed = (
        Invitation.objects.open()
        .filter(pk=invitation.pk, number=invitation.number)
        .update(
            token_hash=hash_of(token),
            number=invitation.number + 1,
            mailed_at=now,
            expires_at=now + VALID_FOR,
        )
    )
    if renewed != 1:
        raise InvitationClosedError
    mail.withdraw(invitation.mail_key)
    invitation.refresh_from_db()
    emails.invitation(invitation, token, by=by)
    return invitation


@transaction.atomic
def resend_invitation(*, invitation: Invitation, by: User) -> None:
    """Send it once more, for 14 days from now, with a new link; the old link is dead.

    Raises InvitationClosedError when it was used, withdrawn or sent again in the meantime.
    """
    _renew(invitation, by)
    _record(
        "invitation.resend", f"sent an invitation as {invitation.standing} again", invitation, by
    )


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    """Withdraw it: its link is dead, and a mail that has not left never does.

    Raises InvitationClosedError when it was used or withdrawn in the meantime.
    """
    closed = (
        Invitation.objects.open()
        .filter(pk=invitation.pk)
        .update(revoked_at=timezone.now(), revoked_by=by)
    )
    if closed != 1:
        raise InvitationClosedError
    mail.withdraw(invitation.mail_key)
    _record("invitation.revoke", f"withdrew an invitation as {invitation.standing}", invitation, by)


@transaction.atomic
def open_account(*, invitation: Invitation, name: str, job_title: str, password: str) -> User:
    """Make an account for the invited address and join with it.

    Raises AccountExistsError when the address has one, and InvitationClosedError as
    accept_invitation does.
    """
    _hold(invitation)
    if User.objects.filter(email=invitation.email).exists():
        raise AccountExistsError
    try:
        # Two invitations to one address, used at the same moment.
        with transaction.atomic():
            user = User.objects.create_user(
                invitation.email, password, name=name, job_title=job_title
            )
    except IntegrityError as error:
        raise AccountExistsError from error
    accept_invitation(invitation=invitation, by=user)
    return user


@transaction.atomic
def accept_invitation(*, invitation: Invitation, by: User) -> Membership:
    """Join the area in the role that the invitation names, and in no other.

    Raises InvitationClosedError when it cannot be used any more, and ValueError naming `by`
    when it was sent to somebody else.
    """
    if by.email != invitation.email:
        raise ValueError("by: the invitation is for another address")
    _hold(invitation)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now(), accepted_by=by)
    mail.withdraw(invitation.mail_key)
    membership, _ = Membership.objects.get_or_create(
        user=by, role=invitation.role, area=invitation.area, partner=invitation.partner
    )
    _record("invitation.accept", f"joined as {invitation.standing}", invitation, by)
    return membership


def _hold(invitation: Invitation) -> None:
    """Of several who use one link at the same moment, lets the first one through."""
    usable = Invitation.objects.usable(timezone.now()).select_for_update()
    if not usable.filter(pk=invitation.pk, token_hash=invitation.token_hash).first():
        raise InvitationClosedError


def revoke_all(invitations: Sequence[Invitation], *, by: User) -> None:
    """Withdraw those that are still open, as part of another act."""
    for invitation in invitations:
        revoke_invitation(invitation=invitation, by=by)


def _record(verb: str, sentence: str, invitation: Invitation, by: User, count: int = 1) -> None:
    record(
        verb,
        sentence,
        by=by,
        area=invitation.area,
        partner_id=invitation.partner_id,
        audience=Audience.AREA,
        details={"role": Role(invitation.role).value, "people": count},
    )
