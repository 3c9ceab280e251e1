"""From one assessment's answers to its picture."""

from collections import Counter
from collections.abc import Sequence

from assessments.agreement import (
    CANNOT_SAY,
    LEVELS,
    NOT_AGREED,
    NOT_APPLICABLE,
    Agreement,
    Answer,
    agenda,
    compare_levels,
    outside_reason_required,
    rationale_required,
)
from assessments.readiness.inputs import (
    AssessmentInput,
    IngredientSpec,
    PartnerScores,
    check_input,
)
from assessments.readiness.lift import Levelled, smallest_lift
from assessments.readiness.picture import (
    Coverage,
    EvidenceCoverage,
    IngredientPicture,
    Picture,
    Returns,
    StatementPicture,
    marks_of,
)
from assessments.readiness.rules import (
    CLAIM,
    MAY_MISS,
    Reason,
    band_of,
    confidence_of,
    evidenced_level,
    is_evidenced,
    rated_level,
)

NOT_YET_RATED = "not_yet_rated"


def assess(given: AssessmentInput, /) -> Picture:
    """Work out the picture of an assessment on one day.

    Only submitted returns count. Levels run from 1 to 4. Raises ValueError whose
    message starts with the name of the field that is wrong: answer, day, framework,
    ingredient, partner, partners, required_sectors, review_on, sector or statement.
    Source: the printed rule floor-count-1.
    """
    check_input(given)
    submitted = [partner for partner in given.partners if partner.submitted]
    statements = _statements(given, submitted)
    ingredients = {
        spec.id: _ingredient(spec, given, submitted, statements) for spec in given.framework
    }
    levels = [ingredient.level for ingredient in ingredients.values()]
    contested = sum(statement.contested for statement in statements.values())
    return Picture(
        statements=statements,
        agenda=agenda({id_: statement.agreement for id_, statement in statements.items()}),
        ingredients=ingredients,
        band=band_of(levels),
        limiting=_limiting(ingredients),
        levels={
            **{str(level): levels.count(level) for level in LEVELS},
            NOT_YET_RATED: levels.count(None),
        },
        lift=smallest_lift([_levelled(spec, statements) for spec in given.framework], levels),
        coverage=_coverage(list(statements.values())),
        evidence_coverage=_evidence_coverage(statements),
        returns=Returns(len(submitted), len(given.partners)),
        confidence=confidence_of(contested),
        contested=contested,
    )


def _statements(
    given: AssessmentInput, submitted: Sequence[PartnerScores]
) -> dict[str, StatementPicture]:
    in_date = {
        statement
        for item in given.evidence
        if is_evidenced([item.review_on], given.day)
        for statement in item.statements
    }
    disputed = {item.statement for item in given.dissent if not item.withdrawn}
    return {
        statement.id: _statement(
            compare_levels(
                {
                    partner.id: answer
                    for partner in submitted
                    if isinstance(answer := partner.scores.get(statement.id), int)
                }
            ),
            given.agreed.get(statement.id),
            has_evidence=statement.id in in_date,
            disputed=statement.id in disputed,
        )
        for ingredient in given.framework
        for statement in ingredient.statements
    }


def _statement(
    agreement: Agreement, agreed: Answer | None, *, has_evidence: bool, disputed: bool
) -> StatementPicture:
    level = agreed if isinstance(agreed, int) else None
    return StatementPicture(
        agreement=agreement,
        agreed=agreed,
        evidenced_level=None if level is None else evidenced_level(level, evidenced=has_evidence),
        has_evidence=has_evidence,
        contested=disputed or agreed == NOT_AGREED,
        not_evidenced=level is not None and level >= CLAIM and not has_evidence,
        rationale_required=rationale_required(agreement, agreed),
        outside_reason_required=outside_reason_required(agreement, agreed),
    )


def _ingredient(
    spec: IngredientSpec,
    given: AssessmentInput,
    submitted: Sequence[PartnerScores],
    statements: dict[str, StatementPicture],
) -> IngredientPicture:
    own = {statement.id: statements[statement.id] for statement in spec.statements}
    coverage = _coverage(list(own.values()))
    missing = coverage.applicable - coverage.levelled
    sectors_missing = _sectors_missing(spec, given, submitted)
    reasons = [Reason.QUORUM] if sectors_missing else []
    if not coverage.applicable:
        reasons.append(Reason.NOTHING_APPLICABLE)
    elif not coverage.levelled or missing > MAY_MISS:
        reasons.append(Reason.AGREED_LEVELS)
    levels = [s.evidenced_level for s in own.values() if s.evidenced_level is not None]
    places = {partner.id: _place(spec, partner) for partner in submitted}
    return IngredientPicture(
        level=None if reasons else rated_level(levels, missing),
        reasons=tuple(reasons),
        sectors_missing=sectors_missing,
        statements_missing=tuple(
            id_
            for id_, statement in own.items()
            if statement.evidenced_level is None and statement.agreed != NOT_APPLICABLE
        ),
        coverage=coverage,
        marks=marks_of(list(own.values())),
        places=places,
        place_agreement=compare_levels(
            {partner: place for partner, place in places.items() if place is not None}
        ),
    )


def _sectors_missing(
    spec: IngredientSpec, given: AssessmentInput, submitted: Sequence[PartnerScores]
) -> tuple[str, ...]:
    heard = {
        partner.sector
        for partner in submitted
        if any(isinstance(partner.scores.get(s.id), int) for s in spec.statements)
    }
    excused = {
        reason.sector for reason in given.quorum_reasons if reason.ingredient in (None, spec.id)
    }
    return tuple(
        sector
        for sector in given.required_sectors
        if sector not in heard | excused and any(s.is_asked_of(sector) for s in spec.statements)
    )


def _place(spec: IngredientSpec, partner: PartnerScores) -> int | None:
    answers = [partner.scores.get(s.id) for s in spec.statements if s.is_asked_of(partner.sector)]
    levels = [answer for answer in answers if isinstance(answer, int)]
    return rated_level(levels, len(answers) - len(levels) - answers.count(NOT_APPLICABLE))


def _coverage(statements: Sequence[StatementPicture]) -> Coverage:
    kinds = Counter(
        "level" if isinstance(statement.agreed, int) else statement.agreed
        for statement in statements
    )
    return Coverage(
        levelled=kinds["level"],
        applicable=len(statements) - kinds[NOT_APPLICABLE],
        not_applicable=kinds[NOT_APPLICABLE],
        cannot_say=kinds[CANNOT_SAY],
        not_agreed=kinds[NOT_AGREED],
        blank=kinds[None],
    )


def _evidence_coverage(statements: dict[str, StatementPicture]) -> EvidenceCoverage:
    claims = [s for s in statements.values() if isinstance(s.agreed, int) and s.agreed >= CLAIM]
    return EvidenceCoverage(sum(claim.has_evidence for claim in claims), len(claims))


def _limiting(ingredients: dict[str, IngredientPicture]) -> tuple[str, ...]:
    # An ingredient that is not yet rated limits before any level does.
    lowest = min(ingredient.level or 0 for ingredient in ingredients.values())
    return tuple(id_ for id_, i in ingredients.items() if (i.level or 0) == lowest)


def _levelled(spec: IngredientSpec, statements: dict[str, StatementPicture]) -> list[Levelled]:
    return [
        Levelled(statement.id, agreed, statements[statement.id].has_evidence)
        for statement in spec.statements
        if isinstance(agreed := statements[statement.id].agreed, int)
    ]
