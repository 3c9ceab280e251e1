"""The admin site for editors: areas, partners, people. Nobody reads scores here."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import allauth.account.admin  # noqa: F401 -- registers what is taken out below
import django.contrib.auth.admin  # noqa: F401 -- likewise
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from areas.actions import record
from areas.actions.people import end_membership
from areas.models import Area, AreaCode, Audience, AuditEvent, Membership, Partner, User
from areas.permissions import EVERYWHERE, Role
from send_portal.admin import ForEditors, ReadOnly, ReadOnlyRows

# Rights come from memberships, and an account has the one address that it signs in with.
admin.site.unregister([Group, EmailAddress])


class AreaCodes(ReadOnlyRows):
    model = AreaCode
    fields = ("gss_code", "dfe_code", "name", "valid_from", "valid_to")


def said(form: forms.ModelForm, name: str, value: Any) -> str:
    """A value of a form as a sentence says it."""
    kept: Any = form.fields[name]
    if hasattr(kept, "queryset"):
        value = value if hasattr(value, "pk") else kept.queryset.filter(pk=value).first()
    elif hasattr(kept, "choices"):
        value = dict(kept.choices).get(value, value)
    if isinstance(value, date):
        return date_format(value, "j F Y")
    return f"‘{value}’" if value not in (None, "") else "nothing"


ACTS = {"add": "added", "change": "changed", "remove": "removed"}


class Recorded(ForEditors):
    """Who may enter an area is part of its history: every change is written to the log."""

    noun = ""

    def area_of(self, obj: Any) -> Area | None:
        return None

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        moves = self.moves(form) if change else ""
        self._record(request, obj, "change" if change else "add", moves, fields=form.changed_data)

    def moves(self, form: forms.ModelForm) -> str:
        """What changed, from and to: `name from ‘Before’ to ‘After’`."""
        return ", ".join(
            f"{(form.fields[name].label or name).lower()} from {said(form, name, form.initial.get(name))} "
            f"to {said(form, name, form.cleaned_data[name])}"
            for name in form.changed_data
        )

    def described(self, obj: Any) -> str:
        return str(obj)

    def partner_of(self, obj: Any) -> int | None:
        return None

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._record(request, obj, "remove")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def _record(
        self, request: HttpRequest, obj: Any, act: str, moves: str = "", **details: Any
    ) -> None:
        record(
            f"{self.opts.model_name}.{act}",
            f"{ACTS[act]} the {self.noun} {self.described(obj)}{f': {moves}' if moves else ''}",
            by=cast(User, request.user),
            area=self.area_of(obj),
            partner_id=self.partner_of(obj),
            details=details,
            audience=Audience.AREA,
        )


@admin.register(Area)
class AreaAdmin(Recorded):
    noun = "area"
    may_delete = False
    fields = ["name", "dfe_code", "gss_code", "region", "is_demonstration"]
    list_display = ["name", "dfe_code", "gss_code", "region", "is_demonstration"]
    list_filter = ["region", "is_demonstration"]
    search_fields = ["name", "dfe_code", "gss_code"]
    inlines = [AreaCodes]

    def area_of(self, obj: Area) -> Area:
        return obj


@admin.register(Partner)
class PartnerAdmin(Recorded):
    """Closed when it merges or ends, never deleted: reports name it."""

    noun = "partner"
    may_delete = False
    fields = ["area", "sector", "name", "opened_on", "closed_on"]
    list_display = ["name", "area", "sector", "opened_on", "closed_on"]
    list_filter = ["sector"]
    list_select_related = ["area"]
    search_fields = ["name", "area__name"]
    autocomplete_fields = ["area"]

    def area_of(self, obj: Partner) -> Area:
        return obj.area

    def partner_of(self, obj: Partner) -> int:
        return obj.pk

    def get_readonly_fields(self, request: HttpRequest, obj: Partner | None = None) -> list[str]:
        # Scores are kept by partner: a partner that moved would take them to another area.
        return ["area", "sector"] if obj else []


class UserForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["email", "name", "job_title", "is_active", "is_staff"]

    def clean_email(self) -> str:
        # Sign-in looks for the address in small letters.
        email: str = self.cleaned_data["email"]
        return email.lower()


@admin.register(User)
class UserAdmin(Recorded):
    """People sign in with a code by e-mail or set their own password: nobody else sees or sets it."""

    noun = "account of"
    form = UserForm
    may_delete = False
    list_display = ["name", "email", "job_title", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "memberships__role"]
    search_fields = ["name", "email"]
    fields = ["email", "name", "job_title", "is_active", "is_staff", "last_login", "date_joined"]
    readonly_fields = ["last_login", "date_joined"]

    def moves(self, form: forms.ModelForm) -> str:
        """Without values: an address is not for the log."""
        return ", ".join(str(form.fields[name].label).lower() for name in form.changed_data)

    def save_model(
        self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool
    ) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            # The old address must not sign in any more.
            EmailAddress.objects.filter(user=obj).exclude(email__iexact=obj.email).delete()


class MembershipForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ["user", "role", "area", "partner"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        role, area, partner = data.get("role"), data.get("area"), data.get("partner")
        if not role:
            return data
        if role in EVERYWHERE and (area or partner):
            self.add_error("area", "This role holds everywhere: leave area and partner empty.")
        elif role not in EVERYWHERE and not area:
            self.add_error("area", "This role needs an area.")
        elif role in {Role.CONTRIBUTOR, Role.BOARD} and not partner:
            self.add_error("partner", "This role needs a partner.")
        elif partner and area and partner.area_id != area.pk:
            self.add_error("partner", "This partner belongs to another area.")
        return data


@admin.register(Membership)
class MembershipAdmin(Recorded):
    noun = "membership of"
    form = MembershipForm
    list_display = ["user", "role", "area", "partner", "joined_at"]
    list_filter = ["role"]
    list_select_related = ["user", "area", "partner"]
    search_fields = ["user__name", "user__email", "area__name", "partner__name"]
    autocomplete_fields = ["user", "area", "partner"]

    def area_of(self, obj: Membership) -> Area | None:
        return obj.area

    def partner_of(self, obj: Membership) -> int | None:
        return obj.partner_id

    def described(self, obj: Membership) -> str:
        return obj.described

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        if change and form.has_changed():
            # Who had which role when is kept, so a change ends one membership and begins another.
            end_membership(Membership.objects.get(pk=obj.pk), by=cast(User, request.user))
            obj.joined_at = timezone.now()
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        self._record(request, obj, "remove")
        end_membership(obj, by=cast(User, request.user))


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ["at", "sentence", "area_code"]
    list_filter = ["verb"]
    search_fields = ["sentence"]
    date_hierarchy = "at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        # Editors take part in no area: what is told to some of its people is not told here.
        return super().get_queryset(request).filter(audience=Audience.AREA)
