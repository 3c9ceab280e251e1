"""What a meeting sees beside the statement: who wrote what, and a clock if it wants one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from assessments.agreement import Agreement, twice_the_median
from assessments.reports.contents import PartnerAnswer

MINUTES = (3, 5, 10, 15)


def meeting_context(
    request: HttpRequest, answers: Iterable[PartnerAnswer], agreement: Agreement
) -> dict[str, Any]:
    minutes = minutes_for_each(request)
    return {
        "furthest_first": furthest_first(answers, agreement),
        "minutes": minutes,
        "minutes_choices": MINUTES,
        "until": timezone.now() + timedelta(minutes=minutes),
        "carried": carried(request),
    }


def furthest_first(answers: Iterable[PartnerAnswer], agreement: Agreement) -> list[PartnerAnswer]:
    """Partners' answers from the one furthest from the middle to those without a level."""
    levels = sorted(agreement.levels.values())
    middle = twice_the_median(levels) if levels else 0

    def distance(answer: PartnerAnswer) -> int:
        return -abs(2 * answer.level - middle) if answer.level else 1

    return sorted(answers, key=distance)


def carried(request: HttpRequest) -> str:
    """What a meeting has chosen goes with it from statement to statement."""
    minutes = minutes_for_each(request)
    return f"?minutes={minutes}" if minutes else ""


def minutes_for_each(request: HttpRequest) -> int:
    """How long the meeting wants to talk about one statement; 0 without a clock."""
    given = request.GET.get("minutes", "")
    return int(given) if given in {str(choice) for choice in MINUTES} else 0
