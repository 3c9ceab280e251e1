"""A file of the library, handed out by this view alone."""

from __future__ import annotations

import logging

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from areas.requests import SignedInRequest
from assessments.actions.files import store
from assessments.models import Evidence
from assessments.views.evidence import get_item
from assessments.views.shared import page
from send_portal.uploads import FileType

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}

logger = logging.getLogger(__name__)


@require_safe
def evidence_file(request: SignedInRequest, dfe_code: str, item: int) -> HttpResponseBase:
    """To save, never to show: whatever a file holds, it does not run with the rights of our pages."""
    found = get_item(request, dfe_code, item)
    if not found.is_file:
        raise Http404("This item is a link.")
    try:
        file = store().open(found.stored_as)
    except Exception as error:
        # Every store fails in ways of its own; what a person needs to know is the same.
        logger.exception("The file of evidence %d could not be read", found.pk)
        return _not_there(request, found, is_missing=isinstance(error, FileNotFoundError))
    # Most of these formats are packed already, and a browser wants to know the length.
    request.META.pop("HTTP_ACCEPT_ENCODING", None)
    return FileResponse(
        file,
        as_attachment=True,
        filename=found.file_name,
        content_type=FileType(found.file_type).content_type,
        headers=HEADERS | {"Content-Length": str(found.file_size)},
    )


def _not_there(request: SignedInRequest, item: Evidence, *, is_missing: bool) -> HttpResponse:
    return page(
        request,
        "assessments/evidence_missing.html",
        item.area,
        current="evidence",
        item=item,
        is_missing=is_missing,
        status=404 if is_missing else 503,
    )
