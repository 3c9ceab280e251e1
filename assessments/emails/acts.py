"""One mail = one function and one template. Each goes into the outbox, inside the act it tells of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from areas.models import AuditEvent, User
from areas.permissions import Permission
from assessments.models import Assessment, Comment, PartnerReturn, SignOff
from send_portal import mail


def assessment_cancelled(assessment: Assessment, *, by: User) -> None:
    """To everyone who scores or signs in it: nothing is asked of them any more."""
    partners = assessment.returns.values("partner_id")
    people = {
        person
        for permission in (Permission.SCORE, Permission.SIGN)
        for person in User.objects.who_can(permission, partner__in=partners)
    }
    for person in people - {by}:
        _post(
            "assessment_cancelled",
            person,
            assessment,
            key=f"cancelled:{assessment.pk}:{person.pk}",
            by=by,
            url=mail.link(assessment.get_absolute_url()),
        )


def moderation_reopened(
    assessment: Assessment, voided: Sequence[SignOff], *, reason: str, by: User
) -> None:
    """To the board members of partners whose signature no longer counts."""
    last = max((row.pk for row in voided), default=0)
    for person in _signers(row.partner_return for row in voided):
        _post(
            "moderation_reopened",
            person,
            assessment,
            key=f"reopened:{assessment.pk}:{last}:{person.pk}",
            by=by,
            reason=reason,
            url=mail.link(assessment.get_absolute_url()),
        )


def correction_started(
    correction: Assessment, signed: Iterable[PartnerReturn], *, by: User
) -> None:
    """To the board members of partners that signed the report which is being corrected."""
    for person in _signers(signed):
        _post(
            "correction_started",
            person,
            correction,
            key=f"correction:{correction.pk}:{person.pk}",
            by=by,
            url=mail.link(correction.get_absolute_url()),
        )


def sign_again(assessment: Assessment, *, by: User) -> None:
    """To the board members of partners that signed before and must sign once more: after
    moderation was reopened, or a correction of a report. Nobody else, and once for each round."""
    rows = _signed_before(assessment)
    last = max((row.pk for row in rows if row.voided_at), default=0)
    for person in _signers(row.partner_return for row in rows):
        _post(
            "sign_again",
            person,
            assessment,
            key=f"sign-again:{assessment.pk}:{last}:{person.pk}",
            by=by,
            url=mail.link(reverse("assessments:sign-off", args=[assessment.pk])),
        )


def ready_to_sign(assessment: Assessment) -> None:
    """To the board members of partners that sign for the first time; once, though the meeting
    may be opened again before anyone has signed."""
    again = {row.partner_return.partner_id for row in _signed_before(assessment)}
    first = [row for row in assessment.returns.all() if row.partner_id not in again]
    for person in _signers(first):
        _post(
            "ready_to_sign",
            person,
            assessment,
            key=f"ready-to-sign:{assessment.pk}:{person.pk}",
            url=mail.link(reverse("assessments:sign-off", args=[assessment.pk])),
        )


def scores_revealed(assessment: Assessment, *, at: datetime) -> None:
    """To everyone who takes part: all scores can be read, and the agenda stands."""
    for person in _participants(assessment):
        _post(
            "scores_revealed",
            person,
            assessment,
            key=f"revealed:{assessment.pk}:{at:%Y%m%d%H%M%S%f}:{person.pk}",
            url=mail.link(reverse("assessments:moderation", args=[assessment.pk])),
        )


def report_ready(assessment: Assessment) -> None:
    """To who leads and who signs in the area, once: a link, as the file belongs in the portal."""
    leading = User.objects.who_can(Permission.ASSESSMENT_MANAGE, area=assessment.area_id)
    signing = _signers(assessment.returns.all())
    for person in {person.pk: person for person in [*leading, *signing]}.values():
        _post(
            "report_ready",
            person,
            assessment,
            key=f"report-ready:{assessment.pk}:{person.pk}",
            url=mail.link(reverse("assessments:report", args=[assessment.pk])),
        )


def dates_changed(
    assessment: Assessment, moved: Sequence[str], *, event: AuditEvent, reason: str, by: User
) -> None:
    """To those whose turn it is, now or next. `moved` says each change in words."""
    if assessment.stage == Assessment.Stage.SETUP:
        return  # nobody has been told of a day yet
    signs = assessment.stage == Assessment.Stage.SIGN_OFF
    people = _signers(_unsigned(assessment)) if signs else _participants(assessment)
    for person in people:
        if person != by:
            _post(
                "dates_changed",
                person,
                assessment,
                key=f"dates:{event.pk}:{person.pk}",
                moved=moved,
                reason=reason,
                by=by,
                url=mail.link(assessment.get_absolute_url()),
            )


def grace_given(partner_return: PartnerReturn, *, event: AuditEvent, by: User) -> None:
    """To those who score for this partner: they have more time."""
    assessment = partner_return.assessment
    url = reverse("assessments:return", args=[assessment.pk, partner_return.pk])
    for person in User.objects.who_can(Permission.SCORE, partner=partner_return.partner_id):
        if person != by:
            _post(
                "grace_given",
                person,
                assessment,
                key=f"grace:{event.pk}:{person.pk}",
                row=partner_return,
                by=by,
                url=mail.link(f"{url}?continue=1"),
            )


def mention(comment: Comment, person: User, *, by: User) -> None:
    """To someone named in a comment. What it says stays in the portal, where rights hold."""
    _post(
        "mention",
        person,
        comment.assessment,
        key=f"mention:{comment.pk}:{person.pk}",
        by=by,
        statement=comment.statement,
        url=mail.link(comment.get_absolute_url()),
    )


def _participants(assessment: Assessment) -> list[User]:
    """Who scores for a partner that takes part, and who leads."""
    partners = [row.partner_id for row in assessment.returns.all()]
    scoring = User.objects.who_can(Permission.SCORE, partner__in=partners)
    leading = User.objects.who_can(Permission.ASSESSMENT_MANAGE, area=assessment.area_id)
    return list({person.pk: person for person in [*scoring, *leading]}.values())


def _signed_before(assessment: Assessment) -> list[SignOff]:
    """Signatures of the round before: voided by reopening, or under the report corrected now."""
    before = SignOff.objects.select_related("partner_return")
    voided = list(before.filter(assessment=assessment).voided())
    return voided or list(before.filter(assessment=assessment.corrects_id).standing())


def _unsigned(assessment: Assessment) -> list[PartnerReturn]:
    signed = set(assessment.sign_offs.standing().values_list("partner_return_id", flat=True))
    return [row for row in assessment.returns.all() if row.pk not in signed]


def _signers(returns: Iterable[PartnerReturn]) -> list[User]:
    partners = [row.partner_id for row in returns]
    return list(User.objects.who_can(Permission.SIGN, partner__in=partners)) if partners else []


def _post(name: str, person: User, assessment: Assessment, *, key: str, **more: Any) -> None:
    mail.post(
        name,
        person.email,
        {"person": person, "assessment": assessment, "area": assessment.area, **more},
        key=key,
    )
