"""Cancel an assessment; correct a submitted report by a new version of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from areas.actions import record
from areas.models import Area, User
from assessments import emails
from assessments.actions.errors import NotNowError
from assessments.models import (
    AgreedScore,
    Assessment,
    Dissent,
    EvidenceLink,
    PartnerReturn,
    QuorumReason,
    Score,
)

Row = TypeVar("Row", bound=Model)


@transaction.atomic
def cancel_assessment(*, assessment: Assessment, reason: str, by: User) -> None:
    """End an assessment that will not be submitted. Nothing is deleted: it can be read by the
    same people as at the stage it had, and changed by nobody.

    Raises ValueError without a reason, NotNowError once it is submitted or cancelled.
    """
    if not reason:
        raise ValueError("reason: say why")
    # The returns too: a score is either saved before this, or refused.
    list(assessment.returns.select_for_update().order_by("pk").values_list("pk", flat=True))
    locked = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("area")
        .get(pk=assessment.pk)
    )
    if locked.is_closed:
        raise NotNowError(f"This assessment is {locked.get_stage_display().lower()} already.")
    Assessment.objects.filter(pk=locked.pk, stage=locked.stage).update(
        stage=Assessment.Stage.CANCELLED,
        cancelled_from=locked.stage,
        cancelled_at=timezone.now(),
        cancelled_by=by,
        cancel_reason=reason,
    )
    assessment.refresh_from_db()
    record(
        "assessment.cancel",
        f"cancelled ‘{assessment.name}’: {reason}",
        by=by,
        area=locked.area,
        assessment_id=assessment.pk,
    )
    emails.assessment_cancelled(assessment, by=by)


@transaction.atomic
def correct_report(
    *, assessment: Assessment, reason: str, sign_off_by: date, by: User
) -> Assessment:
    """Open the next version of a submitted report in moderation, with everything as it was
    submitted. The old version stays the current one until this one is submitted.

    Only the area's newest report can be corrected: a later one was compared with an older one,
    and would then rest on levels that nobody can find in it. For the same reason no other
    assessment may be under way, as its baseline is pinned. Raises NotNowError in these cases,
    and ValueError naming the field on invalid input.
    """
    if not reason:
        raise ValueError("reason: say what was wrong")
    if sign_off_by < timezone.localdate():
        raise ValueError("sign_off_by: must not be in the past")
    # Whoever starts an assessment waits for the area too.
    area = Area.objects.select_for_update().get(pk=assessment.area_id)
    check_correctable(assessment)
    correction = _new_version(assessment, reason=reason, sign_off_by=sign_off_by, by=by)
    _copy_contents(assessment, correction)
    # From the reveal on, scores refuse to be written: so it comes after them.
    Assessment.objects.filter(pk=correction.pk, stage=Assessment.Stage.SCORING).update(
        stage=Assessment.Stage.MODERATION,
        revealed_at=assessment.revealed_at,
        revealed_by=assessment.revealed_by_id,
        reveal_reason=assessment.reveal_reason,
    )
    correction.refresh_from_db()
    record(
        "report.correct",
        f"started version {correction.version} of ‘{correction.title}’, which corrects the "
        f"submitted report: {reason}",
        by=by,
        area=area,
        assessment_id=correction.pk,
        details={"corrects": assessment.pk},
    )
    signed = PartnerReturn.objects.filter(pk__in=assessment.sign_offs.values("partner_return"))
    emails.correction_started(correction, signed, by=by)
    return correction


def check_correctable(assessment: Assessment) -> None:
    """Raises NotNowError saying why this report cannot be corrected now."""
    if not assessment.is_submitted:
        raise NotNowError("Only a submitted report is corrected. This one can still be changed.")
    newer = assessment.corrections.exclude(stage=Assessment.Stage.CANCELLED).first()
    if newer is not None:
        raise NotNowError(
            "This report has been superseded. Correct its newest version."
            if newer.is_submitted
            else "A correction of this report is under way already."
        )
    if Assessment.objects.under_way().filter(area=assessment.area_id).exists():
        raise NotNowError(
            "Another assessment is under way, and it is compared with this report. "
            "Submit or cancel that one first."
        )
    if Assessment.objects.latest_submitted(assessment.area) != assessment:
        raise NotNowError(
            "A later report has been submitted, and it was compared with this one. "
            "Only the newest report can be corrected."
        )


def _new_version(assessment: Assessment, *, reason: str, sign_off_by: date, by: User) -> Assessment:
    today = timezone.localdate()
    return Assessment.objects.create(
        area=assessment.area,
        framework_id=assessment.framework_id,
        purpose=assessment.purpose,
        title=assessment.title,
        stage=Assessment.Stage.SCORING,
        baseline_id=assessment.baseline_id,
        # They may lie ahead where everyone was early; here scoring is over, and the meeting is now.
        scoring_closes_on=min(assessment.scoring_closes_on, today),
        moderation_on=min(assessment.moderation_on, today),
        sign_off_by=sign_off_by,
        started_by=by,
        dfe_sees_partners=assessment.dfe_sees_partners,
        corrects=assessment,
        correct_reason=reason,
        version=assessment.version + 1,
        evidence_on=assessment.day,
    )


def _copy_contents(old: Assessment, new: Assessment) -> None:
    """Rows as they were submitted, with who wrote them and when; signatures and comments stay."""
    rows = list(old.returns.order_by("pk"))
    keys = [row.pk for row in rows]
    copies = PartnerReturn.objects.bulk_create(_copies(rows, assessment=new))
    by_old = dict(zip(keys, copies, strict=True))
    # What was never submitted was never revealed, so it stays behind.
    scores = list(
        Score.objects.filter(partner_return__in=keys, partner_return__submitted_at__isnull=False)
    )
    Score.objects.bulk_create(
        copy
        for score in scores
        for copy in _copies([score], partner_return=by_old[score.partner_return_id])
    )
    AgreedScore.objects.bulk_create(_copies(old.agreed_scores.all(), assessment=new))
    QuorumReason.objects.bulk_create(_copies(old.quorum_reasons.order_by("pk"), assessment=new))
    for model, found in (
        (Dissent, old.dissents.order_by("pk")),
        (EvidenceLink, old.evidence_links.order_by("pk")),
    ):
        model.objects.bulk_create(
            copy
            for row in found
            for copy in _copies(
                [row], assessment=new, partner_return=by_old.get(row.partner_return_id)
            )
        )


def _copies(rows: Iterable[Row], **changed: Any) -> list[Row]:
    found = list(rows)
    for row in found:
        row.pk = None
        for name, value in changed.items():
            setattr(row, name, value)
    return found
