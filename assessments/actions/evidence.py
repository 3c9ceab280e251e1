"""The area's evidence library, and what is laid beside a statement."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from areas.actions import record
from areas.models import Audience, Partner, User
from assessments.actions.errors import NotNowError
from assessments.models import Assessment, Evidence, EvidenceLink, PartnerReturn
from ingredients.models import Statement


@transaction.atomic
def add_evidence(
    *,
    owner: Partner,
    title: str,
    kind: str,
    address: str,
    shows: str,
    dated_on: date | None,
    review_on: date | None,
    by: User,
) -> Evidence:
    """Add a document or page to the library of the owner's area."""
    item = Evidence.objects.create(
        area=owner.area,
        owner=owner,
        title=title,
        kind=kind,
        address=address,
        shows=shows,
        dated_on=dated_on,
        review_on=review_on,
        added_by=by,
    )
    record(
        "evidence.add",
        f"added the evidence ‘{title}’ for {owner.name}",
        by=by,
        area=owner.area,
        partner_id=owner.pk,
        audience=Audience.AREA,
    )
    return item


@transaction.atomic
def link_evidence(
    *,
    assessment: Assessment,
    statement: Statement,
    evidence: Evidence,
    partner_return: PartnerReturn | None,
    by: User,
) -> EvidenceLink:
    """Lay evidence beside a statement: for a partner while it scores, or for the meeting.

    Raises NotNowError when a partner links after the reveal, the meeting links before it, or
    the report is already in sign-off.
    """
    _check_open(assessment, partner_return)
    link, made = EvidenceLink.objects.get_or_create(
        assessment=assessment,
        statement=statement,
        evidence=evidence,
        partner_return=partner_return,
        defaults={"linked_by": by},
    )
    if made:
        _record(link, "evidence.link", f"linked ‘{evidence.title}’ to", by=by)
    return link


@transaction.atomic
def unlink_evidence(*, link: EvidenceLink, by: User) -> None:
    """Take evidence away from a statement. It stays in the library."""
    _check_open(link.assessment, link.partner_return)
    _record(link, "evidence.unlink", f"removed ‘{link.evidence.title}’ from", by=by)
    link.delete()


def _check_open(assessment: Assessment, partner_return: PartnerReturn | None) -> None:
    """Hold what a change of stage holds, then look: what the page read may be old by now."""
    open_stage = Assessment.Stage.MODERATION if partner_return is None else Assessment.Stage.SCORING
    is_submitted = False
    if partner_return is not None:
        row = PartnerReturn.objects.select_for_update().get(pk=partner_return.pk)
        is_submitted = row.is_submitted
    now = Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    if now.stage != open_stage or is_submitted:
        raise NotNowError("Evidence on this statement cannot be changed now.")


def _record(link: EvidenceLink, verb: str, sentence: str, *, by: User) -> None:
    """A partner's link is told without its statement, and to that partner alone: evidence beside
    one hints at a high level, and the log is read before the reveal too."""
    by_partner = link.partner_return
    record(
        verb,
        f"{sentence} {f'a statement for {by_partner.name}' if by_partner else f'‘{link.statement.title}’'}",
        by=by,
        area=link.assessment.area,
        assessment_id=link.assessment_id,
        partner_id=by_partner.partner_id if by_partner else None,
        statement="" if by_partner else link.statement.slug,
        audience=Audience.PARTNER if by_partner else Audience.SCORERS,
    )
