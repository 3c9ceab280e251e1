"""Assessments for the tests of the rules: one by hand, and any number by Hypothesis."""

from dataclasses import replace
from datetime import date

from hypothesis import settings
from hypothesis import strategies as st

from assessments.agreement import CANNOT_SAY, LEVELS, NOT_AGREED, NOT_APPLICABLE
from assessments.readiness import (
    FAMILY_SECTORS,
    SECTORS,
    AssessmentInput,
    DissentItem,
    EvidenceItem,
    IngredientSpec,
    PartnerScores,
    QuorumReason,
    StatementSpec,
)

DAY = date(2026, 11, 23)
REQUIRED = ("local_authority", "health", "social_care", "parent_carers")

few = settings(max_examples=50, deadline=None, derandomize=True, database=None)
many = settings(few, max_examples=200)

levels = st.sampled_from(LEVELS)
partner_answers = st.sampled_from([*LEVELS, *LEVELS, None, CANNOT_SAY, NOT_APPLICABLE])
agreed_answers = st.sampled_from([*LEVELS * 8, None, CANNOT_SAY, NOT_APPLICABLE, NOT_AGREED])
review_dates = st.sampled_from([None, date(2026, 11, 22), DAY, date(2026, 11, 24)])


def an_assessment(*agreed, evidenced=True, **changes):
    """Six lists of agreed answers make the ingredients "1" to "6" with statements "1-1", "1-2" ...

    Four required partners gave a 2 everywhere. ``evidenced`` is True, or the ids of
    the statements that have evidence.
    """
    by_statement = {
        f"{i}-{s}": answer
        for i, answers in enumerate(agreed, 1)
        for s, answer in enumerate(answers, 1)
    }
    given = AssessmentInput(
        framework=tuple(
            IngredientSpec(
                str(i), tuple(StatementSpec(f"{i}-{s + 1}", True) for s in range(len(answers)))
            )
            for i, answers in enumerate(agreed, 1)
        ),
        required_sectors=REQUIRED,
        day=DAY,
        partners=tuple(
            PartnerScores(sector, sector, True, dict.fromkeys(by_statement, 2))
            for sector in REQUIRED
        ),
        agreed=by_statement,
        dissent=(),
        evidence=(
            EvidenceItem("e", None, tuple(by_statement) if evidenced is True else tuple(evidenced)),
        ),
        quorum_reasons=(),
    )
    return replace(given, **changes)


@st.composite
def frameworks(draw, max_statements=4):
    return tuple(
        IngredientSpec(
            str(i),
            tuple(
                StatementSpec(f"{i}-{s}", families)
                for s, families in enumerate(
                    draw(
                        st.lists(
                            st.sampled_from([True, True, False]),
                            min_size=1,
                            max_size=max_statements,
                        )
                    ),
                    1,
                )
            ),
        )
        for i in range(1, 7)
    )


@st.composite
def partners(draw, statements):
    found = []
    for number, sector in enumerate(draw(st.lists(st.sampled_from(SECTORS), max_size=5))):
        asked = [s.id for s in statements if s.families_can_score or sector not in FAMILY_SECTORS]
        scores = draw(st.lists(partner_answers, min_size=len(asked), max_size=len(asked)))
        submitted = draw(st.sampled_from([True, True, True, False]))
        found.append(
            PartnerScores(f"p{number}", sector, submitted, dict(zip(asked, scores, strict=True)))
        )
    return tuple(found)


@st.composite
def assessments(draw, *, quorum_holds=False):
    """Any valid assessment; ``quorum_holds`` excuses every sector."""
    framework = draw(frameworks())
    statements = [s for ingredient in framework for s in ingredient.statements]
    ids = [s.id for s in statements]
    invited = draw(partners(statements))
    agreed = draw(st.lists(agreed_answers, min_size=len(ids), max_size=len(ids)))
    some = st.lists(st.sampled_from(ids), unique=True).map(tuple)
    dissenters = st.sampled_from([p.id for p in invited]) if invited else st.nothing()
    reasons = st.builds(
        QuorumReason, st.sampled_from(REQUIRED), st.sampled_from([None, "1", "2", "6"])
    )
    return AssessmentInput(
        framework=framework,
        required_sectors=REQUIRED,
        day=DAY,
        partners=invited,
        agreed=dict(zip(ids, agreed, strict=True)),
        dissent=tuple(
            draw(
                st.lists(
                    st.builds(DissentItem, dissenters, st.sampled_from(ids), st.booleans()),
                    max_size=3 if invited else 0,
                )
            )
        ),
        evidence=tuple(draw(st.lists(st.builds(EvidenceItem, st.just("e"), review_dates, some)))),
        quorum_reasons=tuple(
            (QuorumReason(sector, None) for sector in REQUIRED)
            if quorum_holds
            else draw(st.lists(reasons, max_size=3))
        ),
    )
