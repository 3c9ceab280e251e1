"""Sign for a partner, and submit: the report is fixed from then on."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from areas.actions import record
from areas.models import Audience, User
from assessments import readiness, tasks
from assessments.actions.errors import NotNowError
from assessments.models import Assessment, PartnerReturn, SignOff, StoredReport
from assessments.reports.facts import canonical, fingerprint, gather
from assessments.reports.pictures import keep_picture


@transaction.atomic
def sign(
    *, partner_return: PartnerReturn, decision: str, text: str, name: str, role: str, by: User
) -> bool:
    """Sign the report for a partner; whether this was the last required signature, and so
    submitted the assessment.

    Raises ValueError naming the field on invalid input, NotNowError outside the sign-off stage
    or when the partner has signed already.
    """
    if decision != SignOff.Decision.AGREE and not text:
        raise ValueError("text: say what your reservation is, or why you do not agree")
    assessment = _lock_in_sign_off(partner_return.assessment)
    if SignOff.objects.filter(partner_return=partner_return).standing().exists():
        raise NotNowError(f"{partner_return.name} has signed already.")
    signature = SignOff.objects.create(
        assessment=assessment,
        partner_return=partner_return,
        decision=decision,
        text=text,
        name=name,
        role=role,
        signed_by=by,
    )
    decided = signature.get_decision_display().lower()
    sentence = f"signed for {partner_return.name} as {name}, {role}: {decided}"
    _record(assessment, "sign_off.sign", sentence, by=by, partner=partner_return)
    if missing_signatures(assessment):
        return False
    _submit(assessment, reason="", by=by)
    return True


@transaction.atomic
def submit_with_reason(*, assessment: Assessment, reason: str, by: User) -> None:
    """Submit although a required signature is missing. The reason is printed in the report.

    Raises ValueError without a reason, NotNowError outside the sign-off stage.
    """
    if not reason:
        raise ValueError("reason: say why you are submitting without every signature")
    _submit(_lock_in_sign_off(assessment), reason=reason, by=by)
    assessment.refresh_from_db()


def missing_signatures(assessment: Assessment) -> list[PartnerReturn]:
    """Partners of the required sectors that have not signed yet; where none of these takes part,
    all partners."""
    signed = set(assessment.sign_offs.standing().values_list("partner_return_id", flat=True))
    returns = list(assessment.returns.all())
    needed = [row for row in returns if row.is_required] or returns
    return [row for row in needed if row.pk not in signed]


def freeze(assessment: Assessment) -> StoredReport:
    """Keep the facts of a submitted assessment for good, with their hash, and what a comparison of
    areas reads of them."""
    text = canonical(gather(assessment))
    stored = StoredReport.objects.create(
        assessment=assessment,
        facts=text,
        sha256=fingerprint(text),
        rule_version=readiness.RULE_VERSION,
    )
    keep_picture(stored)
    return stored


def _submit(assessment: Assessment, *, reason: str, by: User) -> None:
    changed = Assessment.objects.filter(pk=assessment.pk, stage=Assessment.Stage.SIGN_OFF).update(
        stage=Assessment.Stage.SUBMITTED,
        submitted_at=timezone.now(),
        submitted_by=by,
        submit_reason=reason,
    )
    if changed != 1:
        raise NotNowError("The report is not open for sign-off.")
    assessment.refresh_from_db()
    stored = freeze(assessment)
    how = "submitted" if reason else "was the last who had to sign, which submitted"
    after = ", which supersedes the version before" if assessment.corrects_id else ""
    sentence = f"{how} ‘{assessment.name}’ (report {stored.sha256[:8]}){after}"
    _record(assessment, "assessment.submit", sentence, by=by, details={"reason": reason})
    # The job is a row in this transaction: it exists if, and only if, the submission does.
    tasks.store_report_pdf.enqueue(assessment.pk)


def _lock_in_sign_off(assessment: Assessment) -> Assessment:
    locked = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("area")
        .get(pk=assessment.pk)
    )
    if locked.stage != Assessment.Stage.SIGN_OFF:
        raise NotNowError("The report is not open for sign-off.")
    return locked


def _record(
    assessment: Assessment,
    verb: str,
    sentence: str,
    *,
    by: User,
    partner: PartnerReturn | None = None,
    details: dict[str, str] | None = None,
) -> None:
    record(
        verb,
        sentence,
        by=by,
        area=assessment.area,
        assessment_id=assessment.pk,
        partner_id=partner.partner_id if partner else None,
        details=details,
        audience=Audience.AREA,
    )
