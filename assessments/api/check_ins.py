from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from areas.models import User
from assessments.api.paging import Filters, Page, between, of_real_areas, page_of, refuse_unknown
from assessments.api.tokens import TokenRequest
from assessments.models import CheckIn, CheckInPriority
from assessments.models.check_ins import CheckInQuerySet
from assessments.reports.check_in import contents_of_check_in

router = Router(tags=["Check-ins"])
PRIORITIES = Prefetch(
    "priorities", CheckInPriority.objects.select_related("statement", "body"), to_attr="rows"
)
TEXTS = ("what_changed", "how_we_know", "blocker", "next_step")


class CheckInFilters(Filters):
    area: str | None = Field(None, max_length=3, description="Code of one area")
    since: date | None = Field(None, description="Held on this day or later")
    until: date | None = Field(None, description="Held on this day or earlier")


class PriorityOut(Schema):
    statement: str = Field(description="Slug of the statement in its framework version")
    level: int | None = Field(
        ge=1, le=4, description="Level claimed now; null when not yet re-confirmed"
    )
    what_changed: str
    how_we_know: str
    blocker: str
    next_step: str
    body: str = Field(description="Responsible body, or empty")
    next_on: date | None


class MomentumOut(Schema):
    word: str
    rule: str
    moved: int
    priorities: int
    done: int
    actions: int


class CheckInOut(Schema):
    id: int
    area: str = Field(description="Code of the area")
    is_demonstration: bool = Field(description="Of a made-up area")
    kind: str
    on: date
    baseline: int = Field(description="The assessment that it is compared with")
    area_agreed_on: date | None
    programme_agreed_on: date | None
    closed_on: date | None = Field(description="The day on which the last had agreed")
    cancelled_on: date | None
    momentum: MomentumOut | None = Field(description="Null until all have agreed")
    priorities: list[PriorityOut]


class CheckInPage(Page):
    results: list[CheckInOut]


def visible(user: User) -> CheckInQuerySet:
    found: CheckInQuerySet = (
        CheckIn.objects.visible_to(user)
        .select_related("area", "baseline")
        .prefetch_related(PRIORITIES)
    )
    return found


def _day(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def _priorities(row: Any) -> list[dict[str, Any]]:
    """As they were kept when all had agreed; before that as they stand."""
    if row.facts is not None:
        names = (*TEXTS, "statement", "level", "body", "next_on")
        return [{name: kept[name] for name in names} for kept in row.facts["priorities"]]
    return [
        {
            "statement": found.statement.slug,
            "level": int(found.level) if found.level else None,
            "body": found.body.name if found.body else "",
            "next_on": found.next_on,
            **{name: getattr(found, name) for name in TEXTS},
        }
        for found in row.rows
    ]


def _momentum(row: CheckIn) -> dict[str, Any] | None:
    if not row.is_closed:
        return None
    record = contents_of_check_in(row)
    found = record.momentum
    return {
        "word": found.word.value,
        "rule": record.rule,
        "moved": found.moved,
        "priorities": found.priorities,
        "done": found.done,
        "actions": found.actions,
    }


def show(row: CheckIn) -> dict[str, Any]:
    return {
        "id": row.pk,
        "area": row.area.dfe_code,
        "is_demonstration": row.area.is_demonstration,
        "kind": row.kind,
        "on": row.on,
        "baseline": row.baseline_id,
        "area_agreed_on": _day(row.area_agreed_at),
        "programme_agreed_on": _day(row.programme_agreed_at),
        "closed_on": _day(row.closed_at),
        "cancelled_on": _day(row.cancelled_at),
        "momentum": _momentum(row),
        "priorities": _priorities(row),
    }


@router.get(
    "check-ins/", response=CheckInPage, url_name="api-check-ins", summary="Check-ins, latest first"
)
def list_check_ins(request: TokenRequest, filters: Query[CheckInFilters]) -> dict[str, Any]:
    refuse_unknown(request, CheckInFilters)
    person = request.auth.user
    rows = of_real_areas(visible(person), person, filters, at="area__")
    if filters.area is not None:
        rows = rows.filter(area__dfe_code=filters.area)
    rows = between(rows, filters.since, filters.until, at="on")
    return page_of(rows.order_by("-on", "-pk"), filters, show)


@router.get(
    "check-ins/{number}/", response=CheckInOut, url_name="api-check-in", summary="One check-in"
)
def get_check_in(request: TokenRequest, number: int) -> dict[str, Any]:
    """DfE programme staff see what an area has sent them; people of the area see all of theirs."""
    refuse_unknown(request, Schema)
    return show(get_object_or_404(visible(request.auth.user), pk=number))
