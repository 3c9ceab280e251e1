from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context

from areas.sessions import start_clock
from send_portal import mail

if TYPE_CHECKING:
    from django.http import HttpRequest


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """An account is made for a person by an invitation, never by signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the outbox, like every mail: a slow mail server must not hold up sign-in."""
        known = {"request": allauth_context.request, "email": email} | context
        message = self.render_mail(template_prefix, email, known)
        mail.post_text(email, message.subject, str(message.body), key=f"account:{uuid4()}")

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        start_clock(request)
