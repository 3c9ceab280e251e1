from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.utils import timezone

from assessments.models.assessments import Assessment
from assessments.models.guards import SubmittedError, both_or_neither

# What is known only after the PDFs are made, and stays for good from then on.
MADE_ONCE = {
    "pdf", "programme_pdf", "pdf_made_at", "pdf_sha256", "programme_pdf_sha256", "pdf_made_with",
}  # fmt: skip
ATTEMPTS = {"pdf_attempts", "pdf_try_at", "pdf_failed_at", "pdf_error"}
# Attempts at one PDF before it is given up, and the pauses between them.
WAITS = [timedelta(minutes=m) for m in (1, 5, 15, 60)]
MOST_ATTEMPTS = len(WAITS) + 1


class StoredReportQuerySet(models.QuerySet["StoredReport"]):
    def update(self, **values: Any) -> int:
        if set(values) - MADE_ONCE - ATTEMPTS:
            raise SubmittedError("A snapshot is never changed.")
        if MADE_ONCE & set(values) and self.exclude(pdf=None).exists():
            raise SubmittedError("A stored PDF is never changed.")
        return super().update(**values)

    def without_files(self) -> Self:
        """Enough to say how far the PDF is, without reading what may be a megabyte."""
        return self.defer("facts", "pdf", "programme_pdf")

    def without_pdf(self) -> Self:
        return self.filter(pdf_made_at__isnull=True)

    def being_made(self) -> Self:
        """No PDF yet, and not given up."""
        return self.without_pdf().filter(pdf_failed_at__isnull=True)

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
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    programme_pdf_sha256 = models.CharField(max_length=64, blank=True)
    # Another version of either draws the same report in other bytes.
    pdf_made_with = models.CharField(
        max_length=80, blank=True, help_text="Version of WeasyPrint and of our layout"
    )
    pdf_attempts = models.PositiveSmallIntegerField(default=0)
    pdf_try_at = models.DateTimeField(null=True, blank=True, help_text="The next attempt")
    pdf_failed_at = models.DateTimeField(null=True, blank=True, help_text="When it was given up")
    pdf_error = models.TextField(blank=True)

    objects = StoredReportQuerySet.as_manager()

    class Meta:
        constraints = [
            both_or_neither(
                "pdf", "programme_pdf", "pdf_made_at", name="stored_report_pdf_with_date"
            ),
            models.CheckConstraint(
                name="stored_report_made_or_failed",
                condition=models.Q(pdf_made_at__isnull=True, pdf_failed_at__isnull=True)
                | models.Q(pdf_try_at__isnull=True, pdf_made_at__isnull=True)
                | models.Q(pdf_try_at__isnull=True, pdf_failed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment}, {self.sha256[:8]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise SubmittedError("A snapshot is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise SubmittedError("A snapshot is never deleted.")

    @property
    def has_pdf(self) -> bool:
        return self.pdf_made_at is not None

    @property
    def has_failed(self) -> bool:
        """Given up, until somebody asks again."""
        return self.pdf_failed_at is not None
