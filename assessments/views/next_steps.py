"""What a person should do next in an assessment, by what their roles allow and its stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from areas.models import User
from areas.permissions import Permission, Role
from assessments.models import Assessment, PartnerReturn
from assessments.reports.words import count, day, days_late, days_left, listed, number

Stage = Assessment.Stage


@dataclass(frozen=True, slots=True)
class NextStep:
    title: str
    url: str
    words: str
    button: str
    late: str = ""
    also: tuple[str, str] | None = None  # the words and the address of another way out


@dataclass(frozen=True, slots=True)
class StageLine:
    """One step of the tracker. `state` is done, now or later; the words carry it too."""

    title: str
    state: str
    words: str


def next_steps(
    user: User, assessment: Assessment, returns: Sequence[PartnerReturn]
) -> list[NextStep]:
    """In the order in which they matter, what is late first. Empty when this person is waited for
    nowhere."""
    found = {
        Stage.SETUP: _in_setup,
        Stage.SCORING: _in_scoring,
        Stage.MODERATION: _in_moderation,
        Stage.SIGN_OFF: _in_sign_off,
        Stage.SUBMITTED: _none,
        Stage.CANCELLED: _none,
    }[Stage(assessment.stage)]
    return sorted(found(user, assessment, returns), key=lambda step: not step.late)


def _none(user: User, assessment: Assessment, returns: Sequence[PartnerReturn]) -> list[NextStep]:
    return []


def _in_setup(
    user: User, assessment: Assessment, returns: Sequence[PartnerReturn]
) -> list[NextStep]:
    if not user.can(Permission.ASSESSMENT_MANAGE, assessment.area):
        return []
    return [
        NextStep(
            "Choose the partners who will score",
            reverse("assessments:choose-partners", args=[assessment.pk]),
            "Scoring opens as soon as you have chosen them.",
            "Choose partners",
        )
    ]


def _in_scoring(
    user: User, assessment: Assessment, returns: Sequence[PartnerReturn]
) -> list[NextStep]:
    manages = user.can(Permission.ASSESSMENT_MANAGE, assessment.area)
    mine = [row for row in own(user, returns, Permission.SCORE) if not row.is_submitted]
    steps = _to_invite(user, assessment, returns)
    # A lead whose own partner is late need not ask for more time.
    steps += [_to_score(row) for row in mine if not (row.is_late and manages)]
    return [*steps, *_after_closing(assessment, returns)] if manages else steps


def _to_score(row: PartnerReturn) -> NextStep:
    done: int = row.answered  # type: ignore[attr-defined]
    today, closes = timezone.localdate(), row.closes_on
    url = reverse("assessments:return", args=[row.assessment_id, row.pk])
    if row.is_late:
        return NextStep(
            f"Ask the lead for more time for {row.name}",
            url,
            f"{done} of {row.asked} statements answered, and not submitted. "
            f"Scoring closed on {day(closes)}.",
            "See your answers",
            late=days_late(closes, today),
        )
    when = f"{day(closes)}, {days_left(closes, today)}"
    return NextStep(
        f"{'Finish scoring' if done else 'Score'} for {row.name}",
        url if done == row.asked else f"{url}?continue=1",
        f"{done} of {row.asked} statements answered. "
        + (f"You have more time, until {when}." if row.has_grace else f"Scoring closes on {when}."),
        "Check and submit"
        if done == row.asked
        else "Continue scoring"
        if done
        else "Start scoring",
    )


def _after_closing(assessment: Assessment, returns: Sequence[PartnerReturn]) -> list[NextStep]:
    """The closing day has passed and reveals nothing: the lead decides. Closing early is never
    proposed, nor closing while a partner has been promised more time."""
    late = [row for row in returns if row.is_late]
    if not late:
        return []
    given = [row for row in returns if not row.is_submitted and not row.is_late]
    words = (
        f"{listed(row.name for row in late)} {'has' if len(late) == 1 else 'have'} not submitted. "
        + "".join(f"{row.name} has until {day(row.closes_on)}. " for row in given)
    )
    lateness = days_late(min(row.closes_on for row in late), timezone.localdate())
    for_one = "assessments:give-grace", [assessment.pk, late[0].pk]
    for_all = "assessments:change-dates", [assessment.pk]
    name, args = for_one if len(late) == 1 else for_all
    more = "Give more time", reverse(name, args=args)
    if given or len(late) == len(returns):
        title = "Give more time: the closing day has passed"
        return [NextStep(title, more[1], words.strip(), more[0], late=lateness)]
    return [
        NextStep(
            "Close scoring: the closing day has passed",
            reverse("assessments:close-scoring", args=[assessment.pk]),
            f"{words}You must say why you close without {'it' if len(late) == 1 else 'them'}.",
            "Close scoring",
            late=lateness,
            also=more,
        )
    ]


def _to_invite(
    user: User, assessment: Assessment, returns: Sequence[PartnerReturn]
) -> list[NextStep]:
    """Comes first: a partner without people cannot even begin."""
    empty = [
        row
        for row in returns
        if not row.is_submitted and not row.has_people  # type: ignore[attr-defined]
    ]
    if not empty or not user.can(Permission.PEOPLE_MANAGE, assessment.area):
        return []
    url = reverse("areas:invite", args=[assessment.area.dfe_code])
    only = f"&partner={empty[0].partner_id}" if len(empty) == 1 else ""
    names = listed(row.name for row in empty)
    return [
        NextStep(
            "Invite people to score",
            f"{url}?role={Role.CONTRIBUTOR}{only}",
            f"Nobody can score yet for {names}.",
            "Invite people",
        )
    ]


def _in_moderation(
    user: User, assessment: Assessment, returns: Sequence[PartnerReturn]
) -> list[NextStep]:
    if not user.can(Permission.SCORES_SEE, assessment.area):
        return []
    url = reverse("assessments:moderation", args=[assessment.pk])
    if not user.can(Permission.MODERATE, assessment.area):
        return [
            NextStep(
                "Read what every partner scored",
                url,
                "You can record dissent for your organisation.",
                "Open the agenda",
            )
        ]
    # The meeting of a correction was that of the report it corrects.
    meets, corrects = assessment.moderation_on, bool(assessment.corrects_id)
    late = "" if corrects else days_late(meets, timezone.localdate())
    words = "Start where partners differ most."
    if corrects:
        words = "Change what was wrong, then finish the meeting. Partners sign again."
    elif late:
        words = f"The meeting was on {day(meets)}. Finish it, or set another day."
    return [
        NextStep(
            "Agree a level for each statement",
            url,
            words,
            "Open the agenda",
            late=late,
            also=_change_dates(assessment) if late else None,
        )
    ]


def _in_sign_off(
    user: User, assessment: Assessment, returns: Sequence[PartnerReturn]
) -> list[NextStep]:
    url = reverse("assessments:sign-off", args=[assessment.pk])
    late = days_late(assessment.sign_off_by, timezone.localdate())
    by = day(assessment.sign_off_by)
    when = f"The day for signing was {by}." if late else f"Sign by {by}."
    unsigned = [row for row in returns if not row.has_signed]  # type: ignore[attr-defined]
    steps = [
        NextStep(
            f"Sign the report for {row.name}",
            url,
            f"Read it first. {when}",
            "Read and sign",
            late=late,
        )
        for row in own(user, unsigned, Permission.SIGN)
    ]
    if user.can(Permission.ASSESSMENT_MANAGE, assessment.area):
        missing = sum(row.is_required for row in unsigned)
        verb = "signature is" if missing == 1 else "signatures are"
        steps.append(
            NextStep(
                "See who has signed",
                url,
                f"{number(missing).capitalize()} required {verb} missing.",
                "See signatures",
                late=late,
                also=_change_dates(assessment) if late else None,
            )
        )
    return steps


def _change_dates(assessment: Assessment) -> tuple[str, str]:
    return "Change the days", reverse("assessments:change-dates", args=[assessment.pk])


def own(
    user: User, returns: Sequence[PartnerReturn], permission: Permission
) -> list[PartnerReturn]:
    """The returns of the partners for which this person may do this."""
    partners = user.partner_ids(permission)
    return [row for row in returns if row.partner_id in partners]


def stage_lines(assessment: Assessment, returns: Sequence[PartnerReturn]) -> list[StageLine]:
    order = [Stage.SETUP, Stage.SCORING, Stage.MODERATION, Stage.SIGN_OFF, Stage.SUBMITTED]
    here = order.index(Stage(assessment.stage))
    submitted = sum(row.is_submitted for row in returns)
    now = {
        Stage.SETUP: "Now: choose the partners",
        Stage.SCORING: f"Now: {submitted} of {count(len(returns), 'partner')} submitted",
        Stage.MODERATION: "Now: agree a level for each statement",
        Stage.SIGN_OFF: "Now: partners sign the report",
    }
    later = {
        Stage.SCORING: f"Until {_short(assessment.scoring_closes_on)}",
        Stage.MODERATION: f"Meeting on {_short(assessment.moderation_on)}",
        Stage.SIGN_OFF: f"By {_short(assessment.sign_off_by)}",
        Stage.SUBMITTED: "The report is fixed",
    }
    lines = []
    for position, stage in enumerate(order):
        if position < here or assessment.is_submitted:
            lines.append(StageLine(stage.label, "done", "Done"))
        elif position == here:
            lines.append(StageLine(stage.label, "now", now[stage]))
        else:
            lines.append(StageLine(stage.label, "later", later[stage]))
    return lines


def _short(value: date) -> str:
    return day(value).rsplit(" ", 1)[0]
