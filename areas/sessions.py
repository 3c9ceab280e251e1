"""Signed out while writing: nothing typed is lost, and nobody else gets to see it.

A form that is sent after its session ended is kept for an hour in the visitor's new session
and offered again once the same person has signed in. A cookie that lives as long as the
browser says who that was; without it nothing is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

if TYPE_CHECKING:
    from django.http import QueryDict

WHO, KEPT, ENDS_AT = "portal_who", "kept", "ends_at"
KEPT_FOR = 60 * 60  # seconds
LARGEST = 64_000  # characters; the longest form of the portal has a tenth of it
NOT_KEPT = ("csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2", "code")


def start_clock(request: HttpRequest) -> None:
    """A session ends a fixed time after signing in, or after saying that one is still there."""
    request.session[ENDS_AT] = int(time.time()) + settings.SESSION_COOKIE_AGE


class LoginRequired(LoginRequiredMiddleware):
    """As Django's, but a form that was sent too late is kept until its writer is back."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        if request.headers.get("X-Autosave") == "1":
            return HttpResponse(status=403)  # the script on the page keeps what was typed
        if request.method == "POST":
            _keep(request)
        return super().handle_no_permission(request, view_func)


def _keep(request: HttpRequest) -> None:
    who, fields = _who(request), _fields(request.POST)
    if who is not None and sum(len(name) + len(value) for name, value in fields) <= LARGEST:
        request.session[KEPT] = {"who": who, "path": request.path, "fields": fields}
        request.session.set_expiry(KEPT_FOR)


def _fields(data: QueryDict) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in data.lists()
        if name not in NOT_KEPT
        for value in values
        if isinstance(value, str)
    ]


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Ends sessions on time, remembers who sat here, and gives back what was kept."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.session.get(ENDS_AT, 2**40) < time.time():
            logout(request)
        if not request.user.is_authenticated:
            return get_response(request)
        kept = request.session.get(KEPT)
        response = _give_back(request, kept) if kept else None
        return _remember(request, response or get_response(request))

    return handle


def _give_back(request: HttpRequest, kept: dict[str, Any]) -> HttpResponse | None:
    """The page that offers it again; None where the request goes on to its own page."""
    if kept["who"] != request.user.pk:
        del request.session[KEPT]
    elif request.path == kept["path"] and request.method == "POST":
        del request.session[KEPT]
        if "leave" in request.POST:
            return redirect("home")
    elif request.path == kept["path"] and request.method == "GET":
        return render(request, "account/kept.html", {**kept, "texts": _texts(kept["fields"])})
    return None


def _texts(fields: list[list[str]]) -> list[str]:
    """What a person wrote, without what a form carries along."""
    return [
        value
        for name, value in fields
        if name not in {"then", "version", "answer"} and value and not value.isdecimal()
    ]


def _remember(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """In a cookie of its own, as the session's is gone when it is needed."""
    if _who(request) != request.user.pk:
        value = signing.dumps(request.user.pk, salt=WHO)
        response.set_cookie(
            WHO, value, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response


def _who(request: HttpRequest) -> int | None:
    try:
        who: int = signing.loads(request.COOKIES.get(WHO, ""), salt=WHO)
    except signing.BadSignature:
        return None
    return who


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is of another session, such as after signing in again in another tab."""
    texts = _texts([list(pair) for pair in _fields(request.POST)])
    return render(request, "403_csrf.html", {"texts": texts}, status=403)
