"""One mail = one function and one template. Each goes into the outbox, inside the act it tells of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from areas.models import User
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
    before = SignOff.objects.select_related("partner_return")
    voided = list(before.filter(assessment=assessment).voided())
    rows = voided or list(before.filter(assessment=assessment.corrects_id).standing())
    last = max((row.pk for row in voided), default=0)
    for person in _signers(row.partner_return for row in rows):
        _post(
            "sign_again",
            person,
            assessment,
            key=f"sign-again:{assessment.pk}:{last}:{person.pk}",
            by=by,
            url=mail.link(reverse("assessments:sign-off", args=[assessment.pk])),
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
