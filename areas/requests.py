from __future__ import annotations

from django.http import HttpRequest

from areas.models import User


class SignedInRequest(HttpRequest):
    """A request that LoginRequiredMiddleware let through: its user is a person."""

    user: User
