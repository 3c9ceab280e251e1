from areas.models.areas import FAMILY_SECTORS, REQUIRED_SECTORS, Area, AreaCode, Partner, Sector
from areas.models.audit import AppendOnlyError, AuditEvent
from areas.models.invitations import Invitation
from areas.models.people import Membership, PastMembership, User

__all__ = [
    "FAMILY_SECTORS",
    "REQUIRED_SECTORS",
    "AppendOnlyError",
    "Area",
    "AreaCode",
    "AuditEvent",
    "Invitation",
    "Membership",
    "Partner",
    "PastMembership",
    "Sector",
    "User",
]
