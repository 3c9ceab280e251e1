"""What DfE sees of an area, and who there has looked."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from areas.permissions import Permission
from areas.requests import SignedInRequest
from areas.views import get_area
from assessments.models import Look
from assessments.views.shared import page, require, visible_assessments

# As many as a page holds; each is a day on which one person looked.
MOST_SHOWN = 200


@require_safe
def looks(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    require(request, Permission.AREA_SEE, area)
    found = Look.objects.filter(assessment__area=area).select_related("assessment", "by")
    return page(
        request, "assessments/looks.html", area,
        submitted=visible_assessments(request).current().filter(area=area).order_by("-submitted_at"),
        looks=found[:MOST_SHOWN],
        may_consent=request.user.can(Permission.CONSENT, area),
    )  # fmt: skip
