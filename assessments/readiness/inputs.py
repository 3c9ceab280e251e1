"""What an assessment is worked out from, and what is refused.

Every refusal is a ValueError whose message starts with the name of the field.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from assessments.agreement import AGREED_WORDS, PARTNER_WORDS, Answer, check_answer
from assessments.readiness.rules import FAMILY_SECTORS, INGREDIENTS, SECTORS, check_day


@dataclass(frozen=True, slots=True)
class StatementSpec:
    id: str
    families_can_score: bool

    def is_asked_of(self, sector: str) -> bool:
        """Whether partners of this sector are asked the statement."""
        return self.families_can_score or sector not in FAMILY_SECTORS


@dataclass(frozen=True, slots=True)
class IngredientSpec:
    id: str
    statements: tuple[StatementSpec, ...]


@dataclass(frozen=True, slots=True)
class PartnerScores:
    """One invited partner and its return; a statement without a score is blank."""

    id: str
    sector: str
    submitted: bool
    scores: Mapping[str, Answer | None]


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One piece of evidence and the statements it is linked to."""

    id: str
    review_on: date | None
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DissentItem:
    partner: str
    statement: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class QuorumReason:
    """The lead recorded why a sector is missing: in one ingredient, or in all (None)."""

    sector: str
    ingredient: str | None


@dataclass(frozen=True, slots=True)
class AssessmentInput:
    """Everything the picture depends on; the framework is in its printed order."""

    framework: tuple[IngredientSpec, ...]
    required_sectors: tuple[str, ...]
    day: date
    partners: tuple[PartnerScores, ...]
    agreed: Mapping[str, Answer | None]
    dissent: tuple[DissentItem, ...]
    evidence: tuple[EvidenceItem, ...]
    quorum_reasons: tuple[QuorumReason, ...]


def check_input(given: AssessmentInput) -> None:
    """Raise ValueError naming the field when the input cannot be an assessment."""
    check_day(given.day, "day")
    statements = _check_framework(given.framework)
    _check_sectors(given)
    _check_partners(given.partners, statements)
    for statement, answer in given.agreed.items():
        _check_known("statement", statement, statements)
        check_answer(answer, words=AGREED_WORDS, of=statement)
    _check_dissent(given, statements)
    for item in given.evidence:
        if item.review_on is not None:
            check_day(item.review_on, "review_on")
        for statement in item.statements:
            _check_known("statement", statement, statements)


def _check_known(field: str, value: object, known: Collection[str]) -> None:
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{field}: {value!r} is not known")


def _check_once(field: str, ids: list[str]) -> None:
    if len(set(ids)) < len(ids):
        raise ValueError(f"{field}: an id occurs twice in {ids}")


def _check_framework(framework: tuple[IngredientSpec, ...]) -> dict[str, StatementSpec]:
    if len(framework) != INGREDIENTS:
        raise ValueError(
            f"framework: the band is defined for {INGREDIENTS} ingredients, not {len(framework)}"
        )
    _check_once("framework", [ingredient.id for ingredient in framework])
    for ingredient in framework:
        if not ingredient.statements:
            raise ValueError(f"framework: {ingredient.id} has no statements")
    statements = [statement for ingredient in framework for statement in ingredient.statements]
    _check_once("framework", [statement.id for statement in statements])
    return {statement.id: statement for statement in statements}


def _check_sectors(given: AssessmentInput) -> None:
    ingredients = {ingredient.id for ingredient in given.framework}
    _check_once("required_sectors", list(given.required_sectors))
    for sector in given.required_sectors:
        _check_known("sector", sector, SECTORS)
    for reason in given.quorum_reasons:
        _check_known("sector", reason.sector, SECTORS)
        if reason.ingredient is not None:
            _check_known("ingredient", reason.ingredient, ingredients)


def _check_partners(
    partners: tuple[PartnerScores, ...], statements: Mapping[str, StatementSpec]
) -> None:
    _check_once("partners", [partner.id for partner in partners])
    for partner in partners:
        _check_known("sector", partner.sector, SECTORS)
        for statement, answer in partner.scores.items():
            _check_known("statement", statement, statements)
            check_answer(answer, words=PARTNER_WORDS, of=partner.id)
            if answer is not None and not statements[statement].is_asked_of(partner.sector):
                raise ValueError(f"statement: {statement!r} is not asked of {partner.id}")


def _check_dissent(given: AssessmentInput, statements: Mapping[str, StatementSpec]) -> None:
    partners = {partner.id for partner in given.partners}
    for item in given.dissent:
        _check_known("partner", item.partner, partners)
        _check_known("statement", item.statement, statements)
