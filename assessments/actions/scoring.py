"""Score apart: save, submit, take back, reveal."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from areas.actions import record
from areas.models import Audience, User
from assessments import emails
from assessments.actions.errors import ConflictError, NotNowError, NotReadyError
from assessments.models import Answer, Assessment, PartnerReturn, Score
from assessments.models.scores import VersionedAnswer
from assessments.reports.words import day
from ingredients.models import Statement

SUBMITTED_MESSAGE = (
    "These scores have been submitted. Take them back first if you need to change them."
)
CLOSED_MESSAGE = "Scoring is closed, so scores cannot be changed any more."


@transaction.atomic
def save_score(
    *,
    partner_return: PartnerReturn,
    statement: Statement,
    answer: str,
    reason: str,
    version: int,
    by: User,
) -> Score:
    """Save one partner's answer to one statement.

    `answer` is "1" to "4", "cannot_say", "not_applicable" (which needs a reason), or "" while
    only the reason is written. `version` is the version that the person saw, 0 where there was
    none. Raises ConflictError with the row as it is now when someone else saved in between,
    NotNowError when scoring is closed or its closing day has passed, and ValueError naming the field on invalid input.
    """
    if answer == Answer.NOT_APPLICABLE and not reason:
        raise ValueError("reason: ‘Does not apply’ needs a reason")
    if statement not in partner_return.assessment.statements_for(partner_return.sector):
        raise ValueError("statement: this partner is not asked it")
    lock_for_scoring(partner_return)
    score = Score.objects.filter(partner_return=partner_return, statement=statement).first()
    if score is None:
        score = Score.objects.create(
            partner_return=partner_return,
            statement=statement,
            answer=answer,
            reason=reason,
            saved_by=by,
        )
    elif (score.answer, score.reason) == (answer, reason):
        return score
    elif score.version != version:
        raise ConflictError(score)
    else:
        told = score.is_same_sitting(by, timezone.now())
        score.answer, score.reason = answer, reason
        replace_version(score, answer=answer, reason=reason, by=by)
        if told:
            return score
    sentence = f"scored ‘{statement.title}’ for {partner_return.name}"
    _record(partner_return, "score.save", sentence, by=by, statement=statement)
    return score


@transaction.atomic
def submit_return(*, partner_return: PartnerReturn, by: User) -> bool:
    """Submit a partner's scores; whether this was the last one, and so revealed them all.

    Raises NotReadyError listing the statements without an answer, NotNowError when scoring is
    closed or the return was submitted before.
    """
    # All returns, not only this one: of two last ones at once, the second must see the first.
    _lock(partner_return.assessment)
    lock_for_scoring(partner_return)
    assessment = partner_return.assessment
    answered = set(partner_return.scores.exclude(answer="").values_list("statement_id", flat=True))
    missing = [
        s.slug for s in assessment.statements_for(partner_return.sector) if s.pk not in answered
    ]
    if missing:
        raise NotReadyError("Answer every statement first. ‘Cannot say’ is an answer.", missing)
    submitted = {"submitted_at": timezone.now(), "submitted_by": by}
    PartnerReturn.objects.filter(pk=partner_return.pk).update(**submitted)
    _record(partner_return, "return.submit", f"submitted scores for {partner_return.name}", by=by)
    if assessment.returns.filter(submitted_at__isnull=True).exists():
        return False
    _reveal(assessment, reason="", by=by)
    return True


@transaction.atomic
def withdraw_return(*, partner_return: PartnerReturn, by: User) -> None:
    """Take a submitted return back before the reveal, so that it can be changed.

    Raises NotNowError after the reveal or the closing day, or when it was not submitted.
    """
    assessment = _lock(partner_return.assessment)
    if not assessment.is_scoring:
        raise NotNowError(CLOSED_MESSAGE)
    # Who takes scores back after the closing day could not submit them again.
    refuse_after_closing(assessment.returns.get(pk=partner_return.pk))
    withdrawn = (
        PartnerReturn.objects.submitted()
        .filter(pk=partner_return.pk)
        .update(submitted_at=None, submitted_by=None)
    )
    if withdrawn != 1:
        raise NotNowError("These scores are not submitted.")
    _record(
        partner_return, "return.withdraw", f"took back the scores of {partner_return.name}", by=by
    )


@transaction.atomic
def close_scoring(*, assessment: Assessment, reason: str, by: User) -> None:
    """Close scoring before every partner has submitted, and reveal what was submitted.

    Raises ValueError without a reason, NotReadyError when nothing was submitted, NotNowError
    when scoring is not open.
    """
    if not reason:
        raise ValueError("reason: say why you are closing scoring early")
    locked = _lock(assessment)
    if not locked.is_scoring:
        raise NotNowError("Scoring is not open.")
    if not locked.returns.submitted().exists():
        raise NotReadyError("No partner has submitted yet, so there is nothing to reveal.")
    _reveal(locked, reason=reason, by=by)
    assessment.refresh_from_db()


def replace_version(row: VersionedAnswer, *, by: User, **values: str) -> None:
    """Write the next version over the one that was read, and over no other."""
    now = timezone.now()
    changed = (
        type(row)
        .objects.filter(pk=row.pk, version=row.version)
        .update(version=row.version + 1, saved_at=now, saved_by=by, **values)
    )
    if changed != 1:
        raise ConflictError(type(row).objects.select_related("saved_by").get(pk=row.pk))
    row.version, row.saved_at, row.saved_by = row.version + 1, now, by


def _lock(assessment: Assessment) -> Assessment:
    """Whoever changes the stage, or saves a score, holds the returns: so a score is either
    saved before the reveal and revealed, or refused."""
    list(assessment.returns.select_for_update().order_by("pk").values_list("pk", flat=True))
    return Assessment.objects.select_related("area").get(pk=assessment.pk)


def check_may_score(partner_return: PartnerReturn) -> None:
    """Raises NotNowError, saying why, when these scores cannot be changed."""
    if not partner_return.assessment.is_scoring:
        raise NotNowError(CLOSED_MESSAGE)
    if partner_return.is_submitted:
        raise NotNowError(SUBMITTED_MESSAGE)
    refuse_after_closing(partner_return)


def lock_for_scoring(partner_return: PartnerReturn) -> None:
    """Hold the return, as it is now, until the end of the transaction; NotNowError when closed."""
    # First the lock, then the assessment: read together, its stage would be the one from before
    # the wait for the lock, and so from before a reveal that held it. Only what may have changed
    # since the page was asked for is read again: many partners save at once on closing day.
    partner_return.refresh_from_db(
        fields=["submitted_at", "grace_until"],
        from_queryset=PartnerReturn.objects.select_for_update(),
    )
    partner_return.assessment.refresh_from_db(fields=["stage", "scoring_closes_on"])
    check_may_score(partner_return)


def refuse_after_closing(partner_return: PartnerReturn) -> None:
    """Raise NotNowError from the midnight on with which this partner's last day ends."""
    if timezone.localdate() > partner_return.closes_on:
        raise NotNowError(
            f"Scoring closed on {day(partner_return.closes_on)}, so these scores cannot be changed "
            "or submitted any more. The SEND lead of your area can give you more time."
        )


def _reveal(assessment: Assessment, *, reason: str, by: User) -> None:
    now = timezone.now()
    revealed = Assessment.objects.filter(pk=assessment.pk, stage=Assessment.Stage.SCORING).update(
        stage=Assessment.Stage.MODERATION,
        revealed_at=now,
        revealed_by=by,
        reveal_reason=reason,
    )
    if revealed != 1:
        raise NotNowError("Scoring is not open.")
    how = (
        "closed scoring early and revealed" if reason else "was the last to submit, which revealed"
    )
    record(
        "assessment.reveal",
        f"{how} all scores of ‘{assessment.title}’",
        by=by,
        area=assessment.area,
        assessment_id=assessment.pk,
        details={"reason": reason},
    )
    emails.scores_revealed(assessment, at=now)


def _record(
    partner_return: PartnerReturn,
    verb: str,
    sentence: str,
    *,
    by: User,
    statement: Statement | None = None,
) -> None:
    """Everyone sees when a partner submits; what it did before that, it alone."""
    record(
        verb,
        sentence,
        by=by,
        area=partner_return.assessment.area,
        assessment_id=partner_return.assessment_id,
        partner_id=partner_return.partner_id,
        statement=statement.slug if statement else "",
        audience=Audience.PARTNER if statement else Audience.AREA,
    )
