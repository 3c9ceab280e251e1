"""What the agenda of a check-in with DfE says: only what DfE may read of the area."""

from __future__ import annotations

from typing import Any

from assessments.models import CheckIn, CheckInPriority
from assessments.reports.build import contents_of
from assessments.reports.words import day, inside


def agenda_of(check_in: CheckIn) -> dict[str, Any]:
    """The priorities that the rule proposes from the submitted report, with their agreed levels;
    and those of the last check-in with DfE on which both agreed, with what was to come next.

    What the area has chosen or written since in this check-in is not read.
    """
    rows = contents_of(check_in.baseline, shows_partners=False).priorities
    last = (
        CheckIn.objects.of_programme()
        .closed()
        .filter(area=check_in.area_id, on__lte=check_in.on)
        .exclude(pk=check_in.pk)
        .order_by("-on", "-pk")
        .first()
    )
    return {
        "proposed": [
            f"{row.statement.code} {row.statement.title} (agreed: {inside(row.statement.agreed_words)})"
            for row in rows
        ],
        "last_on": last.on if last else None,
        "last": [_line(row) for row in _priorities(last)] if last else [],
    }


def _priorities(check_in: CheckIn) -> list[CheckInPriority]:
    return list(check_in.priorities.select_related("statement__ingredient", "body"))


def _line(row: CheckInPriority) -> str:
    level = f"level {row.level}" if row.level else "not re-confirmed"
    found = f"{row.statement.code} {row.statement.title} ({level})"
    if row.next_step and row.body and row.next_on:
        found += f". Next step: {row.next_step}. {row.body.name}, by {day(row.next_on)}"
    return found
