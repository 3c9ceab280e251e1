"""Move the days of an assessment, for all or for one partner, and say why."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from areas.actions import record
from areas.models import Audience, User
from assessments import emails
from assessments.actions.errors import NotNowError
from assessments.models import Assessment, PartnerReturn
from assessments.reports.words import day, listed

Stage = Assessment.Stage
Days = dict[str, date]
WHAT = {
    "scoring_closes_on": "the closing of scoring",
    "moderation_on": "the meeting",
    "sign_off_by": "the day for signing",
}
# A day that lies behind the assessment is history and stays as it was.
MAY_MOVE = {
    Stage.SETUP: tuple(WHAT),
    Stage.SCORING: tuple(WHAT),
    Stage.MODERATION: ("moderation_on", "sign_off_by"),
    Stage.SIGN_OFF: ("sign_off_by",),
    Stage.SUBMITTED: (),
    Stage.CANCELLED: (),
}


def suggested_days(today: date) -> Days:
    """Days for a new assessment, about three, four and six weeks on. None is at a weekend."""
    return {
        name: _weekday(today + timedelta(days=after))
        for name, after in zip(WHAT, (21, 30, 45), strict=True)
    }


def _weekday(found: date) -> date:
    return found + timedelta(days=7 - found.weekday() if found.weekday() > 4 else 0)


def days_of(assessment: Assessment) -> Days:
    """The days that may still move."""
    return {name: getattr(assessment, name) for name in MAY_MOVE[Stage(assessment.stage)]}


def wrong_order(days: Days) -> dict[str, str]:
    """What is wrong with these days among themselves, by field. Days that are not given fit."""
    closes, meets, signed = (days.get(name) for name in WHAT)
    found = {}
    if closes and meets and meets < closes:
        found["moderation_on"] = "The day you meet must be on or after the day scoring closes"
    if meets and signed and signed < meets:
        found["sign_off_by"] = "The day for signing must be on or after the day you meet"
    return found


def wrong_days(assessment: Assessment, days: Days) -> dict[str, str]:
    """Why an assessment cannot have these days, by field; empty when it can."""
    before = days_of(assessment)
    moved = [name for name in days if days[name] != before[name]]
    if not moved:
        return {next(iter(days)): "Change at least one day"}
    found = {
        name: "The day must be today or later"
        for name in moved
        if days[name] < timezone.localdate()
    }
    if "moderation_on" in moved and (later := _grace_after(assessment, days["moderation_on"])):
        found["moderation_on"] = (
            f"{later.name} has until {day(later.closes_on)} to score, so meet on that day or later"
        )
    return wrong_order(days) | found


def _grace_after(assessment: Assessment, meets: date) -> PartnerReturn | None:
    if not assessment.is_scoring:
        return None
    waiting: PartnerReturn | None = assessment.returns.filter(
        submitted_at__isnull=True, grace_until__gt=meets
    ).first()
    return waiting


@transaction.atomic
def change_dates(*, assessment: Assessment, days: Days, reason: str, by: User) -> None:
    """Move the closing of scoring, the meeting or the day for signing, and tell the people
    concerned. `days` holds all that may still move at this stage.

    Raises ValueError naming the field on invalid input, NotNowError once the report is submitted
    or when the stage no longer lets one of these days move.
    """
    if not reason:
        raise ValueError("reason: say why you are changing the days")
    locked = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("area")
        .get(pk=assessment.pk)
    )
    before = days_of(locked)
    if not days or set(days) != set(before):
        raise NotNowError("The assessment has moved on since you opened this page.")
    for name, problem in wrong_days(locked, days).items():
        raise ValueError(f"{name}: {problem}")
    Assessment.objects.filter(pk=locked.pk).update(**_with_days_behind(locked, days))
    locked.refresh_from_db(fields=list(WHAT))
    assessment.refresh_from_db(fields=list(WHAT))
    moved = [
        f"{WHAT[name]} from {day(before[name])} to {day(days[name])}"
        for name in days
        if days[name] != before[name]
    ]
    event = record(
        "dates.change",
        f"moved {listed(moved)} in ‘{locked.name}’",
        by=by,
        area=locked.area,
        assessment_id=locked.pk,
        details={"reason": reason},
    )
    emails.dates_changed(locked, moved, event=event, reason=reason, by=by)


def _with_days_behind(assessment: Assessment, days: Days) -> Days:
    """A day that was planned, but overtaken, never lies after one that is still to come: all
    may have submitted long before the closing day, and meet before it."""
    every = {name: getattr(assessment, name) for name in WHAT} | days
    every["moderation_on"] = min(every["moderation_on"], every["sign_off_by"])
    every["scoring_closes_on"] = min(every["scoring_closes_on"], every["moderation_on"])
    return every


def wrong_grace(partner_return: PartnerReturn, until: date) -> str:
    """Why a partner cannot have until this day; empty when it can."""
    assessment = partner_return.assessment
    if until < timezone.localdate():
        return "The day must be today or later"
    if until <= assessment.scoring_closes_on:
        return f"The day must be after {day(assessment.scoring_closes_on)}, when scoring closes"
    if until > assessment.moderation_on:
        return f"The day must be on or before {day(assessment.moderation_on)}, when you meet"
    return ""


@transaction.atomic
def give_grace(*, partner_return: PartnerReturn, until: date, reason: str, by: User) -> None:
    """Give one partner until the end of this day to score, and tell its people.

    Raises ValueError naming the field on invalid input, NotNowError outside scoring or when the
    partner has submitted.
    """
    if not reason:
        raise ValueError("reason: say why this partner needs more time")
    # The row that whoever reveals, submits or scores holds too.
    row = PartnerReturn.objects.select_for_update().get(pk=partner_return.pk)
    row.assessment = Assessment.objects.select_related("area").get(pk=row.assessment_id)
    refuse_grace(row)
    if problem := wrong_grace(row, until):
        raise ValueError(f"until: {problem}")
    before = row.closes_on
    row.grace_until, row.grace_reason = until, reason
    PartnerReturn.objects.filter(pk=row.pk).update(
        grace_until=until, grace_reason=reason, grace_at=timezone.now(), grace_by=by
    )
    event = record(
        "return.grace",
        f"moved the closing of scoring for {row.name} from {day(before)} to {day(until)} "
        f"in ‘{row.assessment.name}’",
        by=by,
        area=row.assessment.area,
        assessment_id=row.assessment_id,
        partner_id=row.partner_id,
        audience=Audience.AREA,
        details={"reason": reason},
    )
    emails.grace_given(row, event=event, by=by)


def refuse_grace(partner_return: PartnerReturn) -> None:
    """Raise NotNowError where more time is of no use."""
    if not partner_return.assessment.is_scoring:
        raise NotNowError("Scoring is not open, so nobody can have more time for it.")
    if partner_return.is_submitted:
        raise NotNowError(f"{partner_return.name} has submitted, so it needs no more time.")
