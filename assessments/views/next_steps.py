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
from assessments.reports.words import count, day, number

Stage = Assessment.Stage


@dataclass(frozen=True, slots=True)
class NextStep:
    title: str
    url: str
    words: str
    button: str


@dataclass(frozen=True, slots=True)
class StageLine:
    """One step of the tracker. `state` is done, now or later; the words carry it too."""

    title: str
    state: str
    words: str


def next_steps(
    user: User, assessment: Assessment, returns: Sequence[PartnerReturn]
) -> list[NextStep]:
    """In the order in which they matter. Empty when this person is waited for nowhere."""
    found = {
        Stage.SETUP: _in_setup,
        Stage.SCORING: _in_scoring,
        Stage.MODERATION: _in_moderation,
        Stage.SIGN_OFF: _in_sign_off,
        Stage.SUBMITTED: _none,
        Stage.CANCELLED: _none,
    }[Stage(assessment.stage)]
    return found(user, assessment, returns)


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
    steps = _to_invite(user, assessment, returns)
    for row in own(user, returns, Permission.SCORE):
        if row.is_submitted:
            continue
        done: int = row.answered  # type: ignore[attr-defined]
        closes = day(assessment.scoring_closes_on)
        url = reverse("assessments:return", args=[assessment.pk, row.pk])
        steps.append(
            NextStep(
                f"{'Finish scoring' if done else 'Score'} for {row.name}",
                url if done == row.asked else f"{url}?continue=1",
                f"{done} of {row.asked} statements answered. Scoring closes on {closes}.",
                "Check and submit"
                if done == row.asked
                else "Continue scoring"
                if done
                else "Start scoring",
            )
        )
    waiting = [row for row in returns if not row.is_submitted]
    # Closing early is never proposed: the task list has a link to it. Late is another matter.
    late = assessment.scoring_closes_on < timezone.localdate()
    some = 0 < len(waiting) < len(returns)
    if late and some and user.can(Permission.ASSESSMENT_MANAGE, assessment.area):
        steps.append(
            NextStep(
                "Close scoring: the closing day has passed",
                reverse("assessments:close-scoring", args=[assessment.pk]),
                f"{count(len(waiting), 'partner').capitalize()} of {len(returns)} "
                f"{'has' if len(waiting) == 1 else 'have'} not submitted. "
                "You must say why you close without them.",
                "Close scoring",
            )
        )
    return steps


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
    *first, last = (row.name for row in empty)
    names = f"{', '.join(first)} and {last}" if first else last
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
    moderates = user.can(Permission.MODERATE, assessment.area)
    return [
        NextStep(
            "Agree a level for each statement" if moderates else "Read what every partner scored",
            reverse("assessments:moderation", args=[assessment.pk]),
            _what_to_agree(assessment)
            if moderates
            else "You can record dissent for your organisation.",
            "Open the agenda",
        )
    ]


def _what_to_agree(assessment: Assessment) -> str:
    if assessment.corrects_id:
        return "Change what was wrong, then finish the meeting. Partners sign again."
    return "Start where partners differ most."


def _in_sign_off(
    user: User, assessment: Assessment, returns: Sequence[PartnerReturn]
) -> list[NextStep]:
    signed = {row.partner_return_id for row in assessment.sign_offs.standing()}
    url = reverse("assessments:sign-off", args=[assessment.pk])
    steps = [
        NextStep(
            f"Sign the report for {row.name}",
            url,
            f"Read it first. Sign by {day(assessment.sign_off_by)}.",
            "Read and sign",
        )
        for row in own(user, returns, Permission.SIGN)
        if row.pk not in signed
    ]
    if user.can(Permission.ASSESSMENT_MANAGE, assessment.area):
        missing = [row for row in returns if row.is_required and row.pk not in signed]
        steps.append(
            NextStep(
                "See who has signed",
                url,
                f"{number(len(missing)).capitalize()} required {'signature is' if len(missing) == 1 else 'signatures are'} missing.",
                "See signatures",
            )
        )
    return steps


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
