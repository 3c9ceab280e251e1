from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from areas.forms.areas import AreaSearch
from areas.models import Area, User
from areas.permissions import Permission
from areas.requests import SignedInRequest
from send_portal.forms import PortalForm

NavItem = dict[str, Any]


def area_nav(user: User, area: Area, current: str) -> list[NavItem]:
    """The rooms of an area that this person may enter."""
    rooms = [
        ("home", "Home", "assessments:area-home"),
        ("assessments", "Assessments", "assessments:assessment-list"),
    ]
    if user.can(Permission.PROGRESS_SEE, area):
        rooms += [
            ("check-ins", "Check-ins", "assessments:check-ins"),
            ("actions", "Actions", "assessments:actions"),
            ("evidence", "Evidence", "assessments:evidence"),
            ("partners", "Partners", "areas:partners"),
            ("people", "People", "areas:people"),
        ]
    if user.can(Permission.HISTORY_SEE, area):
        rooms.append(("history", "History", "assessments:history"))
    return [
        {"label": label, "url": _room_url(name, area.dfe_code), "current": key == current}
        for key, label, name in rooms
    ]


# Every page of an area has the same eight. A process does not serve below two addresses.
@lru_cache(maxsize=2048)
def _room_url(name: str, dfe_code: str) -> str:
    return reverse(name, args=[dfe_code])


def get_area(request: SignedInRequest, dfe_code: str) -> Area:
    return get_object_or_404(Area.objects.visible_to(request.user), dfe_code=dfe_code)


@require_safe
def area_list(request: SignedInRequest) -> HttpResponse:
    search = AreaSearch(request.GET)
    areas = Area.objects.visible_to(request.user).filter(name__icontains=search.words)
    return render(request, "areas/area_list.html", {"areas": areas, "search": search})


def require(request: SignedInRequest, permission: Permission, area: Area) -> None:
    if not request.user.can(permission, area):
        raise PermissionDenied("Your role does not allow this.")


def page(
    request: SignedInRequest,
    template: str,
    area: Area,
    *,
    current: str,
    form: PortalForm | None = None,
    **context: Any,
) -> HttpResponse:
    """A page of an area: its navigation, and 400 when the form on it was refused."""
    status = 400 if form is not None and form.is_bound and form.errors else 200
    context |= {"area": area, "area_nav": area_nav(request.user, area, current), "form": form}
    return render(request, template, context, status=status)
