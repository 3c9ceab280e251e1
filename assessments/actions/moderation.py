"""Agree together: agreed scores, dissent, what the quorum lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from areas.actions import record
from areas.models import Audience, Sector, User
from assessments import emails
from assessments.actions.errors import ConflictError, NotNowError
from assessments.actions.scoring import replace_version
from assessments.agreement import Agreement, outside_reason_required, rationale_required
from assessments.models import (
    AgreedScore,
    AgreedScoreVersion,
    Assessment,
    Dissent,
    PartnerReturn,
    QuorumReason,
)
from assessments.models.scores import answer_value
from assessments.reports.words import count, inside, listed
from ingredients.models import Statement


@transaction.atomic
def save_agreed(
    *,
    assessment: Assessment,
    statement: Statement,
    agreement: Agreement,
    answer: str,
    rationale: str,
    outside_reason: str,
    version: int,
    by: User,
) -> AgreedScore:
    """Record what the partners agreed on one statement.

    `answer` is "1" to "4", "cannot_say", "not_applicable" or "not_agreed". The rules of the
    agreed score decide when a rationale and a reason outside the partners' range are needed:
    ValueError names the field that is missing. Raises ConflictError when someone else saved in
    between, NotNowError outside the moderation stage.
    """
    value = _check_agreed(agreement, answer, rationale, outside_reason)
    if not outside_reason_required(agreement, value):
        outside_reason = ""  # typed for another level, and not true of this one
    _lock_in_moderation(assessment)
    agreed = AgreedScore.objects.filter(assessment=assessment, statement=statement).first()
    given, told = (answer, rationale, outside_reason), False
    if agreed is None:
        agreed = AgreedScore.objects.create(
            assessment=assessment,
            statement=statement,
            answer=answer,
            rationale=rationale,
            outside_reason=outside_reason,
            saved_by=by,
        )
    elif (agreed.answer, agreed.rationale, agreed.outside_reason) == given:
        return agreed
    elif agreed.version != version:
        raise ConflictError(agreed)
    else:
        told = agreed.answer == answer and agreed.is_same_sitting(by, timezone.now())
        agreed.answer, agreed.rationale, agreed.outside_reason = given
        replace_version(
            agreed, answer=answer, rationale=rationale, outside_reason=outside_reason, by=by
        )
    agreed.assessment = assessment  # at hand, so that it is not read again
    AgreedScoreVersion.of(agreed).save()
    if not told:
        how = "recorded" if agreed.version == 1 else "changed"
        sentence = f"{how} what was agreed on ‘{statement.title}’"
        _record(assessment, "agreed.save", sentence, by=by, statement=statement)
    return agreed


def _check_agreed(
    agreement: Agreement, answer: str, rationale: str, outside_reason: str
) -> int | str:
    value = answer_value(answer)
    if value is None:
        raise ValueError("answer: choose a level or say why there is none")
    if rationale_required(agreement, value) and not rationale:
        raise ValueError("rationale: needed")
    if outside_reason_required(agreement, value) and not outside_reason:
        raise ValueError("outside_reason: needed")
    return value


@transaction.atomic
def accept_aligned(*, assessment: Assessment, levels: Mapping[Statement, int], by: User) -> int:
    """Agree, in one step, the statements on which all partners chose one level; how many were new.

    `levels` holds the level offered for each, as shown to the person. Statements decided in the
    meantime are left as they are. Raises NotNowError outside the moderation stage.
    """
    _lock_in_moderation(assessment)
    decided = set(assessment.agreed_scores.values_list("statement_id", flat=True))
    new = [statement for statement in levels if statement.pk not in decided]
    now = timezone.now()
    rows = [
        AgreedScore(
            assessment=assessment, statement=s, answer=str(levels[s]), saved_by=by, saved_at=now
        )
        for s in new
    ]
    AgreedScore.objects.bulk_create(rows)
    AgreedScoreVersion.objects.bulk_create(
        AgreedScoreVersion.of(row, in_one_step=True) for row in rows
    )
    others = f", in one step with {count(len(new) - 1, 'other')}" if len(new) > 1 else ""
    for statement in new:
        sentence = f"recorded what was agreed on ‘{statement.title}’{others}"
        _record(assessment, "agreed.accept", sentence, by=by, statement=statement)
    return len(new)


@transaction.atomic
def record_dissent(
    *, partner_return: PartnerReturn, statement: Statement, text: str, by: User
) -> Dissent:
    """Put a partner's disagreement on record. It is printed in the report and never lowers the band.

    Raises ValueError without text, NotNowError before the reveal or after submission.
    """
    if not text:
        raise ValueError("text: say why you disagree")
    assessment = _lock_open_for_dissent(partner_return.assessment)
    dissent = Dissent.objects.create(
        assessment=assessment,
        statement=statement,
        partner_return=partner_return,
        text=text,
        recorded_by=by,
    )
    sentence = f"recorded dissent for {partner_return.name} on ‘{statement.title}’"
    _record(
        assessment, "dissent.record", sentence, by=by, statement=statement, partner=partner_return
    )
    return dissent


@transaction.atomic
def withdraw_dissent(*, dissent: Dissent, by: User) -> None:
    """Withdraw a dissent. The record stays, marked as withdrawn.

    Raises NotNowError after submission or when it was withdrawn before.
    """
    assessment = _lock_open_for_dissent(dissent.assessment)
    changed = Dissent.objects.filter(pk=dissent.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=timezone.now(), withdrawn_by=by
    )
    if changed != 1:
        raise NotNowError("This dissent has been withdrawn already.")
    sentence = (
        f"withdrew the dissent of {dissent.partner_return.name} on ‘{dissent.statement.title}’"
    )
    _record(
        assessment, "dissent.withdraw", sentence, by=by, statement=dissent.statement,
        partner=dissent.partner_return,
    )  # fmt: skip


@transaction.atomic
def record_quorum_reason(
    *, assessment: Assessment, sector: str, ingredients: Sequence[str], reason: str, by: User
) -> None:
    """Record why a required sector gave no level in these ingredients (slugs), or, where that is
    every ingredient of the framework, anywhere. Printed in the report.

    Raises ValueError without a reason, NotNowError outside the moderation stage.
    """
    if not reason:
        raise ValueError("reason: say why")
    _lock_in_moderation(assessment)
    everywhere = len(ingredients) == len(assessment.content.all_ingredients)
    for ingredient in [""] if everywhere else ingredients:
        QuorumReason.objects.update_or_create(
            assessment=assessment,
            sector=sector,
            ingredient=ingredient,
            defaults={"reason": reason, "recorded_by": by, "recorded_at": timezone.now()},
        )
    titles = {row.slug: inside(row.short_title) for row in assessment.content.all_ingredients}
    where = "" if everywhere else f" in {listed(titles[slug] for slug in ingredients)}"
    sentence = f"recorded why there is no level from {Sector(sector).label.lower()}{where}"
    _record(assessment, "quorum.reason", sentence, by=by, details={"reason": reason})


@transaction.atomic
def finish_moderation(*, assessment: Assessment, by: User) -> None:
    """Close the meeting and open sign-off. Statements may stay without an agreed level; the
    report then says so. Raises NotNowError outside the moderation stage."""
    changed = Assessment.objects.filter(pk=assessment.pk, stage=Assessment.Stage.MODERATION).update(
        stage=Assessment.Stage.SIGN_OFF
    )
    if changed != 1:
        raise NotNowError("Moderation is not open.")
    assessment.stage = Assessment.Stage.SIGN_OFF
    sentence = f"opened ‘{assessment.name}’ for sign-off"
    _record(assessment, "moderation.finish", sentence, by=by, audience=Audience.AREA)
    emails.sign_again(assessment, by=by)
    emails.ready_to_sign(assessment)


@transaction.atomic
def return_to_moderation(*, assessment: Assessment, reason: str, by: User) -> None:
    """Go back to the meeting. What partners have signed may change, so their signatures no longer
    count; they stay on record with the reason, and these partners are told by mail.

    Raises ValueError without a reason, NotNowError outside the sign-off stage.
    """
    if not reason:
        raise ValueError("reason: say why")
    locked = Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    if locked.stage != Assessment.Stage.SIGN_OFF:
        raise NotNowError("The report is not open for sign-off.")
    signed = list(locked.sign_offs.standing().select_related("partner_return"))
    locked.sign_offs.standing().update(voided_at=timezone.now(), voided_by=by, void_reason=reason)
    Assessment.objects.filter(pk=assessment.pk).update(stage=Assessment.Stage.MODERATION)
    assessment.stage = Assessment.Stage.MODERATION
    sentence = f"went back to moderation: {reason}"
    _record(assessment, "moderation.reopen", sentence, by=by, audience=Audience.AREA)
    for signature in signed:
        sentence = f"voided the signature of {signature.partner_return.name} with that"
        _record(assessment, "sign_off.void", sentence, by=by, audience=Audience.AREA)
    emails.moderation_reopened(assessment, signed, reason=reason, by=by)


def _lock_in_moderation(assessment: Assessment) -> Assessment:
    locked = Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    if locked.stage != Assessment.Stage.MODERATION:
        raise NotNowError("Moderation is not open, so agreed levels cannot be changed.")
    return locked


def _lock_open_for_dissent(assessment: Assessment) -> Assessment:
    locked = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("area")
        .get(pk=assessment.pk)
    )
    if locked.stage not in {Assessment.Stage.MODERATION, Assessment.Stage.SIGN_OFF}:
        raise NotNowError("Dissent can be recorded from the reveal until the report is submitted.")
    return locked


def _record(
    assessment: Assessment,
    verb: str,
    sentence: str,
    *,
    by: User,
    statement: Statement | None = None,
    partner: PartnerReturn | None = None,
    audience: Audience = Audience.SCORERS,
    details: dict[str, str] | None = None,
) -> None:
    """What happens in the meeting is for those who are in it; its end is for everyone."""
    record(
        verb,
        sentence,
        by=by,
        area=assessment.area,
        assessment_id=assessment.pk,
        partner_id=partner.partner_id if partner else None,
        statement=statement.slug if statement else "",
        details=details,
        audience=audience,
    )
