"""The API as one object, and its addresses."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from assessments.api import areas, assessments, check_ins, levels
from assessments.api.problems import answer_with_problems, problem
from assessments.api.tokens import Token

ALLOWED = "GET, HEAD"
ROOT = "api/v1/"
ROUTERS = (areas.router, assessments.router, levels.router, check_ins.router)
View = Callable[..., HttpResponse]

api = NinjaAPI(
    title="SEND improvement portal",
    version="1",
    description="Areas, submitted assessments, levels and check-ins, as the owner of the token may read "
    "them on the pages. It changes nothing. Levels are 1 to 4; there is no average and no rank.",
    auth=Token(),
    openapi_url=None,
    docs_url=None,
    urls_namespace="portal-api-1",
)
answer_with_problems(api)
for router in ROUTERS:
    api.add_router("", router)


def only_reads(view: View, story: View) -> View:
    """GET and HEAD; no answer is kept by anyone between. Other sites' scripts get no CORS header.

    `story` is the function that says what happens, where the library put another around it.
    """

    @csrf_exempt  # by a token alone; a cookie gives no right here
    @login_not_required
    @wraps(story)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _answer(view, request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        return response

    return wrapped


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    asked = request.method
    if asked not in {"GET", "HEAD"}:
        response = problem(405, "This API is read with GET. It changes nothing.")
        response["Allow"] = ALLOWED
        return response
    # The library knows GET alone. The server leaves the body of a HEAD out.
    request.method = "GET"
    try:
        return view(request, *args, **kwargs)
    finally:
        request.method = asked


def nothing_here(request: HttpRequest) -> HttpResponse:
    return problem(404, "There is no such address in this API. Addresses end with a slash.")


def addresses() -> list[URLPattern]:
    """Every operation by its name, and the answer to any other address below."""
    stories = {
        operation.url_name: operation.view_func
        for router in ROUTERS
        for found in router.path_operations.values()
        for operation in found.operations
    }
    operations = [
        path(f"{ROOT}{row.pattern}", only_reads(row.callback, stories[row.name]), name=row.name)
        for row in api.urls[0]
        if isinstance(row, URLPattern) and row.name in stories
    ]
    rest = only_reads(nothing_here, nothing_here)
    return [*operations, re_path(rf"^{ROOT}.*$", rest, name="api-nothing")]
