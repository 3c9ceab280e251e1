from __future__ import annotations

import itertools
import logging
import sys
import threading
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.db import Error, connection
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands import db_worker

from assessments.tasks import enqueue_reminders, look_after_reports
from send_portal.jobs import requeue_lost_jobs, say_alive
from send_portal.mail import look_after

HEARTBEAT = 15  # seconds
TURNS_BETWEEN_SEARCHES = 4
WAIT_FOR_DATABASE = 5  # seconds

logger = logging.getLogger(__name__)


def keep_watch() -> None:
    """Every 15 seconds say that the worker lives; every minute look for lost jobs, mail,
    reports without their PDF and reminders that are due."""
    for turn in itertools.count():
        try:
            say_alive()
            if turn % TURNS_BETWEEN_SEARCHES == 0:
                queued, failed = requeue_lost_jobs(timezone.now())
                if queued or failed:
                    logger.warning("Lost jobs: %d queued again, %d failed", queued, failed)
                uncertain, again = look_after(timezone.now())
                if uncertain or again:
                    logger.warning("Mail: %d uncertain, %d queued again", uncertain, again)
                queued, failed = look_after_reports(timezone.now())
                if queued or failed:
                    logger.warning("Report PDFs: %d queued again, %d given up", queued, failed)
                enqueue_reminders(timezone.now())
        except Error as error:
            logger.warning("No sign of life could be given: %s", error)
        finally:
            # After a fault it is of no use, and opening one each 15 seconds costs nothing.
            connection.close()
        time.sleep(HEARTBEAT)


class Worker(db_worker.Worker):
    """Outlives a restart of the database, and never misses that it is asked to stop."""

    def run(self) -> None:
        while self.running:
            try:
                return super().run()
            except Error as error:
                logger.warning("Database lost, trying again in %d s: %s", WAIT_FOR_DATABASE, error)
                connection.close()
                time.sleep(WAIT_FOR_DATABASE)
        return None

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        # Unlike the library's, it writes no line: a signal may come while one is being written.
        asked_before, self.running = not self.running, False
        if asked_before:
            self.reset_signals()
            sys.exit(1)
        if not self.running_task:
            sys.exit(0)


class Command(db_worker.Command):
    help = "Run the jobs that the pages put in the queue, such as making PDFs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--interval",
            type=db_worker.valid_interval,
            default=1,
            help="seconds between two looks at an empty queue",
        )
        parser.add_argument("--batch", action="store_true", help="end when no job is left")
        parser.add_argument(
            "--max-tasks", type=db_worker.valid_max_tasks, help="end after as many jobs"
        )
        parser.add_argument(
            "--no-startup-delay",
            action="store_false",
            dest="startup_delay",
            help="begin at once, though several workers may start together",
        )

    def handle(self, **options: Any) -> None:
        self.configure_logging(options["verbosity"])
        worker = Worker(
            queue_names=["default"],
            excluded_queue_names=[],
            backend_name="default",
            worker_id=get_random_string(32),
            **{name: options[name] for name in ("interval", "batch", "startup_delay", "max_tasks")},
        )
        worker.configure_signals()
        threading.Thread(target=keep_watch, daemon=True).start()
        worker.run()
