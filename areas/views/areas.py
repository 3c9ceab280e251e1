from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from areas import actions
from areas.forms import AreaSearch, PartnerForm
from areas.models import REQUIRED_SECTORS, Area, Membership, Partner, Sector, User
from areas.permissions import Permission
from areas.requests import SignedInRequest
from areas.sessions import ENDS_AT, start_clock

NavItem = dict[str, Any]


def area_nav(user: User, area: Area, current: str) -> list[NavItem]:
    """The rooms of an area that this person may enter."""
    rooms = [
        ("home", "Home", "assessments:area-home"),
        ("assessments", "Assessments", "assessments:assessment-list"),
    ]
    if user.can(Permission.PROGRESS_SEE, area):
        rooms += [
            ("evidence", "Evidence", "assessments:evidence"),
            ("partners", "Partners", "areas:partners"),
            ("people", "People", "areas:people"),
        ]
    return [
        {"label": label, "url": reverse(name, args=[area.dfe_code]), "current": key == current}
        for key, label, name in rooms
    ]


def get_area(request: SignedInRequest, dfe_code: str) -> Area:
    return get_object_or_404(Area.objects.visible_to(request.user), dfe_code=dfe_code)


@require_safe
def area_list(request: SignedInRequest) -> HttpResponse:
    search = AreaSearch(request.GET)
    areas = Area.objects.visible_to(request.user).filter(name__icontains=search.words)
    return render(request, "areas/area_list.html", {"areas": areas, "search": search})


@require_safe
def people(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    _require(request, Permission.PROGRESS_SEE, area)
    memberships = Membership.objects.filter(area=area, user__is_active=True)
    memberships = memberships.select_related("user", "partner").order_by(
        "user__name", "user_id", "pk"
    )
    context = {
        "area": area,
        "area_nav": area_nav(request.user, area, "people"),
        "memberships": memberships,
    }
    return render(request, "areas/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def partners(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    _require(request, Permission.PROGRESS_SEE, area)
    if request.method == "POST":
        return _add_partner(request, area)
    form = PartnerForm(area=area) if request.user.can(Permission.PARTNERS_CHANGE, area) else None
    return _partners_page(request, area, form)


def _add_partner(request: SignedInRequest, area: Area) -> HttpResponse:
    _require(request, Permission.PARTNERS_CHANGE, area)
    form = PartnerForm(request.POST, area=area)
    if not form.is_valid():
        return _partners_page(request, area, form, status=400)
    partner = actions.add_partner(area=area, by=request.user, **form.cleaned_data)
    messages.success(request, f"{partner.name} was added.")
    return redirect("areas:partners", area.dfe_code)


def _partners_page(
    request: SignedInRequest, area: Area, form: PartnerForm | None, status: int = 200
) -> HttpResponse:
    rows = Partner.objects.filter(area=area).open_on(timezone.localdate())
    sectors = {row.sector for row in rows}
    context = {
        "area": area,
        "area_nav": area_nav(request.user, area, "partners"),
        "form": form,
        "partners": sorted(rows, key=lambda row: (Sector.position(row.sector), row.name)),
        "missing": [sector.label for sector in REQUIRED_SECTORS if sector not in sectors],
    }
    return render(request, "areas/partners.html", context, status=status)


def _require(request: SignedInRequest, permission: Permission, area: Area) -> None:
    if not request.user.can(permission, area):
        raise PermissionDenied("Your role does not allow this.")


@require_POST
def stay_signed_in(request: SignedInRequest) -> JsonResponse:
    """Asked by the warning before a session ends."""
    start_clock(request)
    return JsonResponse({"ends_at": request.session[ENDS_AT]})
