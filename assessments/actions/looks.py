"""Note who at DfE looks at a report."""

from __future__ import annotations

from django.utils import timezone

from areas.models import User
from assessments.models import Assessment, Look


def note_look(*, assessment: Assessment, by: User, shows_partners: bool = True) -> None:
    """That this person opened the report today. Looking again the same day adds nothing.

    `shows_partners` False: what was opened has no partner's scores, whatever the area shares.
    """
    Look.objects.get_or_create(
        assessment=assessment,
        by=by,
        on=timezone.localdate(),
        with_partners=shows_partners and assessment.dfe_sees_partners,
    )
