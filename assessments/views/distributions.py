"""How many areas are at which level: for DfE programme staff all of it, for an area its own level
beside groups of others that are large enough."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from areas.models import Area
from areas.permissions import Permission
from areas.requests import SignedInRequest
from areas.views import get_area
from assessments.forms.distributions import DistributionsForm
from assessments.models import SubmittedPicture
from assessments.reports import distributions as counted
from assessments.reports import words
from assessments.reports.bars import hundred
from assessments.reports.comparison import read_levels
from assessments.reports.distributions import Counts, Submitted
from assessments.views.programme import programme_page, require_programme, versions_of_framework
from assessments.views.shared import page, require
from ingredients.models import Framework, framework_with_content

TEMPLATE = "assessments/distributions.html"


@require_safe
def distributions(request: SignedInRequest) -> HttpResponse:
    require_programme(request)
    form = DistributionsForm(request.GET, frameworks=versions_of_framework())
    if not form.is_valid() or form.framework is None:
        return programme_page(request, TEMPLATE, form, current="distributions")
    areas = Area.objects.visible_to(request.user)
    submitted = form.of_a_kind(counted.submitted_by(areas, form.framework, form.day))
    return programme_page(
        request, TEMPLATE, form, current="distributions", **_counted(form, submitted)
    )


@require_safe
def compare(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    """An area's own levels beside distributions of others. Never another area's row."""
    area = get_area(request, dfe_code)
    require(request, Permission.AREA_SEE, area)
    own = SubmittedPicture.objects.as_at(timezone.localdate()).filter(area=area).newest_first()
    last = own.first()
    current = Framework.objects.current()
    pk = last.framework_id if last else current and current.pk
    groups = _groups(area, framework_with_content(pk), last) if pk else []
    return page(
        request, "assessments/compare.html", area,
        current="home", last=last, groups=groups, smallest=counted.SMALLEST_GROUP,
    )  # fmt: skip


def _counted(form: DistributionsForm, submitted: list[Submitted]) -> dict[str, Any]:
    framework, ingredient = form.framework, form.ingredient_asked
    asked = form.cleaned_data["region"]
    chosen = [row for row in submitted if asked in {"", row.area.region}]
    pictures = [row.picture for row in chosen]
    if framework is None or not pictures:
        return {"number": 0}
    statements = counted.of_statements(pictures, framework)
    inside = {row.slug for row in ingredient.statements.all()}
    return {
        "number": len(chosen),
        "ingredient": ingredient,
        "heads": [f"Level {level}" for level in framework.levels],
        "blocks": [
            ("The six ingredients", _drawn(counted.of_ingredients(pictures, framework))),
            (f"Inside {words.inside(ingredient.short_title)}", _drawn(
                [row for row in statements if row.slug in inside]
            )),
        ],
        "regions": [] if asked else _drawn(counted.by_region(submitted, ingredient)),
        "hardest": counted.hardest(statements),
        "contested": counted.most_contested(statements),
    }  # fmt: skip


def _drawn(rows: list[Counts]) -> list[tuple[Counts, str]]:
    return [(row, hundred(row)) for row in rows]


def _groups(
    area: Area, framework: Framework, last: SubmittedPicture | None
) -> list[dict[str, Any]]:
    """Each group with its bars, and beside each ingredient the area's own level."""
    # Everyone's newest pictures are read to count them; only counts of large groups leave here.
    everyone = counted.submitted_by(Area.objects.all(), framework, timezone.localdate())
    own = read_levels([last.pk]).get(last.pk, {}) if last else {}
    levels = [own[row.pk][0] if own else None for row in framework.all_ingredients]
    return [
        {
            "title": group.title,
            "number": group.number,
            "rows": [
                (row, hundred(row), level)
                for row, level in zip(group.counts or [], levels, strict=False)
            ],
        }
        for group in counted.groups_for(area, everyone, framework)
    ]
