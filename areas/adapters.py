from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter

if TYPE_CHECKING:
    from django.http import HttpRequest


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """An account is made for a person by an invitation, never by signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
