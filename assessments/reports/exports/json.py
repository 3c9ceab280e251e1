"""A report as JSON, for other programs. report.schema.json says what each name means."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from assessments.readiness import Coverage
from assessments.reports import contents
from assessments.reports.plan import Plan

# Counts up when a name goes or changes its meaning; new names may come at any time.
FORMAT = 1
SCHEMA = Path(__file__).with_name("report.schema.json")
Object = dict[str, Any]


def report_json(report: contents.ReportContents, schema: str) -> bytes:
    """The whole report as UTF-8 JSON; `schema` is the address of its published JSON Schema.

    Levels are 1 to 4 or null, days ISO 8601, ids of ingredients and statements the slugs of the
    framework version. Drawings are left out. Where `shows_partners` is false, whatever a partner
    chose or wrote is null or an empty list, as it is in `report`. Raises nothing of its own.
    """
    text = json.dumps(structure(report, schema), ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


@lru_cache(maxsize=1)
def schema_json() -> bytes:
    """The published schema: JSON Schema, draft 2020-12."""
    return SCHEMA.read_bytes()


def structure(report: contents.ReportContents, schema: str) -> Object:
    """What `report_json` writes, as plain values."""
    return {
        "schema": schema,
        "format": FORMAT,
        "area": {
            "code": report.area_code,
            "name": report.area,
            "region": report.region,
            "is_demonstration": report.is_demonstration,
        },
        "assessment": {
            "id": report.id,
            "title": report.title,
            "purpose": report.purpose,
            "is_draft": report.is_draft,
            "day": report.day.isoformat(),
            "started_on": report.started_on.isoformat(),
            "revealed_on": _day(report.revealed_on),
            "submitted_on": _day(report.submitted_on),
        },
        "shows_partners": report.shows_partners,
        "band": _band(report),
        **_figures(report.figures),
        "levels": {str(level): label for level, label in report.levels.items()},
        "partners": [_partner(row) for row in report.partners],
        "ingredients": [_ingredient(row, report) for row in report.ingredients],
        "priorities": [
            {"statement": row.statement.slug, "why": row.why, "next_step": row.statement.next_step}
            for row in report.priorities
        ],
        "plan": _plan(report.plan),
        "signatures": [_signature(row, report) for row in report.signatures],
        "reasons": [{"what": row.what, "why": row.why} for row in report.reasons],
        "baseline": _baseline(report.baseline),
        "correction": _correction(report.correction),
        "method": {
            "rule": report.method.rule,
            "framework": {
                "id": report.method.framework_id,
                "version": report.method.framework_version,
                "name": report.method.framework,
                "sha256": report.method.framework_fingerprint,
            },
            "sha256": report.method.sha256,
            "who_sees": report.method.who_sees,
        },
    }


def _plan(plan: Plan) -> Object:
    coming = plan.next_check_in
    return {
        "actions": [
            {
                "what": row.what,
                "body": row.body,
                "owner": row.owner,
                "due": row.due.isoformat(),
                "status": row.status,
                "is_late": row.is_late,
                "statement": row.statement or None,
            }
            for row in plan.actions
        ],
        "support": [{"title": row.title, "why": row.why} for row in plan.support],
        "next_check_in": {
            "on": coming.on.isoformat(), "kind": coming.kind, "words": coming.words,
        }
        if coming
        else None,
    }  # fmt: skip


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _band(report: contents.ReportContents) -> Object:
    lift = report.lift
    return {
        "id": report.band,
        "label": report.band_label,
        "description": report.band_description,
        "suggests": report.band_suggests,
        "sentence": report.band_sentence,
        "limiting": [row.slug for row in report.ingredients if row.is_limiting],
        "limits": report.limits,
        "missing": list(report.missing),
        "ladder": [
            {"label": step.label, "is_here": step.is_here, "was_here": step.was_here}
            for step in report.ladder
        ],
        "smallest_lift": {
            "steps": lift.steps,
            "words": lift.steps_words,
            "band_after": lift.band_after,
            "changes": [
                {"ingredient": group.ingredient, "lines": list(group.lines)}
                for group in lift.groups
            ],
        }
        if lift
        else None,
    }


def _figures(figures: contents.Figures) -> Object:
    return {
        "confidence": {"level": figures.confidence, "contested": figures.contested},
        "coverage": _coverage(figures.coverage),
        "evidence_coverage": {
            "evidenced": figures.evidence.evidenced,
            "claimed": figures.evidence.claimed,
        },
        "returns": {"submitted": figures.returns.submitted, "invited": figures.returns.invited},
    }


def _coverage(found: Coverage) -> Object:
    return {
        "levelled": found.levelled,
        "applicable": found.applicable,
        "cannot_say": found.cannot_say,
        "not_agreed": found.not_agreed,
        "not_decided": found.blank,
        "not_applicable": found.not_applicable,
    }


def _partner(row: contents.PartnerLine) -> Object:
    return {
        "id": row.id,
        "code": row.code,
        "name": row.name,
        "short_name": row.short_name,
        "is_family": row.is_family,
        "is_required": row.is_required,
        "submitted_on": _day(row.submitted_on),
    }


def _ingredient(row: contents.IngredientReport, report: contents.ReportContents) -> Object:
    return {
        "id": row.slug,
        "number": row.number,
        "title": row.title,
        "short_title": row.short_title,
        "level": row.level,
        "level_words": row.level_words,
        "reasons": list(row.reasons),
        "is_limiting": row.is_limiting,
        "is_contested": row.is_contested,
        "is_not_evidenced": row.is_not_evidenced,
        "coverage": _coverage(row.counts),
        "strongest": row.strongest.slug if row.strongest else None,
        "weakest": row.weakest.slug if row.weakest else None,
        "widest": row.widest.slug if row.widest else None,
        "before": row.before,
        "change": row.change,
        "places": [_answer(place) for place in row.places],
        "places_in_words": row.sentence if report.shows_partners else None,
        "statements": [_statement(statement, report) for statement in row.statements],
    }


def _statement(row: contents.StatementReport, report: contents.ReportContents) -> Object:
    shown = report.shows_partners
    return {
        "id": row.slug,
        "code": row.code,
        "title": row.title,
        "text": row.text,
        "is_decided": row.is_decided,
        "level": row.level,
        "agreed": row.agreed_words,
        "counts_as": row.counts_as,
        "is_contested": row.is_contested,
        "is_not_evidenced": row.is_not_evidenced,
        "change": row.change,
        "next_step": row.next_step,
        "rationale": row.rationale if shown else None,
        "outside_reason": row.outside_reason if shown else None,
        "answers_in_words": row.sentence if shown else None,
        "answers": [{**_answer(answer), "reason": answer.reason} for answer in row.answers],
        "dissent": [_dissent(line) for line in row.dissent],
        "evidence": [_evidence(line) for line in row.evidence],
    }


def _answer(row: contents.PartnerAnswer) -> Object:
    return {
        "partner": row.partner.id,
        "level": row.level,
        "words": row.words,
        "is_alone": row.is_alone,
    }


def _dissent(row: contents.DissentLine) -> Object:
    return {
        "id": row.id,
        "partner": row.partner.id,
        "text": row.text,
        "recorded_on": row.recorded_on.isoformat(),
        "is_withdrawn": row.is_withdrawn,
    }


def _evidence(row: contents.EvidenceLine) -> Object:
    return {
        "id": row.id,
        "title": row.title,
        "kind": row.kind,
        "address": row.address,
        "file_name": row.file_name,
        "owner": row.owner,
        "shows": row.shows,
        "dated_on": _day(row.dated_on),
        "review_on": _day(row.review_on),
        "is_in_date": row.is_in_date,
        "words": row.words,
    }


def _signature(row: contents.Signature, report: contents.ReportContents) -> Object:
    return {
        "partner": row.partner.id,
        "decision": row.decision or None,
        "words": row.words,
        "text": row.text if report.shows_partners else None,
        "name": row.name,
        "role": row.role,
        "signed_on": _day(row.signed_on),
    }


def _baseline(row: contents.Baseline | None) -> Object | None:
    if row is None:
        return None
    return {
        "title": row.title,
        "submitted_on": row.submitted_on.isoformat(),
        "sha256": row.sha256,
        "summary": row.summary,
    }


def _correction(row: contents.Correction | None) -> Object | None:
    if row is None:
        return None
    return {
        "version": row.version,
        "corrected_on": row.corrected_on.isoformat(),
        "sha256": row.sha256,
        "reason": row.reason,
        "changes": list(row.changes),
    }
