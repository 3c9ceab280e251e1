"""Lists come in pieces, and a parameter that we do not know is refused, not passed over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import Field, Schema
from ninja.errors import ValidationError

from areas.models import User
from areas.permissions import Permission

MOST_ROWS, USUAL_ROWS, FURTHEST = 100, 50, 1_000_000
Rows = TypeVar("Rows", bound=QuerySet[Any])


class Paging(Schema):
    limit: int = Field(USUAL_ROWS, ge=1, le=MOST_ROWS, description="Rows in the answer")
    offset: int = Field(0, ge=0, le=FURTHEST, description="Rows to leave out first")


class Filters(Paging):
    demonstration: bool = Field(
        False,
        description="For DfE programme staff: also made-up areas. People of an area always see their own.",
    )


class Page(Schema):
    count: int = Field(description="Rows in the whole list")
    limit: int
    offset: int


def refuse_unknown(request: HttpRequest, known: type[Schema]) -> None:
    """Raises ValidationError for a parameter that the address does not take, or given twice."""
    names = known.model_fields
    wrong = [
        {"loc": ("query", name), "msg": "given twice" if name in names else "not known here"}
        for name, values in request.GET.lists()
        if name not in names or len(values) > 1
    ]
    if wrong:
        raise ValidationError(wrong)


def page_of(
    rows: QuerySet[Any], asked: Paging, show: Callable[[Any], Any], count: int | None = None
) -> dict[str, Any]:
    """One piece of a list in a fixed order; two queries, and what the rows prefetch. `count` is
    for whoever knows how many there are without counting them."""
    found = rows[asked.offset : asked.offset + asked.limit]
    return {
        "count": rows.count() if count is None else count,
        "limit": asked.limit,
        "offset": asked.offset,
        "results": [show(row) for row in found],
    }


def between(rows: Rows, since: date | None, until: date | None, *, at: str) -> Rows:
    """Those of these days, both included. `at` leads to the day."""
    if since is not None:
        rows = rows.filter(**{f"{at}__gte": since})
    return rows.filter(**{f"{at}__lte": until}) if until is not None else rows


def of_real_areas(rows: Rows, user: User, filters: Filters, *, at: str = "") -> Rows:
    """National figures hold no made-up area unless asked for; one's own area always counts."""
    if filters.demonstration or not user.can_everywhere(Permission.PROGRAMME_SEE):
        return rows
    real = Q((f"{at}is_demonstration", False))
    return rows.filter(real | Q((f"{at}pk__in", user.area_ids)))
