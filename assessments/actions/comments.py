"""Comment on a statement, mention people, resolve, withdraw."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from areas.actions import record
from areas.models import Audience, User
from areas.permissions import Permission
from assessments import emails
from assessments.actions.errors import NotNowError
from assessments.models import Assessment, Comment, PartnerReturn
from ingredients.models import Statement

Stage = Assessment.Stage
OPEN_AFTER_THE_REVEAL = (Stage.MODERATION, Stage.SIGN_OFF)


def may_comment(assessment: Assessment, partner_return: PartnerReturn | None) -> bool:
    """Whether a comment is taken now: to the own partner before the reveal, to all after it."""
    if partner_return is not None:
        return assessment.stage == Stage.SCORING
    return assessment.stage in OPEN_AFTER_THE_REVEAL


def people_who_see(assessment: Assessment, partner_return: PartnerReturn | None) -> QuerySet[User]:
    """Everyone who reads a comment of this partner, or one of the meeting."""
    if partner_return is not None:
        return User.objects.who_can(Permission.SCORE, partner=partner_return.partner_id)
    return User.objects.who_can(Permission.SCORES_SEE, area=assessment.area_id)


@transaction.atomic
def write_comment(
    *,
    assessment: Assessment,
    statement: Statement,
    partner_return: PartnerReturn | None,
    text: str,
    mentioned: Sequence[User],
    by: User,
) -> Comment:
    """Comment on a statement, to one's own partner or (None) to the meeting. Each person
    mentioned gets one mail, which does not hold the comment.

    Raises ValueError naming the field on invalid input, also where someone is mentioned who may
    not read it; NotNowError when comments are not open.
    """
    if not text:
        raise ValueError("text: write a comment")
    locked = _lock(assessment)
    if not may_comment(locked, partner_return):
        raise NotNowError("Comments cannot be written here now.")
    readers = set(people_who_see(locked, partner_return))
    if not set(mentioned) <= readers:
        raise ValueError("mentioned: not everyone may read this comment")
    comment = Comment.objects.create(
        assessment=locked,
        statement=statement,
        partner_return=partner_return,
        text=text,
        mentioned=[person.name for person in mentioned],
        written_by=by,
    )
    _record(comment, "comment.write", "commented on", by=by)
    for person in mentioned:
        emails.mention(comment, person, by=by)
    return comment


@transaction.atomic
def resolve_comment(*, comment: Comment, by: User) -> None:
    """Say that a comment is dealt with. Raises NotNowError when it was, was withdrawn, or the
    assessment is closed."""
    _check_open(comment)
    changed = (
        Comment.objects.filter(pk=comment.pk)
        .unresolved()
        .update(resolved_at=timezone.now(), resolved_by=by)
    )
    if changed != 1:
        raise NotNowError("This comment has been resolved or withdrawn already.")
    _record(
        comment, "comment.resolve", f"resolved a comment of {comment.written_by.name} on", by=by
    )


@transaction.atomic
def withdraw_comment(*, comment: Comment, by: User) -> None:
    """The writer takes a comment back: its text is deleted, and that there was one stays.

    Raises NotNowError when somebody else wrote it, it was withdrawn before, or the assessment is
    closed.
    """
    _check_open(comment)
    changed = Comment.objects.filter(
        pk=comment.pk, written_by=by, withdrawn_at__isnull=True
    ).update(withdrawn_at=timezone.now(), text="")
    if changed != 1:
        raise NotNowError("Only the person who wrote a comment withdraws it, and once.")
    _record(comment, "comment.withdraw", "withdrew a comment on", by=by)


def _lock(assessment: Assessment) -> Assessment:
    return (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("area")
        .get(pk=assessment.pk)
    )


def _check_open(comment: Comment) -> None:
    if _lock(comment.assessment).is_closed:
        raise NotNowError("Comments stay as they are once an assessment is submitted.")


def _record(comment: Comment, verb: str, sentence: str, *, by: User) -> None:
    """What a partner says among itself is told without its statement: that one is talked about
    hints at a score, and the log is read before the reveal too."""
    row = comment.partner_return
    record(
        verb,
        f"{sentence} {f'a statement for {row.name}' if row else f'‘{comment.statement.title}’'}",
        by=by,
        area=comment.assessment.area,
        assessment_id=comment.assessment_id,
        partner_id=row.partner_id if row else None,
        statement="" if row else comment.statement.slug,
        audience=Audience.PARTNER if row else Audience.SCORERS,
    )
