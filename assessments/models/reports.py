from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from assessments.models.assessments import Assessment
from assessments.models.guards import SubmittedError, both_or_neither


class StoredReportQuerySet(models.QuerySet["StoredReport"]):
    def update(self, **values: Any) -> int:
        if set(values) - {"pdf", "programme_pdf", "pdf_made_at", "pdf_error"}:
            raise SubmittedError("A snapshot is never changed.")
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise SubmittedError("A snapshot is never deleted.")


class StoredReport(models.Model):
    """What was signed: the report's facts as canonical JSON with their hash, and the PDF made
    from them once. Pages and files of a submitted assessment are built from this alone."""

    assessment = models.OneToOneField(
        Assessment, on_delete=models.PROTECT, related_name="stored_report"
    )
    facts = models.TextField(help_text="Canonical JSON")
    sha256 = models.CharField(max_length=64)
    rule_version = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    pdf = models.BinaryField(
        null=True, blank=True, help_text="For the area: every partner's levels"
    )
    programme_pdf = models.BinaryField(
        null=True, blank=True, help_text="For DfE without consent: no partner's levels"
    )
    pdf_made_at = models.DateTimeField(null=True, blank=True)
    pdf_error = models.TextField(blank=True)

    objects = StoredReportQuerySet.as_manager()

    class Meta:
        constraints = [
            both_or_neither(
                "pdf", "programme_pdf", "pdf_made_at", name="stored_report_pdf_with_date"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assessment}, {self.sha256[:8]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise SubmittedError("A snapshot is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise SubmittedError("A snapshot is never deleted.")
