"""The base of every page of the admin site."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class ForEditors(admin.ModelAdmin):
    """Open to content editors. Their membership decides, not Django's own permissions."""

    may_add = may_change = may_delete = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.may_edit_content

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.may_edit_content

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_add and request.user.may_edit_content

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change and request.user.may_edit_content

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and request.user.may_edit_content


class ReadOnly(ForEditors):
    may_add = may_change = may_delete = False
