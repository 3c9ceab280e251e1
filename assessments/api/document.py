"""The OpenAPI document, made of the code, and the page that a person reads first."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from areas.models.tokens import VALID_FOR
from assessments.api.paging import MOST_ROWS, USUAL_ROWS
from assessments.api.problems import MEDIA_TYPE, Problem
from assessments.api.service import api
from assessments.api.tokens import MOST_PER_MINUTE
from assessments.reports.exports.json import schema_json
from send_portal.mail import link

REFUSALS = {
    "401": ("No token, or one that is wrong, expired or revoked", "WWW-Authenticate"),
    "404": ("No such thing, or your account may not see it", ""),
    "422": ("A parameter that is not known, or not as it should be", ""),
    "429": ("Too many requests with this token", "Retry-After"),
}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """OpenAPI 3.1, with every refusal and the published schema of a report in it."""
    # Through text, as the library keeps its own object and numbers of statuses are names here.
    made: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
    schemas = made["components"]["schemas"]
    schemas |= _report_schemas()
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schemas["Problem"].pop("$defs", {})
    for path in made["paths"].values():
        path["get"]["responses"] |= {
            status: _refusal(text, header)
            for status, (text, header) in REFUSALS.items()
            if status != "404" or path["get"].get("parameters", [{}])[0].get("in") == "path"
        }
    return made


def _refusal(description: str, header: str) -> dict[str, Any]:
    headers = {header: {"schema": {"type": "string"}}} if header else {}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "headers": headers, "content": content}


def _report_schemas() -> dict[str, Any]:
    """The published schema of a report, with its parts under names of this document."""
    text = schema_json().decode().replace('"#/$defs/', '"#/components/schemas/Report.')
    report = json.loads(text)
    parts = {f"Report.{name}": part for name, part in report.pop("$defs").items()}
    del report["$schema"]
    return {"Report": report, **parts}


@login_not_required
@require_safe
def api_document(request: HttpRequest) -> HttpResponse:
    return JsonResponse(document() | {"servers": [{"url": link("/").rstrip("/")}]})


@login_not_required
@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    numbers = {"most_rows": MOST_ROWS, "usual_rows": USUAL_ROWS, "per_minute": MOST_PER_MINUTE}
    example = f'curl -H "Authorization: Bearer TOKEN" {link("/api/v1/assessments/")}'
    context = {**numbers, "days": VALID_FOR.days, "example": example}
    return render(request, "assessments/api.html", context)
