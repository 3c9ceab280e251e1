"""Who gets mail about an assessment: by what their memberships let them do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Self

from django.utils import timezone

from areas.models import Invitation, Membership, User
from areas.permissions import ROLE_PERMISSIONS, Permission, Role, roles_with


class People:
    """The people of some areas, read in two queries. Whoever is removed or closed gets no mail.

    `invited` holds the partners for which somebody may join to score.
    """

    def __init__(self, memberships: Iterable[Membership], invited: Iterable[int | None]) -> None:
        self.invited = frozenset(invited)
        self._by_area: dict[int | None, list[Membership]] = defaultdict(list)
        for row in memberships:
            self._by_area[row.area_id].append(row)

    @classmethod
    def of_areas(cls, area_ids: Iterable[int]) -> Self:
        ids = set(area_ids)
        memberships = Membership.objects.filter(area_id__in=ids, user__is_active=True)
        invitations = Invitation.objects.usable(timezone.now()).filter(
            area_id__in=ids, role__in=roles_with(Permission.SCORE)
        )
        return cls(
            memberships.select_related("user").order_by("user_id", "pk"),
            invitations.values_list("partner_id", flat=True),
        )

    def who_may(self, permission: Permission, area_id: int) -> list[User]:
        """Each person once, whatever the number of roles."""
        return _each_once(
            row for row in self._by_area[area_id] if permission in ROLE_PERMISSIONS[Role(row.role)]
        )

    def of_partner(self, permission: Permission, area_id: int, partner_id: int) -> list[User]:
        """Those who may do this for one partner."""
        return self.of_partners(permission, area_id, {partner_id})

    def of_partners(
        self, permission: Permission, area_id: int, partner_ids: set[int]
    ) -> list[User]:
        return _each_once(
            row
            for row in self._by_area[area_id]
            if row.partner_id in partner_ids and permission in ROLE_PERMISSIONS[Role(row.role)]
        )


def _each_once(memberships: Iterable[Membership]) -> list[User]:
    return list({row.user_id: row.user for row in memberships}.values())
