from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.models import Assessment, StoredReport
from assessments.reports.batch import Done, Work, run

MOST_WORKERS = 32
STOPPED = 130  # what a shell gives a program that Ctrl-C ended


class Command(BaseCommand):
    help = (
        "Make the PDFs of all submitted reports that have none, or write all of them into a folder."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--submitted",
            action="store_true",
            required=True,
            help="all submitted reports; drafts are never stored",
        )
        parser.add_argument(
            "--to", type=Path, metavar="FOLDER", help="write all of them there as files"
        )
        parser.add_argument(
            "--again",
            action="store_true",
            help="with --to: draw them afresh. What is stored is never changed",
        )
        parser.add_argument("--workers", type=int, default=2, help="processes (2)")

    def handle(self, **options: Any) -> None:
        folder, again, workers = options["to"], options["again"], options["workers"]
        if again and folder is None:
            raise CommandError(
                "A stored PDF is never changed. Write fresh ones into a folder: --again --to FOLDER"
            )
        if not 1 <= workers <= MOST_WORKERS:
            raise CommandError(f"--workers must be between 1 and {MOST_WORKERS}.")
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = StoredReport.objects.filter(assessment__stage=Assessment.Stage.SUBMITTED)
        ids = list(
            (found if folder else found.without_pdf())
            .order_by("assessment_id")
            .values_list("assessment_id", flat=True)
        )
        if not folder and (ready := found.count() - len(ids)):
            self.stdout.write(f"{ready} stored already.")
        self.make([Work(pk, folder, again) for pk in ids], workers)

    def make(self, works: list[Work], workers: int) -> None:
        done: list[Done] = []
        start = time.monotonic()
        try:
            for one in run(works, workers):
                done.append(one)
                self.progress(done, len(works), time.monotonic() - start)
        except KeyboardInterrupt:
            self.stdout.write("")
            raise CommandError(
                f"Stopped after {len(done)} of {len(works)}. Run it again to go on from here.",
                returncode=STOPPED,
            ) from None
        faults = [one for one in done if one.fault]
        for one in faults:
            self.stderr.write(f"{one.name}, number {one.assessment_id}: {one.fault}")
        new = sum(one.is_new for one in done)
        self.stdout.write(
            f"{new} made, {len(done) - new - len(faults)} left as they were, {len(faults)} failed, "
            f"in {time.monotonic() - start:.0f} s."
        )
        if faults:
            raise CommandError(f"{len(faults)} could not be made. Run it again to try these.")

    def progress(self, done: list[Done], number: int, seconds: float) -> None:
        """One line that fills up on a terminal, else a plain line for each report."""
        last = done[-1]
        left = seconds / len(done) * (number - len(done))
        if not self.stdout.isatty():
            said = f": {last.fault}" if last.fault else ""
            self.stdout.write(f"{len(done)}/{number} {last.name}{said}")
            return
        bar = "#" * (30 * len(done) // number)
        self.stdout.write(
            f"\r{100 * len(done) // number:3d}% |{bar:<30}| {len(done)}/{number}, "
            f"{left:.0f} s left, {last.memory:.0f} MB ",
            ending="\n" if len(done) == number else "",
        )
        self.stdout.flush()
