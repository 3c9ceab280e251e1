"""When a request cannot be answered: is the fault in the code, or is the database away or full?"""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

TRY_AGAIN_AFTER = 30  # seconds


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for what nobody foresaw. A database that is away is told apart: it comes back, so
    people, scripts and the host's own checks may try again.

    Django calls it while it handles the fault. The page has no request, as who is signed in would
    have to be asked of the database.
    """
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return render(None, "500.html", status=500)
    response = render(None, "503.html", status=503)
    response["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response
