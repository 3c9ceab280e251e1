"""The accounts of the demonstration that belong to no area."""

from __future__ import annotations

from areas.models import Membership, User
from areas.permissions import Role

NATIONAL = [
    ("programme@dfe.example", "Helen Marsh", "DfE programme adviser", Role.PROGRAMME, False),
    ("adviser@dfe.example", "Tom Adeyemi", "DfE programme adviser", Role.PROGRAMME, False),
    ("editor@portal.example", "Ravi Menon", "Content editor", Role.EDITOR, True),
]


def load_national_accounts(hashed: str) -> User:
    """Create them with this hash of a password; the content editor, who loads what areas have."""
    for email, name, job_title, role, is_staff in NATIONAL:
        user = User.objects.create(
            email=email, name=name, job_title=job_title, is_staff=is_staff, password=hashed
        )
        Membership.objects.create(user=user, role=role)
    return User.objects.get(memberships__role=Role.EDITOR)
