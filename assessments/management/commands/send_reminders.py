from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assessments.emails.reminders import letters_due


class Command(BaseCommand):
    help = "Put the reminders of today into the outbox. The job worker does so by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", metavar="YYYY-MM-DD", help="as if it were this day")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be sent")

    def handle(self, *args: Any, **options: Any) -> None:
        letters = letters_due(_day(options["day"]))
        for letter in letters:
            if options["dry_run"]:
                self.stdout.write(f"{letter.key} to {letter.user.email}")
        said = "would be posted" if options["dry_run"] else "posted"
        posted = len(letters) if options["dry_run"] else sum(letter.post() for letter in letters)
        self.stdout.write(f"{posted} reminders {said}.")


def _day(given: str | None) -> date:
    if given is None:
        return timezone.localdate()
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise CommandError("--day must be a day such as 2026-11-27.") from error
