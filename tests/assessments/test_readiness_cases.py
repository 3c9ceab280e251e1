"""Every worked case of the rules, read from a file that other portals can use too.

The environment variable CASES names another file of the same format.
"""

import json
import os
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from assessments.readiness import (
    ActionState,
    AssessmentInput,
    DissentItem,
    EvidenceItem,
    IngredientSpec,
    MapRow,
    PartnerScores,
    PriorityState,
    QuorumReason,
    StatementSpec,
    StatementState,
    assess,
    change,
    momentum,
    support,
)

FILE = Path(os.environ.get("CASES", Path(__file__).with_name("readiness-cases.json")))
CASES = json.loads(FILE.read_text(encoding="utf-8"))["cases"]


def day(text, field):
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{field}: {text!r} is not a day") from error


def quorum_reason(given):
    if not given["reason"].strip():
        raise ValueError("reason: has no words")
    return QuorumReason(given["sector"], given["ingredient"])


def assessment_input(given):
    return AssessmentInput(
        framework=tuple(
            IngredientSpec(i["id"], tuple(StatementSpec(**s) for s in i["statements"]))
            for i in given["framework"]
        ),
        required_sectors=tuple(given["required_sectors"]),
        day=day(given["day"], "day"),
        partners=tuple(
            PartnerScores(p["id"], p["sector"], p["submitted"], p["scores"])
            for p in given["partners"]
        ),
        agreed=given["agreed"],
        dissent=tuple(DissentItem(**d) for d in given["dissent"]),
        evidence=tuple(
            EvidenceItem(e["id"], day(e["review_on"], "review_on"), tuple(e["statements"]))
            for e in given["evidence"]
        ),
        quorum_reasons=tuple(quorum_reason(r) for r in given["quorum_reasons"]),
    )


def statement_as_expected(statement):
    agreement = statement.agreement
    deviation = agreement.average_deviation
    return {
        "n": agreement.n,
        "range": agreement.range,
        "agreement": agreement.spread,
        "average_deviation": None if deviation is None else round(float(deviation), 4),
        "out_on_its_own": list(agreement.out_on_its_own),
        "prefill": agreement.prefill,
        "rationale_required": statement.rationale_required,
        "outside_reason_required": statement.outside_reason_required,
        "evidenced_level": statement.evidenced_level,
        "marks": list(statement.marks),
    }


def ingredient_as_expected(ingredient):
    return {
        "level": ingredient.level,
        "reasons": list(ingredient.reasons),
        "sectors_missing": list(ingredient.sectors_missing),
        "statements_missing": list(ingredient.statements_missing),
        "coverage": asdict(ingredient.coverage),
        "marks": list(ingredient.marks),
    }


def lift_as_expected(lift):
    return lift and {
        "steps": lift.steps,
        "changes": [
            {
                "statement": c.statement,
                "from": c.from_level,
                "to": c.to_level,
                "add_evidence": c.add_evidence,
                "steps": c.steps,
            }
            for c in lift.changes
        ],
        "band_after": lift.band_after,
    }


def work_out_assessment(given):
    picture = assess(assessment_input(given))
    return {
        "statements": {id_: statement_as_expected(s) for id_, s in picture.statements.items()},
        "agenda": picture.agenda,
        "ingredients": {id_: ingredient_as_expected(i) for id_, i in picture.ingredients.items()},
        "band": picture.band,
        "limiting": list(picture.limiting),
        "levels": picture.levels,
        "lift": lift_as_expected(picture.lift),
        "coverage": asdict(picture.coverage),
        "evidence_coverage": asdict(picture.evidence_coverage),
        "returns": asdict(picture.returns),
        "confidence": {"word": picture.confidence, "contested": picture.contested},
    }


def work_out_momentum(given):
    found = momentum(
        day(given["previous_day"], "previous_day"),
        day(given["day"], "day"),
        [
            PriorityState(
                p["statement"],
                p["then"],
                p["answer"],
                tuple(day(review_on, "review_on") for review_on in p["review_on"]),
            )
            for p in given["priorities"]
        ],
        [
            ActionState(day(a["due_on"], "due_on"), day(a["done_on"], "done_on"), a["no_action"])
            for a in given["actions"]
        ],
    )
    return asdict(found)


def work_out_change(given):
    found = change(
        {id_: StatementState(**state) for id_, state in given["before"].items()},
        {id_: StatementState(**state) for id_, state in given["after"].items()},
        [MapRow(**row) for row in given["map"]],
    )
    return {
        "rows": [{**asdict(row), "marks": list(row.marks)} for row in found.rows],
        "views": found.views,
    }


def work_out_support(given):
    found = support(given["statements"], given["answers"])
    return {
        "counts": found.counts,
        "lowest": {
            facet: {"answer": lowest.answer, "partners": list(lowest.partners)}
            for facet, lowest in found.lowest.items()
        },
    }


WORK_OUT = {
    "assessment": work_out_assessment,
    "momentum": work_out_momentum,
    "change": work_out_change,
    "support": work_out_support,
}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case):
    work_out, expected = WORK_OUT[case["kind"]], case["expected"]
    if "error" in expected:
        with pytest.raises(ValueError, match=rf"^{expected['error']}: "):
            work_out(case["input"])
    else:
        assert work_out(case["input"]) == expected, case["why"]


def test_every_case_has_its_own_name():
    assert len({case["id"] for case in CASES}) == len(CASES)
