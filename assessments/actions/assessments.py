"""Start an assessment, choose its partners, decide who reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction

from areas.actions import record
from areas.models import Area, Partner, Sector, User
from assessments.actions.errors import NotNowError
from assessments.models import Assessment, PartnerReturn, QuorumReason
from assessments.reports.words import day, listed
from ingredients.models import Framework


@transaction.atomic
def start_assessment(
    *,
    area: Area,
    purpose: str,
    title: str,
    scoring_closes_on: date,
    moderation_on: date,
    sign_off_by: date,
    by: User,
) -> Assessment:
    """Start an assessment: it pins the current framework and the area's last submitted
    assessment as its baseline. The partners are chosen next.

    Raises NotNowError where one is under way or no framework is published.
    """
    framework = Framework.objects.current()
    if framework is None:
        raise NotNowError("No framework is published yet. Ask the people who run the portal.")
    # Two people who start one at the same moment are served one after the other.
    Area.objects.select_for_update().get(pk=area.pk)
    if Assessment.objects.under_way().filter(area=area).exists():
        raise NotNowError("This area already has an assessment under way.")
    assessment = Assessment.objects.create(
        area=area,
        framework=framework,
        baseline=Assessment.objects.latest_submitted(area),
        purpose=purpose,
        title=title,
        scoring_closes_on=scoring_closes_on,
        moderation_on=moderation_on,
        sign_off_by=sign_off_by,
        started_by=by,
    )
    record(
        "assessment.start",
        f"started ‘{title}’: scoring closes on {day(scoring_closes_on)}, the meeting is on "
        f"{day(moderation_on)}, sign-off is due by {day(sign_off_by)}",
        by=by,
        area=area,
        assessment_id=assessment.pk,
    )
    return assessment


@transaction.atomic
def choose_partners(
    *, assessment: Assessment, partners: Sequence[Partner], reasons: Mapping[str, str], by: User
) -> list[PartnerReturn]:
    """Choose who scores, and open scoring.

    `reasons` gives, for each required sector left out, why; it is printed in the report.
    Raises ValueError naming `partners` or `reasons` when a required sector is left out without
    one, and NotNowError when scoring has opened already.
    """
    chosen = {partner.sector for partner in partners}
    for sector in Sector:
        if sector.is_required and sector not in chosen and not reasons.get(sector, "").strip():
            raise ValueError(f"reasons: {sector.label} is left out without a reason")
    if not partners:
        raise ValueError("partners: choose at least one")
    opened = Assessment.objects.filter(pk=assessment.pk, stage=Assessment.Stage.SETUP).update(
        stage=Assessment.Stage.SCORING
    )
    if opened != 1:
        raise NotNowError("Scoring has opened already.")
    assessment.stage = Assessment.Stage.SCORING
    returns = PartnerReturn.objects.bulk_create(build_returns(assessment, partners))
    for left_out, reason in reasons.items():
        if reason.strip() and left_out not in chosen:
            QuorumReason.objects.create(
                assessment=assessment, sector=left_out, reason=reason.strip(), recorded_by=by
            )
    record(
        "assessment.open",
        f"opened scoring of ‘{assessment.title}’ to {listed(row.name for row in returns)}",
        by=by,
        area=assessment.area,
        assessment_id=assessment.pk,
        details={"reason": _left_out(reasons, chosen)},
    )
    return returns


def _left_out(reasons: Mapping[str, str], chosen: set[str]) -> str:
    """`Not health: The post is vacant.`, for each required sector that does not score."""
    return " ".join(
        f"Not {Sector(sector).label.lower()}: {reason.strip()}"
        for sector, reason in reasons.items()
        if reason.strip() and sector not in chosen
    )


def build_returns(assessment: Assessment, partners: Sequence[Partner]) -> list[PartnerReturn]:
    """Unsaved returns in partner order, each with the code and name that charts and tables use."""
    ordered = sorted(partners, key=lambda partner: (Sector.position(partner.sector), partner.name))
    in_sector = Counter(partner.sector for partner in partners)
    number: Counter[str] = Counter()
    rows = []
    for order, partner in enumerate(ordered, start=1):
        sector = Sector(partner.sector)
        number[sector] += 1
        several = in_sector[sector] > 1
        rows.append(
            PartnerReturn(
                assessment=assessment,
                partner=partner,
                sector=sector,
                name=partner.name,
                short_name=f"{sector.label} {number[sector]}" if several else sector.label,
                code=f"{sector.code}{number[sector]}" if several else sector.code,
                order=order,
            )
        )
    return rows


@transaction.atomic
def set_consent(*, assessment: Assessment, dfe_sees_partners: bool, by: User) -> None:
    """Let DfE see each partner's scores and reasons in this assessment, or stop letting it.

    It holds for all versions of a report: DfE reads the older ones too. Raises NotNowError once
    the assessment is cancelled, as DfE never sees it.
    """
    if assessment.is_cancelled:
        raise NotNowError("DfE never sees a cancelled assessment.")
    versions = Assessment.objects.versions_of(assessment)
    Assessment.objects.filter(pk__in=versions).update(dfe_sees_partners=dfe_sees_partners)
    assessment.dfe_sees_partners = dfe_sees_partners
    what = "let DfE see" if dfe_sees_partners else "stopped letting DfE see"
    record(
        "assessment.consent",
        f"{what} each partner’s scores in ‘{assessment.title}’",
        by=by,
        area=assessment.area,
        assessment_id=assessment.pk,
    )
