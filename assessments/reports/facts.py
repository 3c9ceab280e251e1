"""The facts of one assessment as plain JSON values: what is frozen at submission.

Every page, file and figure of an assessment after the reveal is built from these facts and
the pinned framework, so a number is the same everywhere and a submitted report stays the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.db.models import Manager, Model, Q, QuerySet
from django.utils import timezone

from areas.models import REQUIRED_SECTORS, Area
from assessments import readiness
from assessments.models import (
    Assessment,
    PartnerReturn,
    Score,
    StoredReport,
)
from assessments.models.scores import answer_value
from assessments.reports.plan import plan_facts
from ingredients.models import Framework, Statement

FORMAT = 1
AGREED_FIELDS = ("answer", "rationale", "outside_reason")
EVIDENCE_FIELDS = (
    "evidence__title", "evidence__kind", "evidence__address", "evidence__shows",
    "evidence__owner__name", "evidence__dated_on", "evidence__review_on", "evidence__file_name",
    "evidence__file_sha256",
)  # fmt: skip
# Rows of values: the models' other columns would take longer than these.
DISSENT_FIELDS = ("pk", "partner_return_id", "statement_id", "text", "recorded_at", "withdrawn_at")
SIGN_OFF_FIELDS = ("partner_return_id", "decision", "text", "name", "role", "signed_at")
Facts = dict[str, Any]
Row = TypeVar("Row", bound=Model)


def canonical(facts: Facts) -> str:
    """One text for one set of facts, so that its hash can be worked out again by anyone."""
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def gather(
    assessment: Assessment,
    *,
    with_baseline: bool = True,
    with_sign_offs: bool = True,
    with_plan: bool = True,
    levels_only: bool = False,
    about: Statement | None = None,
    returns: Sequence[PartnerReturn] | None = None,
    agreed: Iterable[Facts] | None = None,
    links: Iterable[Facts] | None = None,
) -> Facts:
    """Read an assessment's facts from the database: fifteen queries at most, whatever its size.

    Scores of a partner that has not submitted are left out, and no score at all is read before
    the reveal. `levels_only` leaves out dissent, evidence and recorded reasons: enough for the
    agenda, not for readiness. `about` reads dissent and evidence of that statement alone, and no
    recorded reason: enough for its page, not for readiness. A caller that has read the returns, or
    the rows of `read_agreed` or `read_links`, already hands them over.
    """
    statement_slugs = {s.pk: s.slug for s in assessment.content.all_statements}
    around = _around(assessment) if with_baseline else {"baseline": None}
    returns = list(assessment.returns.all()) if returns is None else returns
    revealed_at = assessment.revealed_at
    scores = revealed_scores(assessment.pk, revealed_at) if revealed_at else {}
    return {
        "format": FORMAT,
        "rule": readiness.RULE_VERSION,
        "day": assessment.day.isoformat(),
        "area": _area(assessment.area),
        "assessment": _about(assessment),
        "framework": _framework(assessment.content),
        "partners": [_partner(row, scores.get(row.pk, {})) for row in returns],
        "agreed": {
            statement_slugs[row["statement_id"]]: {field: row[field] for field in AGREED_FIELDS}
            for row in (_agreed(assessment) if agreed is None else agreed)
        },
        **_besides_levels(assessment, statement_slugs, about, links, levels_only=levels_only),
        "sign_offs": _sign_offs(assessment, returns) if with_sign_offs else [],
        **around,
        # Not in reports that were submitted before areas had a plan.
        "plan": _plan(assessment, around["baseline"]) if with_plan and with_baseline else None,
    }


def _besides_levels(
    assessment: Assessment,
    slugs: dict[int, str],
    about: Statement | None,
    links: Iterable[Facts] | None,
    *,
    levels_only: bool,
) -> Facts:
    """Dissent, evidence and recorded reasons, as far as `gather` was asked for them."""
    if levels_only:
        return {"dissent": [], "evidence": [], "quorum_reasons": []}
    laid = read_links(assessment, about) if links is None else links
    reasons = assessment.quorum_reasons.order_by("pk")
    return {
        "dissent": [
            _dissent(row, slugs) for row in _of(assessment.dissents, about).values(*DISSENT_FIELDS)
        ],
        "evidence": _evidence(laid, slugs),
        "quorum_reasons": []
        if about
        else [_quorum_reason(row) for row in reasons.values("sector", "ingredient", "reason")],
    }


def _around(assessment: Assessment) -> Facts:
    """What is told of other reports. Those submitted before corrections could be made have none."""
    return {"baseline": _baseline(assessment), "correction": _correction(assessment)}


def _plan(assessment: Assessment, baseline: Facts | None) -> Facts:
    return plan_facts(assessment, baseline["submitted_on"] if baseline else None)


def _of(rows: Manager[Row], about: Statement | None) -> QuerySet[Row]:
    return rows.filter(statement=about) if about else rows.all()


def _agreed(assessment: Assessment) -> QuerySet[Any, Any]:
    return assessment.agreed_scores.values("statement_id", *AGREED_FIELDS)


def read_agreed(assessment: Assessment) -> list[Facts]:
    """What the meeting agreed so far, with the version of each row, who saved it and when."""
    rows = assessment.agreed_scores.values(
        "statement_id", *AGREED_FIELDS, "version", "saved_at", "saved_by__name"
    )
    return list(rows)


def read_links(assessment: Assessment, about: Statement | None = None) -> list[Facts]:
    """Evidence beside statements that counts: what the meeting or a submitted return laid there."""
    counted = Q(partner_return__isnull=True) | Q(partner_return__submitted_at__isnull=False)
    rows = (
        _of(assessment.evidence_links, about)
        .filter(counted)
        .order_by("evidence__title", "evidence_id", "statement_id")
        .values("pk", "partner_return_id", "evidence_id", "statement_id", *EVIDENCE_FIELDS)
    )
    return list(rows)


def _day(moment: datetime | None) -> str | None:
    return timezone.localdate(moment).isoformat() if moment else None


def _date(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _area(area: Area) -> Facts:
    return {
        "code": area.dfe_code,
        "name": area.name,
        "region": area.region,
        "demonstration": area.is_demonstration,
    }


def _framework(framework: Framework) -> Facts:
    return {
        "id": framework.slug,
        "version": framework.version,
        "title": framework.title,
        "fingerprint": framework.fingerprint,
    }


def _about(assessment: Assessment) -> Facts:
    return {
        "id": assessment.pk,
        "title": assessment.title,
        "purpose": assessment.purpose,
        "started_on": _day(assessment.started_at),
        "scoring_closes_on": assessment.scoring_closes_on.isoformat(),
        "moderation_on": assessment.moderation_on.isoformat(),
        "sign_off_by": assessment.sign_off_by.isoformat(),
        "revealed_on": _day(assessment.revealed_at),
        "reveal_reason": assessment.reveal_reason,
        "submitted_on": _day(assessment.submitted_at),
        "submit_reason": assessment.submit_reason,
    }


# Scores cannot change after the reveal, so each process reads those of an assessment once.
@lru_cache(maxsize=64)
def revealed_scores(assessment_id: int, revealed_at: datetime) -> dict[int, dict[str, list[str]]]:
    """Return id to its answers and reasons by statement, for the submitted returns."""
    found: dict[int, dict[str, list[str]]] = {}
    rows = Score.objects.filter(
        partner_return__assessment=assessment_id, partner_return__submitted_at__isnull=False
    ).values_list("partner_return_id", "statement__slug", "answer", "reason")
    for return_id, slug, answer, reason in rows:
        found.setdefault(return_id, {})[slug] = [answer, reason]
    return found


def _partner(row: PartnerReturn, scores: dict[str, list[str]]) -> Facts:
    return {
        "id": str(row.pk),
        "code": row.code,
        "name": row.name,
        "short_name": row.short_name,
        "sector": row.sector,
        "family": row.is_family,
        "required": row.is_required,
        "submitted_on": _day(row.submitted_at),
        "scores": scores,
    }


def _dissent(row: Facts, slugs: dict[int, str]) -> Facts:
    return {
        "id": row["pk"],
        "partner": str(row["partner_return_id"]),
        "statement": slugs[row["statement_id"]],
        "text": row["text"],
        "recorded_on": _day(row["recorded_at"]),
        "withdrawn_on": _day(row["withdrawn_at"]),
    }


def _evidence(links: Iterable[Facts], slugs: dict[int, str]) -> list[Facts]:
    found: dict[int, Facts] = {}
    for link in links:
        entry = found.setdefault(
            link["evidence_id"],
            {
                "id": str(link["evidence_id"]),
                "title": link["evidence__title"],
                "kind": link["evidence__kind"],
                "address": link["evidence__address"],
                "file_name": link["evidence__file_name"],
                # Whoever holds the file can show that it is the one that was signed.
                "file_sha256": link["evidence__file_sha256"],
                "shows": link["evidence__shows"],
                "owner": link["evidence__owner__name"],
                "dated_on": _date(link["evidence__dated_on"]),
                "review_on": _date(link["evidence__review_on"]),
                "statements": [],
            },
        )
        if slugs[link["statement_id"]] not in entry["statements"]:
            entry["statements"].append(slugs[link["statement_id"]])
    return list(found.values())


def _quorum_reason(row: Facts) -> Facts:
    return row | {"ingredient": row["ingredient"] or None}


def _sign_offs(assessment: Assessment, returns: Sequence[PartnerReturn]) -> list[Facts]:
    """The signatures that stand, in the order of the partners."""
    rows = assessment.sign_offs.standing().order_by("pk").values(*SIGN_OFF_FIELDS)
    signed = {row["partner_return_id"]: row for row in rows}
    return [_sign_off(signed[row.pk]) for row in returns if row.pk in signed]


def _sign_off(row: Facts) -> Facts:
    return {
        "partner": str(row["partner_return_id"]),
        "decision": row["decision"],
        "text": row["text"],
        "name": row["name"],
        "role": row["role"],
        "signed_on": _day(row["signed_at"]),
    }


def _baseline(assessment: Assessment) -> Facts | None:
    """What the earlier assessment had, as far as a comparison needs it."""
    return _stored(assessment.baseline_id) if assessment.baseline_id else None


def _correction(assessment: Assessment) -> Facts | None:
    """Which report this one corrects and why, and what that one said."""
    if assessment.corrects_id is None:
        return None
    return {
        "version": assessment.version,
        "reason": assessment.correct_reason,
        "report": _stored(assessment.corrects_id),
    }


def _stored(assessment_id: int) -> Facts:
    sha256 = StoredReport.objects.values_list("sha256", flat=True).get(assessment_id=assessment_id)
    return dict(_before(assessment_id, sha256))


# What was submitted never changes, so each process works it out once.
@lru_cache(maxsize=256)
def _before(assessment_id: int, sha256: str) -> Facts:
    stored = StoredReport.objects.select_related("assessment").get(assessment_id=assessment_id)
    facts: Facts = json.loads(stored.facts)
    before = picture_of(facts, stored.assessment.content)
    return {
        "title": facts["assessment"]["title"],
        "submitted_on": facts["assessment"]["submitted_on"],
        "sha256": sha256,
        "framework": facts["framework"]["fingerprint"],
        "band": before.band.value,
        "ingredients": {slug: ingredient.level for slug, ingredient in before.ingredients.items()},
        "statements": {
            slug: {
                "answer": statement.agreed,
                "evidenced": statement.has_evidence,
                "range": statement.agreement.range,
            }
            for slug, statement in before.statements.items()
        },
    }


def rule_input(facts: Facts, framework: Framework) -> readiness.AssessmentInput:
    """The facts as the rules take them."""
    return readiness.AssessmentInput(
        framework=tuple(
            readiness.IngredientSpec(
                ingredient.slug,
                tuple(
                    readiness.StatementSpec(s.slug, s.families_can_score)
                    for s in ingredient.statements.all()
                ),
            )
            for ingredient in framework.all_ingredients
        ),
        required_sectors=tuple(sector.value for sector in REQUIRED_SECTORS),
        day=date.fromisoformat(facts["day"]),
        partners=tuple(
            readiness.PartnerScores(
                partner["id"],
                partner["sector"],
                partner["submitted_on"] is not None,
                {slug: answer_value(answer) for slug, (answer, _) in partner["scores"].items()},
            )
            for partner in facts["partners"]
        ),
        agreed={slug: answer_value(row["answer"]) for slug, row in facts["agreed"].items()},
        dissent=tuple(
            readiness.DissentItem(row["partner"], row["statement"], row["withdrawn_on"] is not None)
            for row in facts["dissent"]
        ),
        evidence=tuple(
            readiness.EvidenceItem(
                row["id"],
                date.fromisoformat(row["review_on"]) if row["review_on"] else None,
                tuple(row["statements"]),
            )
            for row in facts["evidence"]
        ),
        quorum_reasons=tuple(
            readiness.QuorumReason(row["sector"], row["ingredient"])
            for row in facts["quorum_reasons"]
        ),
    )


def picture_of(facts: Facts, framework: Framework) -> readiness.Picture:
    return readiness.assess(rule_input(facts, framework))
