"""The evidence library of an area: the list, one item, adding without a statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from areas.models import Area, Partner, User
from areas.permissions import Permission
from areas.requests import SignedInRequest
from areas.views import get_area
from assessments.actions import evidence as actions
from assessments.actions.files import FileStoreError
from assessments.forms.evidence import SOON, EvidenceFilter, EvidenceForm
from assessments.models import Assessment, Evidence, EvidenceLink
from assessments.views.shared import page, require
from ingredients.models import Statement

FORM_METHODS = ["GET", "HEAD", "POST"]
ON_A_PAGE = 25


@require_safe
def evidence(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    """The area's library. Where an item is used is told as far as this person may know it."""
    area = get_area(request, dfe_code)
    require(request, Permission.PROGRESS_SEE, area)
    today = timezone.localdate()
    filters = EvidenceFilter(request.GET, owners=list(Partner.objects.filter(area=area)))
    rows = filters.narrow_on(Evidence.objects.filter(area=area), today)
    shown = Paginator(rows.select_related("area", "owner"), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    uses = uses_of(request.user, shown)
    return page(
        request, "assessments/evidence.html", area, current="evidence", filters=filters,
        total=shown.paginator.count, may_add=request.user.can(Permission.EVIDENCE_CHANGE, area),
        items=[(item, item.is_in_date(today), uses.get(item.pk, [])) for item in shown],
        soon=today + SOON, attention={} if filters.chosen else _attention(area, today),
        **_neighbours(request, shown),
    )  # fmt: skip


def _attention(area: Area, today: date) -> dict[str, int]:
    """How many items are out of date, and how many will be soon."""
    rows = Evidence.objects.filter(area=area).offered()
    return rows.aggregate(
        lapsed=Count("pk", filter=Q(review_on__lte=today)),
        soon=Count("pk", filter=Q(review_on__gt=today, review_on__lte=today + SOON)),
    )


def _neighbours(request: SignedInRequest, shown: Page) -> dict[str, Any]:
    def to(number: int) -> dict[str, str]:
        asked = request.GET.copy()
        asked["page"] = str(number)
        return {
            "url": f"?{asked.urlencode()}",
            "label": f"{number} of {shown.paginator.num_pages}",
        }

    return {
        "previous": to(shown.previous_page_number()) if shown.has_previous() else None,
        "next": to(shown.next_page_number()) if shown.has_next() else None,
    }


@dataclass
class Use:
    """One assessment in which an item is used, with the statements it lies beside."""

    assessment: Assessment
    links: list[EvidenceLink] = field(default_factory=list)

    @property
    def statements(self) -> list[Statement]:
        """Each once, in framework order."""
        beside = {link.statement_id for link in self.links}
        return [row for row in self.assessment.content.all_statements if row.pk in beside]

    @property
    def lines(self) -> list[tuple[Statement, str, str]]:
        """Each statement with who laid the item there and where to read on."""
        names: dict[int, set[str]] = {}
        addresses: dict[int, str] = {}
        for link in self.links:
            row = link.partner_return
            names.setdefault(link.statement_id, set()).add(row.name if row else "the meeting")
            addresses[link.statement_id] = _address(link)
        return [
            (row, ", ".join(sorted(names[row.pk])), addresses[row.pk].format(slug=row.slug))
            for row in self.statements
        ]


def _address(link: EvidenceLink) -> str:
    """The page of the statement at the stage of its assessment."""
    assessment = link.assessment
    if assessment.stage == Assessment.Stage.MODERATION:
        agenda = reverse("assessments:moderation", args=[assessment.pk])
        return f"{agenda}{{slug}}/"
    if assessment.is_revealed:
        annex = reverse("assessments:report-statements", args=[assessment.pk])
        return f"{annex}#{{slug}}"
    own = reverse("assessments:return", args=[assessment.pk, link.partner_return_id])
    return f"{own}{{slug}}/"


def uses_of(user: User, items: Iterable[Evidence]) -> dict[int, list[Use]]:
    """Item id to where it is used, the newest assessment first, as far as this person may know."""
    links = (
        EvidenceLink.objects.visible_to(user)
        .filter(evidence__in=[item.pk for item in items])
        .select_related("assessment", "partner_return")
        .order_by("-assessment__started_at", "-assessment_id", "pk")
    )
    found: dict[int, dict[int, Use]] = {}
    for link in links:
        uses = found.setdefault(link.evidence_id, {})
        uses.setdefault(link.assessment_id, Use(link.assessment)).links.append(link)
    return {pk: list(uses.values()) for pk, uses in found.items()}


def get_item(request: SignedInRequest, dfe_code: str, item: int) -> Evidence:
    """An item of an area in which this person takes part."""
    area = get_area(request, dfe_code)
    require(request, Permission.PROGRESS_SEE, area)
    rows = Evidence.objects.visible_to(request.user).filter(area=area)
    return get_object_or_404(
        rows.select_related("area", "owner", "added_by", "saved_by", "retired_by"), pk=item
    )


def may_change(user: User, item: Evidence) -> bool:
    """The owner's people, and the area's lead."""
    return item.owner_id in user.partner_ids(Permission.EVIDENCE_CHANGE) or user.can(
        Permission.ASSESSMENT_MANAGE, item.area
    )


@require_safe
def evidence_item(request: SignedInRequest, dfe_code: str, item: int) -> HttpResponse:
    found = get_item(request, dfe_code, item)
    return page(
        request,
        "assessments/evidence_item.html",
        found.area,
        current="evidence",
        item=found,
        in_date=found.is_in_date(timezone.localdate()),
        uses=uses_of(request.user, [found]).get(found.pk, []),
        may_change=may_change(request.user, found),
    )


@require_http_methods(FORM_METHODS)
def add_to_library(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    """Add an item that is beside no statement yet."""
    area = get_area(request, dfe_code)
    require(request, Permission.EVIDENCE_CHANGE, area)
    form = new_form(request, area, is_sent=request.method == "POST")
    if request.method == "POST" and form.is_valid():
        item = added(form, by=request.user)
        if item is not None:
            messages.success(request, f"‘{item.title}’ is in the library.")
            return redirect(item)
    return page(request, "assessments/add_to_library.html", area, current="evidence", form=form)


def new_form(request: SignedInRequest, area: Area, *, is_sent: bool) -> EvidenceForm:
    owners = owners_for(request.user, area)
    if is_sent:
        return EvidenceForm(request.POST, request.FILES, owners=owners)
    return EvidenceForm(owners=owners)


def owners_for(user: User, area: Area, also: Partner | None = None) -> list[Partner]:
    """Own partners; a lead who belongs to none chooses among all partners of the area.

    also: the owner of an item, which may have closed since.
    """
    partners = list(Partner.objects.filter(area=area).open_on(timezone.localdate()))
    mine = user.partner_ids(Permission.EVIDENCE_CHANGE)
    found = [row for row in partners if row.pk in mine]
    if not found or (also is not None and user.can(Permission.ASSESSMENT_MANAGE, area)):
        found = partners
    return found if also is None or also in found else [also, *found]


def added(form: EvidenceForm, *, by: User, beside: actions.Place | None = None) -> Evidence | None:
    """The item made from a valid form; None, with an error beside the file, when the store failed."""
    try:
        return actions.add_evidence(beside=beside, by=by, **form.values)
    except FileStoreError as error:
        form.add_error("file", str(error))
        return None
