"""The values of one partner return, from the database."""

from __future__ import annotations

from django.utils import timezone

from assessments.models import PartnerReturn, Score
from assessments.workbook.compare import Asked
from assessments.workbook.layout import NOTHING, Contents, Identity, Line, Saved
from ingredients.models import Statement


def identity_of(partner_return: PartnerReturn) -> Identity:
    """By what an upload is known to be for this return."""
    assessment = partner_return.assessment
    framework = assessment.content
    return Identity(
        area=assessment.area.dfe_code,
        assessment=assessment.pk,
        partner_return=partner_return.pk,
        framework=f"{framework.slug} {framework.version}",
        fingerprint=framework.fingerprint,
    )


def saved_answers(partner_return: PartnerReturn) -> dict[str, Saved]:
    """Statement slug to what is saved for it, in one query."""
    slugs = {row.pk: row.slug for row in partner_return.assessment.content.all_statements}
    scores = Score.objects.filter(partner_return=partner_return).select_related("saved_by")
    return {
        slugs[row.statement_id]: Saved(
            row.answer, row.reason, row.version, row.saved_by.name, row.saved_at
        )
        for row in scores
    }


def asked_of(partner_return: PartnerReturn) -> Asked:
    """What this partner is asked, and what the framework asks of others."""
    content = partner_return.assessment.content
    asked = partner_return.assessment.statements_for(partner_return.sector)
    return Asked(
        names={row.slug: f"{row.code} {row.title}" for row in asked},
        others=frozenset(content.statement_by_slug) - {row.slug for row in asked},
    )


def contents_of(partner_return: PartnerReturn, *, address: str) -> Contents:
    """What the workbook of this return prints. `address` is where it is uploaded."""
    assessment = partner_return.assessment
    saved = saved_answers(partner_return)
    return Contents(
        identity=identity_of(partner_return),
        area=assessment.area.name,
        partner=partner_return.name,
        title=assessment.title,
        closes_on=partner_return.closes_on,
        address=address,
        is_open=partner_return.is_open,
        is_demonstration=assessment.area.is_demonstration,
        downloaded_at=timezone.now(),
        level_labels=assessment.content.level_labels,
        lines=tuple(
            _line(statement, saved.get(statement.slug, NOTHING))
            for statement in assessment.statements_for(partner_return.sector)
        ),
    )


def _line(statement: Statement, saved: Saved) -> Line:
    one, two, three, four = ("\n".join(lines) for lines in statement.level_sentences.values())
    return Line(
        code=statement.code,
        slug=statement.slug,
        ingredient=statement.ingredient.short_title,
        title=statement.title,
        text=statement.text,
        plain=statement.plain,
        levels=(one, two, three, four),
        saved=saved,
    )
