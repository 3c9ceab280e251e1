"""Keep the job queue honest: say that the worker lives, and take up jobs whose worker died."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.core.cache import cache
from django_tasks_db.models import DBTaskResult

from send_portal.health import WORKER_KEY

# Far above the longest job: the queue has no sign of life for each job.
LOST_AFTER = timedelta(minutes=15)
MOST_ATTEMPTS = 3


def say_alive() -> None:
    """What /readyz looks for."""
    cache.set(WORKER_KEY, time.time())


def requeue_lost_jobs(now: datetime) -> tuple[int, int]:
    """Queue jobs again that have run for more than 15 minutes: their worker was killed.

    A job that was lost three times is marked as failed instead, so that one which kills its
    worker does not do so for ever. Returns how many were queued again and how many failed.
    """
    queued = failed = 0
    for job in DBTaskResult.objects.running().filter(started_at__lt=now - LOST_AFTER):
        # Only as it was read: the job may end, or another worker may take it up, meanwhile.
        same = DBTaskResult.objects.running().filter(pk=job.pk, started_at=job.started_at)
        # The queue notes a worker for each attempt.
        if len(job.worker_ids) < MOST_ATTEMPTS:
            queued += same.update(status="READY", started_at=None)
        else:
            failed += same.update(
                status="FAILED",
                finished_at=now,
                exception_class_path="builtins.RuntimeError",
                traceback=f"The worker died in each of {len(job.worker_ids)} attempts.\n",
            )
    return queued, failed
