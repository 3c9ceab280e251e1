"""One mail = one function and one template. Each goes into the outbox, inside the act it tells of."""

from __future__ import annotations

from areas.models import Invitation, User
from areas.models.invitations import invitation_path
from send_portal import mail


def invitation(invitation: Invitation, token: str, *, by: User) -> None:
    """The same words for everybody, whether the address has an account or not."""
    mail.post(
        "invitation",
        invitation.email,
        {
            "area": invitation.area,
            "invitation": invitation,
            "by": by,
            "url": mail.link(invitation_path(token)),
        },
        key=invitation.mail_key,
    )
