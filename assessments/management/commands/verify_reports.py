from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.models import StoredReport
from assessments.reports import storing
from assessments.reports.verifying import can_compare, problems_of


class Command(BaseCommand):
    help = (
        "Work every stored report out again and name each that is not what was signed: its hash, "
        "rule, framework, levels and band, the rows it was made from, and its files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--pdf",
            action="store_true",
            help="also draw the PDFs afresh and compare their bytes. Those that another version of "
            "WeasyPrint or of our layout made are named and not compared, as it draws other bytes",
        )

    def handle(self, **options: Any) -> None:
        problems = faulty = waiting = number = 0
        others: dict[str, int] = {}
        rows = StoredReport.objects.defer("pdf", "programme_pdf").order_by("assessment_id")
        for stored in rows.select_related("assessment__area").iterator(20):
            number += 1
            found = list(problems_of(stored, with_pdf=options["pdf"]))
            for problem in found:
                self.stdout.write(f"{stored.assessment}, number {stored.assessment_id}: {problem}")
            problems += len(found)
            faulty += bool(found)
            waiting += not stored.has_pdf
            if stored.has_pdf and not can_compare(stored):
                made_with = stored.pdf_made_with or "an older version of the portal"
                others[made_with] = others.get(made_with, 0) + 1
        if options["pdf"]:
            for made_with, count in others.items():
                self.stdout.write(
                    f"{count} not compared byte for byte: made with {made_with}, "
                    f"and this is {storing.made_with()}."
                )
        if waiting:
            self.stdout.write(f"{waiting} without a PDF yet.")
        self.stdout.write(f"{number} reports checked, {number - faulty} as they were signed.")
        if problems:
            raise CommandError(f"{problems} problems in {faulty} reports.")
