from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from assessments.models import StoredReport
from assessments.reports.pictures import keep_pictures

CHUNK = 100


class Command(BaseCommand):
    help = (
        "Work the rows that the comparison of areas reads out again from the submitted reports, "
        "after `verify_reports` named one of them. Nothing that was signed changes."
    )

    def handle(self, **options: Any) -> None:
        ids = list(StoredReport.objects.order_by("assessment_id").values_list("pk", flat=True))
        reports = StoredReport.objects.defer("pdf", "programme_pdf")
        done = 0
        for start in range(0, len(ids), CHUNK):
            chunk = reports.filter(pk__in=ids[start : start + CHUNK])
            done += keep_pictures(chunk.select_related("assessment").order_by("assessment_id"))
        self.stdout.write(f"{done} submitted reports compared afresh.")
