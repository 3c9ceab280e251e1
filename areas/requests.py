from __future__ import annotations

from django.http import HttpRequest, QueryDict

from areas.models import User


class SignedInRequest(HttpRequest):
    """A request that LoginRequiredMiddleware let through: its user is a person."""

    user: User


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, also when that is nothing; None when it was only asked for."""
    return request.POST if request.method == "POST" else None
