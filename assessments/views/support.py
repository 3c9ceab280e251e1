"""Asking for a package of the support menu, and taking that back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from areas.models import Area
from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from areas.views import get_area
from assessments.actions import support
from assessments.actions.errors import NotNowError
from assessments.forms.support import AskSupportForm
from assessments.models import Assessment, SupportRequest
from assessments.views.shared import page, require
from ingredients.models import SupportPackage

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
def ask_support(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask for a package of the public menu, for an area whose plan this person keeps."""
    package = get_object_or_404(SupportPackage, slug=slug)
    areas = list(Area.objects.filter(pk__in=request.user.area_ids_with(Permission.PLAN_MANAGE)))
    if not areas:
        raise PermissionDenied("The SEND lead of an area asks for support.")
    form = AskSupportForm(posted(request), areas=areas)
    if form.is_bound and form.is_valid() and _asked(request, package, form):
        area = form.values["area"]
        messages.success(request, f"{area.name} asks for ‘{package.title}’.")
        return redirect("assessments:actions", area.dfe_code)
    context = {"form": form, "item": package}
    status = 400 if form.errors else 200
    return render(request, "assessments/ask_support.html", context, status=status)


def _asked(request: SignedInRequest, package: SupportPackage, form: AskSupportForm) -> bool:
    """Whether it worked; if not, the form says why."""
    area = form.values["area"]
    picture = Assessment.objects.latest_submitted(area)
    try:
        support.ask_support(package=package, assessment=picture, by=request.user, **form.values)
    except NotNowError as error:
        form.add_error("why", str(error))
        return False
    return True


@require_http_methods(FORM_METHODS)
def withdraw_support(request: SignedInRequest, dfe_code: str, support_request: int) -> HttpResponse:
    area = get_area(request, dfe_code)
    require(request, Permission.PLAN_MANAGE, area)
    rows = SupportRequest.objects.visible_to(request.user).standing().filter(area=area)
    found = get_object_or_404(rows.select_related("area", "package"), pk=support_request)
    if request.method == "POST":
        support.withdraw_support(support_request=found, by=request.user)
        messages.success(request, f"{area.name} no longer asks for ‘{found.package.title}’.")
        return redirect("assessments:actions", area.dfe_code)
    return page(request, "assessments/withdraw_support.html", area, current="actions", found=found)
