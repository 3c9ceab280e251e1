"""Where parent carers and young people sit lower than the agencies, for DfE programme staff."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from areas.models import Area
from areas.requests import SignedInRequest
from assessments.forms.distributions import DistributionsForm
from assessments.readiness import SECTOR_GAP_RULE_VERSION
from assessments.reports import sector_gaps as told
from assessments.reports import words
from assessments.reports.bars import hundred
from assessments.reports.distributions import SMALLEST_GROUP, Submitted, submitted_by
from assessments.reports.sector_gaps import Gap
from assessments.views.programme import programme_page, require_programme, versions_of_framework

TEMPLATE = "assessments/sector_gaps.html"


@require_safe
def sector_gaps(request: SignedInRequest) -> HttpResponse:
    require_programme(request)
    form = DistributionsForm(request.GET, frameworks=versions_of_framework())
    if not form.is_valid() or form.framework is None:
        return programme_page(request, TEMPLATE, form, current="sector-gaps")
    areas = Area.objects.visible_to(request.user)
    submitted = form.of_a_kind(submitted_by(areas, form.framework, form.day))
    asked = form.cleaned_data["region"]
    kept = [row for row in submitted if asked in {"", row.area.region}]
    return programme_page(
        request, TEMPLATE, form, current="sector-gaps",
        rule=SECTOR_GAP_RULE_VERSION, smallest=SMALLEST_GROUP, heads=told.HEADS,
        **_told(form, kept),
    )  # fmt: skip


def _told(form: DistributionsForm, submitted: list[Submitted]) -> dict[str, Any]:
    framework, ingredient = form.framework, form.ingredient_asked
    if framework is None or not submitted:
        return {}
    inside = {row.slug for row in ingredient.statements.all()}
    gaps = told.gaps_of([row.picture for row in submitted], framework)
    return {
        "submitted": len(submitted),
        "has_gaps": gaps is not None,
        "number": gaps.areas if gaps else 0,
        "sectors": [
            {
                "title": sector.title,
                "lowest": sector.lowest,
                "blocks": [
                    (f"{sector.title}: {name}", name, _drawn(rows))
                    for name, rows in (
                        ("The six ingredients", sector.ingredients),
                        (
                            f"Inside {words.inside(ingredient.short_title)}",
                            [row for row in sector.statements if row.slug in inside],
                        ),
                    )
                ],
            }
            for sector in (gaps.sectors if gaps else [])
        ],
    }


def _drawn(rows: list[Gap]) -> list[tuple[Gap, str]]:
    return [(row, hundred(row)) for row in rows]
