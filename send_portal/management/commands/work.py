from __future__ import annotations

import itertools
import logging
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.db import Error, connection
from django.utils import timezone
from django_tasks_db.management.commands import db_worker

from send_portal.jobs import requeue_lost_jobs, say_alive

HEARTBEAT = 15  # seconds
TURNS_BETWEEN_SEARCHES = 4
WAIT_FOR_DATABASE = 5  # seconds

logger = logging.getLogger(__name__)


def keep_watch() -> None:
    """Every 15 seconds say that the worker lives; every minute look for lost jobs."""
    for turn in itertools.count():
        try:
            say_alive()
            if turn % TURNS_BETWEEN_SEARCHES == 0:
                queued, failed = requeue_lost_jobs(timezone.now())
                if queued or failed:
                    logger.warning("Lost jobs: %d queued again, %d failed", queued, failed)
        except Error as error:
            logger.warning("No sign of life could be given: %s", error)
        finally:
            # After a fault it is of no use, and opening one each 15 seconds costs nothing.
            connection.close()
        time.sleep(HEARTBEAT)


class Command(db_worker.Command):
    help = "Run the jobs that the pages put in the queue, such as making PDFs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(reload=False)

    def handle(self, **options: Any) -> None:
        threading.Thread(target=keep_watch, daemon=True).start()
        while True:
            try:
                return super().handle(**options)
            except Error as error:
                logger.warning("Database lost, trying again in %d s: %s", WAIT_FOR_DATABASE, error)
                connection.close()
                time.sleep(WAIT_FOR_DATABASE)
