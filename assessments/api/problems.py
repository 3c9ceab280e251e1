"""What is answered when something cannot be: problem details as in RFC 9457."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, Throttled, ValidationError

logger = logging.getLogger("django.request")
MEDIA_TYPE = "application/problem+json"
REALM = 'Bearer realm="SEND improvement portal"'


class WrongParameter(Schema):
    name: str
    message: str


class Problem(Schema):
    """Problem details (RFC 9457). `errors` names each parameter that was refused."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[WrongParameter] = []


def problem(status: int, detail: str, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    title = HTTPStatus(status).phrase
    found: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    found |= {"detail": detail, "errors": errors or []}
    return JsonResponse(found, status=status, content_type=MEDIA_TYPE)


def wrong_parameters(errors: list[dict[str, str]]) -> HttpResponse:
    names = ", ".join(row["name"] for row in errors)
    return problem(422, f"These parameters cannot be used as given: {names}.", errors)


def answer_with_problems(api: NinjaAPI) -> None:
    """Everything that goes wrong in this API is answered here."""
    api.add_exception_handler(AuthenticationError, _not_signed_in)
    api.add_exception_handler(Throttled, _too_many)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(Exception, _failed)


def _not_signed_in(request: HttpRequest, error: Any) -> HttpResponse:
    given = "Authorization" in request.headers
    detail = (
        "This token is wrong, expired or revoked, or the account is closed."
        if given
        else "Send your token in the header Authorization: Bearer TOKEN."
    )
    response = problem(401, detail)
    response["WWW-Authenticate"] = f'{REALM}, error="invalid_token"' if given else REALM
    return response


def _too_many(request: HttpRequest, error: Any) -> HttpResponse:
    detail = f"Too many requests with this token. Try again in {error.wait} seconds."
    response = problem(429, detail)
    response["Retry-After"] = str(error.wait)
    return response


def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(404, "There is no such thing here, or your account may not see it.")


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    return wrong_parameters(
        [{"name": str(row["loc"][-1]), "message": row["msg"]} for row in error.errors]
    )


def _failed(request: HttpRequest, error: Any) -> HttpResponse:
    logger.error("API request failed: %s", request.path, exc_info=error)
    return problem(500, "Something went wrong on our side. Try again later.")
