from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# A browser shows our answer only when it could send all it had; far more than that is cut off.
MOST_READ_ON = 200 * 1024 * 1024
PIECE = 1 << 16


def refuse_too_large(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """A request that says it is too large is refused before anything in it is kept, in memory or
    on disk. A server takes no more of a request than the length that it gives."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) <= settings.MOST_REQUEST_BYTES:
            return get_response(request)
        if int(length) <= MOST_READ_ON:
            while request.read(PIECE):
                pass
        response = render(None, "413.html", status=413)
        response["Connection"] = "close"
        return response

    return middleware


def no_store(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Pages for a person are not kept by a browser: laptops in meeting rooms are shared."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            response["Cache-Control"] = "no-store, private"
        return response

    return middleware
