from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from areas.models import Area, Audience, AuditEvent, User


def record(verb: str, sentence: str, **about: Any) -> AuditEvent:
    """Write one act to the log, inside the transaction of the act itself; see `audit_event`."""
    event = audit_event(verb, sentence, **about)
    event.save()
    return event


def audit_event(
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
    audience: Audience | None = None,
) -> AuditEvent:
    """One act, not yet written.

    `sentence` follows the person's name: "recorded dissent for Northmoor Parent Carers".
    Never pass a partner's level or reason: the log is read before the reveal too. Unless
    `audience` says otherwise, an act for a partner is told to those who score for that partner
    alone. `details["reason"]` is printed below the sentence.
    """
    if audience is None:
        audience = Audience.AREA if partner_id is None else Audience.PARTNER
    return AuditEvent(
        at=at or timezone.now(),
        verb=verb,
        sentence=f"{by.name} {sentence}",
        audience=audience,
        actor_id=by.pk,
        actor_name=by.name,
        area_id=area.pk if area else None,
        area_code=area.dfe_code if area else "",
        assessment_id=assessment_id,
        partner_id=partner_id,
        statement=statement,
        details=details or {},
    )
