from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from areas.models import Area
from assessments.api.paging import Filters, Page, of_real_areas, page_of, refuse_unknown
from assessments.api.tokens import TokenRequest

router = Router(tags=["Areas"])


class AreaFilters(Filters):
    pass


class AreaOut(Schema):
    code: str = Field(description="Code of the area, as DfE gives it")
    gss_code: str = Field(description="Code of the Office for National Statistics, or empty")
    name: str
    region: str
    is_demonstration: bool = Field(description="Made up, not a real place")


class AreaPage(Page):
    results: list[AreaOut]


def show(area: Area) -> dict[str, Any]:
    return {
        "code": area.dfe_code,
        "gss_code": area.gss_code,
        "name": area.name,
        "region": area.region,
        "is_demonstration": area.is_demonstration,
    }


@router.get("areas/", response=AreaPage, url_name="api-areas", summary="Areas you may see")
def list_areas(request: TokenRequest, filters: Query[AreaFilters]) -> dict[str, Any]:
    refuse_unknown(request, AreaFilters)
    person = request.auth.user
    rows = of_real_areas(Area.objects.visible_to(person), person, filters)
    return page_of(rows.order_by("dfe_code"), filters, show)


@router.get("areas/{code}/", response=AreaOut, url_name="api-area", summary="One area")
def get_area(request: TokenRequest, code: str) -> dict[str, Any]:
    refuse_unknown(request, Schema)
    return show(get_object_or_404(Area.objects.visible_to(request.auth.user), dfe_code=code))
