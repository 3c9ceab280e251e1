"""The base of every page of the admin site."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.db import DataError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from send_portal.models import Mail


def is_editor(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "may_edit_content", False))


class ForEditors(admin.ModelAdmin):
    """Open to content editors. Their membership decides, not Django's own permissions."""

    may_add = may_change = may_delete = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_editor(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_editor(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and is_editor(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change and is_editor(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and is_editor(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        # The suggestions of a select box are searched without a form; PostgreSQL refuses a NUL.
        return super().get_search_results(request, queryset, search_term.replace("\0", ""))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            # Django shows a refused suggestion again by its id, and fails on one that is no id.
            posted = request.POST.copy()
            for name in self.autocomplete_fields:
                if not re.fullmatch(r"[0-9]{1,18}", posted.get(name, "")):
                    posted[name] = ""
            request.POST = posted  # type: ignore[assignment]
        return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except (OverflowError, ValueError, DataError):
            # A filter in the address that the database cannot take. e=1 is how Django's list says so.
            return redirect(f"{request.path}?e=1")


class ReadOnly(ForEditors):
    may_add = may_change = may_delete = False


@admin.register(Mail)
class MailAdmin(ReadOnly):
    """What left and what did not. The text is not shown: it may hold a link that signs in."""

    list_display = ("subject", "to", "state", "attempts", "made_at", "ended_at", "fault")
    list_filter = ("state",)
    search_fields = ("to", "subject")
    fields = ("key", *list_display, "try_at", "started_at")


class ReadOnlyRows(admin.TabularInline):
    """Rows shown with what they belong to."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_editor(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
