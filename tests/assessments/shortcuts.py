"""Stages of an assessment that many tests start from, laid as the actions lay them."""

from dataclasses import replace

from assessments.actions.assessments import build_returns
from assessments.actions.sign_off import submit_with_reason
from assessments.models import (
    AgreedScore,
    AgreedScoreVersion,
    Assessment,
    Evidence,
    EvidenceLink,
    PartnerReturn,
)
from tests.factories import AssessmentFactory


def agree(partnership, answers="2", rationale="We agreed this."):
    """Agreed scores: one answer for every statement, or by slug."""
    if isinstance(answers, str):
        answers = {statement.slug: answers for statement in partnership.statements}
    rows = [
        AgreedScore(
            assessment=partnership.assessment,
            statement=partnership.statement(slug),
            answer=answer,
            rationale=rationale,
            saved_by=partnership.people["lead"],
        )
        for slug, answer in answers.items()
    ]
    AgreedScore.objects.bulk_create(rows)
    AgreedScoreVersion.objects.bulk_create(AgreedScoreVersion.of(row) for row in rows)


def lay_evidence(partnership, *slugs, sector=None, title="Board minutes", review_on=None):
    """One piece of evidence beside these statements (all of them, if none is named), linked by a
    partner or by the meeting."""
    lead = partnership.people["lead"]
    item = Evidence.objects.create(
        area=partnership.area,
        owner=partnership.partners[sector or "local_authority"],
        title=title,
        kind=Evidence.Kind.MINUTES,
        address="https://documents.example/minutes",
        shows="What was decided.",
        review_on=review_on,
        added_by=lead,
        saved_by=lead,
    )
    EvidenceLink.objects.bulk_create(
        EvidenceLink(
            assessment=partnership.assessment,
            statement=partnership.statement(slug),
            evidence=item,
            partner_return=partnership.returns[sector] if sector else None,
            linked_by=lead,
        )
        for slug in slugs or [statement.slug for statement in partnership.statements]
    )
    return item


def open_sign_off(partnership):
    partnership.move_to(Assessment.Stage.SIGN_OFF)


def submit(partnership, reason="The others signed on paper."):
    """Submitted by the lead with a reason, through the real action."""
    open_sign_off(partnership)
    submit_with_reason(
        assessment=partnership.assessment, reason=reason, by=partnership.people["lead"]
    )
    partnership.assessment.refresh_from_db()
    return partnership.assessment


def next_assessment(partnership, title="Spring check-in"):
    """The same area and partners in a second assessment, compared with the submitted first."""
    assessment = AssessmentFactory(
        area=partnership.area,
        title=title,
        purpose=Assessment.Purpose.CHECK_IN,
        baseline=partnership.assessment,
        started_by=partnership.people["lead"],
    )
    rows = build_returns(assessment, list(partnership.partners.values()))
    returns = {row.sector: row for row in PartnerReturn.objects.bulk_create(rows)}
    return replace(partnership, assessment=assessment, returns=returns)
