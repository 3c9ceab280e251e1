from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from areas.models import Membership, User


class PortalBackend(AuthenticationBackend):
    """Signs in as allauth does, and reads a person together with their memberships.

    Every page needs both: who you are and what you may do where.
    """

    def get_user(self, user_id: int) -> User | None:
        rows = list(
            Membership.objects.filter(user_id=user_id).select_related("user", "area", "partner")
        )
        if not rows:
            user: User | None = super().get_user(user_id)
            return user
        user = rows[0].user
        user.all_memberships = rows
        return user if self.user_can_authenticate(user) else None
