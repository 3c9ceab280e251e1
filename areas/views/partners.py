from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from areas.actions import partners as actions
from areas.forms.partners import (
    ChangePartnerForm,
    ClosePartnerForm,
    PartnerForm,
    ReplacePartnerForm,
)
from areas.models import REQUIRED_SECTORS, Area, Partner
from areas.permissions import Permission
from areas.requests import SignedInRequest, posted
from areas.views.areas import get_area, page, require
from send_portal.forms import PortalForm

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
def partners(request: SignedInRequest, dfe_code: str) -> HttpResponse:
    area = get_area(request, dfe_code)
    require(request, Permission.PROGRESS_SEE, area)
    if request.method == "POST":
        return _add_partner(request, area)
    form = PartnerForm(area=area) if request.user.can(Permission.PARTNERS_CHANGE, area) else None
    return _partners_page(request, area, form)


def _add_partner(request: SignedInRequest, area: Area) -> HttpResponse:
    require(request, Permission.PARTNERS_CHANGE, area)
    form = PartnerForm(request.POST, area=area)
    if not form.is_valid():
        return _partners_page(request, area, form)
    partner = actions.add_partner(area=area, by=request.user, **form.cleaned_data)
    messages.success(request, f"{partner.name} was added.")
    return redirect("areas:partners", area.dfe_code)


def _partners_page(request: SignedInRequest, area: Area, form: PartnerForm | None) -> HttpResponse:
    today = timezone.localdate()
    rows = Partner.objects.filter(area=area).select_related("replaced_by").with_people().in_order()
    here = [row for row in rows if row.opened_on <= today and not row.is_closed_on(today)]
    sectors = {row.sector for row in here}
    return page(
        request, "areas/partners.html", area, current="partners", form=form,
        partners=here,
        others=[row for row in rows if row not in here],
        missing=[sector.label for sector in REQUIRED_SECTORS if sector not in sectors],
        invites=request.user.can(Permission.PEOPLE_MANAGE, area),
        today=today,
    )  # fmt: skip


def _get_partner(request: SignedInRequest, dfe_code: str, pk: int) -> Partner:
    area = get_area(request, dfe_code)
    require(request, Permission.PARTNERS_CHANGE, area)
    return get_object_or_404(Partner.objects.filter(area=area).select_related("area"), pk=pk)


@require_http_methods(FORM_METHODS)
def change_partner(request: SignedInRequest, dfe_code: str, partner: int) -> HttpResponse:
    row = _get_partner(request, dfe_code, partner)
    initial = {name: getattr(row, name) for name in ("sector", "name", "opened_on", "closed_on")}
    form = ChangePartnerForm(posted(request), partner=row, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_partner(partner=row, by=request.user, **form.cleaned_data)
            messages.success(request, f"{row.name} is changed.")
            return redirect("areas:partners", dfe_code)
        except ValidationError as error:
            _tell(form, error)
    return page(
        request, "areas/change_partner.html", row.area, current="partners", form=form, partner=row
    )


@require_http_methods(FORM_METHODS)
def close_partner(request: SignedInRequest, dfe_code: str, partner: int) -> HttpResponse:
    row = _get_partner(request, dfe_code, partner)
    initial = {"closed_on": row.closed_on or timezone.localdate()}
    form = ClosePartnerForm(posted(request), partner=row, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.close_partner(partner=row, by=request.user, **form.cleaned_data)
        messages.success(request, f"{row.name} has a closing day.")
        return redirect("areas:partners", dfe_code)
    return page(
        request, "areas/close_partner.html", row.area, current="partners", form=form, partner=row
    )


@require_http_methods(FORM_METHODS)
def replace_partner(request: SignedInRequest, dfe_code: str, partner: int) -> HttpResponse:
    row = _get_partner(request, dfe_code, partner)
    today = timezone.localdate()
    others = Partner.objects.filter(area=row.area, sector=row.sector).open_on(today)
    form = ReplacePartnerForm(
        posted(request), partner=row, others=others.exclude(pk=row.pk).in_order(),
        initial={"opens_on": today},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            new = actions.replace_partner(partner=row, by=request.user, **form.cleaned_data)
            messages.success(request, f"{new.name} takes the place of {row.name}.")
            return redirect("areas:partners", dfe_code)
        except ValidationError as error:
            _tell(form, error)
    return page(
        request, "areas/replace_partner.html", row.area, current="partners", form=form, partner=row
    )


def _tell(form: PortalForm, error: ValidationError) -> None:
    """What only the database knew, such as a name that somebody took a moment ago."""
    for message in error.messages:
        form.add_error("name", message)
