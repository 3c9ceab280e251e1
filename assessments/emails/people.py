"""Who gets mail about an assessment: by what their memberships let them do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Self

from areas.models import Membership, User
from areas.permissions import ROLE_PERMISSIONS, Permission, Role


class People:
    """The people of some areas, read in one query. Whoever is removed or closed gets no mail."""

    def __init__(self, memberships: Iterable[Membership]) -> None:
        self._by_area: dict[int | None, list[Membership]] = defaultdict(list)
        for row in memberships:
            self._by_area[row.area_id].append(row)

    @classmethod
    def of_areas(cls, area_ids: Iterable[int]) -> Self:
        return cls(
            Membership.objects.filter(area_id__in=set(area_ids), user__is_active=True)
            .select_related("user")
            .order_by("user_id", "pk")
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
