from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from areas.models import Area, AuditEvent, User


def record(
    verb: str,
    sentence: str,
    *,
    by: User,
    area: Area | None = None,
    assessment_id: int | None = None,
    partner_id: int | None = None,
    statement: str = "",
    details: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> AuditEvent:
    """Write one act to the log, inside the transaction of the act itself.

    `sentence` follows the person's name: "recorded dissent for Northmoor Parent Carers".
    Never pass a partner's level or reason: the log is read before the reveal too.
    """
    return AuditEvent.objects.create(
        at=at or timezone.now(),
        verb=verb,
        sentence=f"{by.name} {sentence}",
        actor_id=by.pk,
        actor_name=by.name,
        area_code=area.dfe_code if area else "",
        assessment_id=assessment_id,
        partner_id=partner_id,
        statement=statement,
        details=details or {},
    )
