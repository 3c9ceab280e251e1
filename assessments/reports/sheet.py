"""The scoring sheet for paper, as a tagged PDF. Always empty: it may be left on a printer."""

from __future__ import annotations

from django.template.loader import render_to_string

from assessments.models import PartnerReturn
from send_portal.pdf import kept_pdf


def sheet_html(partner_return: PartnerReturn) -> str:
    """The whole page from which the PDF is made: every statement that this partner is asked."""
    assessment = partner_return.assessment
    groups: dict[int, dict[str, object]] = {}
    statements: list[object]
    for statement in assessment.statements_for(partner_return.sector):
        ingredient = statement.ingredient
        group = groups.setdefault(ingredient.pk, {"ingredient": ingredient, "statements": []})
        statements = group["statements"]  # type: ignore[assignment]
        statements.append(statement)
    return render_to_string(
        "reports/sheet_pdf.html",
        {
            "row": partner_return,
            "assessment": assessment,
            "groups": list(groups.values()),
            "levels": assessment.content.level_labels,
        },
    )


def sheet_pdf(partner_return: PartnerReturn) -> bytes:
    """The PDF/UA-1 file. Raises PdfError when it cannot be made."""
    return kept_pdf(sheet_html(partner_return), "sheet.css")
