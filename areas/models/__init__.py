from areas.models.append_only import AppendOnly, AppendOnlyError, AppendOnlyQuerySet
from areas.models.areas import (
    FAMILY_SECTORS,
    REGION_CODES,
    REQUIRED_SECTORS,
    Area,
    AreaCode,
    Partner,
    Sector,
    StatisticalNeighbour,
)
from areas.models.audit import Audience, AuditEvent
from areas.models.invitations import Invitation
from areas.models.people import Membership, PastMembership, User
from areas.models.programme_notes import ProgrammeNote, ProgrammeNoteVersion
from areas.models.tokens import ApiToken

__all__ = [
    "FAMILY_SECTORS",
    "REGION_CODES",
    "REQUIRED_SECTORS",
    "ApiToken",
    "AppendOnly",
    "AppendOnlyError",
    "AppendOnlyQuerySet",
    "Area",
    "AreaCode",
    "Audience",
    "AuditEvent",
    "Invitation",
    "Membership",
    "Partner",
    "PastMembership",
    "ProgrammeNote",
    "ProgrammeNoteVersion",
    "Sector",
    "StatisticalNeighbour",
    "User",
]
