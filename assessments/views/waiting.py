"""Who is waited for in an assessment, in words, the latest first. Counts, never what was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from areas.models import User
from areas.permissions import Permission
from assessments.models import Assessment, PartnerReturn
from assessments.reports.words import day, days_late
from assessments.views.next_steps import own

Stage = Assessment.Stage


@dataclass(frozen=True, slots=True)
class Waited:
    row: PartnerReturn
    words: str
    more: str
    late: str = ""
    grace_url: str = ""


def waited_for(
    user: User, assessment: Assessment, returns: Sequence[PartnerReturn]
) -> list[Waited]:
    found: list[Waited] = []
    mine = {row.pk for row in own(user, returns, Permission.SCORE)}
    if assessment.is_scoring:
        manages = user.can(Permission.ASSESSMENT_MANAGE, assessment.area)
        waiting = [row for row in returns if not row.is_submitted]
        found = [_to_submit(row, own=row.pk in mine, manages=manages) for row in waiting]
    elif assessment.stage == Stage.SIGN_OFF:
        mine |= {row.pk for row in own(user, returns, Permission.SIGN)}
        unsigned = [row for row in returns if not row.has_signed]  # type: ignore[attr-defined]
        found = [_to_sign(row, own=row.pk in mine) for row in unsigned]
    return sorted(found, key=lambda line: not line.late)


def _to_submit(row: PartnerReturn, *, own: bool, manages: bool) -> Waited:
    answered: int = row.answered  # type: ignore[attr-defined]
    words = f"{answered} of {row.asked} answered" if answered else "Not started"
    more = "Your own organisation" if own else ""
    if not row.has_people:  # type: ignore[attr-defined]
        more = "Nobody can score for it yet"
    if row.has_grace and not row.is_late:
        more = f"{more}. " if more else ""
        more += f"Has more time, until {day(row.closes_on)}"
    late = days_late(row.closes_on, timezone.localdate())
    url = reverse("assessments:give-grace", args=[row.assessment_id, row.pk])
    return Waited(row, words, more, late, url if late and manages else "")


def _to_sign(row: PartnerReturn, *, own: bool) -> Waited:
    late = days_late(row.assessment.sign_off_by, timezone.localdate())
    words = "Not signed, and required" if row.is_required else "Not signed"
    return Waited(row, words, "Your own organisation" if own else "", late)
