"""For the operator: is the process up; are the database and the job worker reachable?"""

from __future__ import annotations

import time

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

WORKER_KEY = "worker-seen-at"
WORKER_SILENT_AFTER = 60  # seconds


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        seen_at = cache.get(WORKER_KEY)
    except DatabaseError:
        return HttpResponse("database: not reachable\n", status=503, content_type="text/plain")
    if seen_at is None or time.time() - seen_at > WORKER_SILENT_AFTER:
        return HttpResponse("database: ok\nworker: silent\n", status=503, content_type="text/plain")
    return HttpResponse("database: ok\nworker: ok\n", content_type="text/plain")
