"""The base of every page of the admin site."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


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


class ReadOnly(ForEditors):
    may_add = may_change = may_delete = False


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
