"""The summaries for families that areas have made public."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from areas.models import Area
from assessments.models.assessments import Assessment
from assessments.models.guards import both_or_neither

CONTACT_LENGTH = 400


class PublishedSummaryQuerySet(models.QuerySet["PublishedSummary"]):
    def public(self) -> Self:
        """What anybody can read now: at most one of each area."""
        return self.filter(withdrawn_at__isnull=True)

    def of(self, area: Area) -> Self:
        return self.filter(assessment__area=area)


class PublishedSummary(models.Model):
    """That an area shows the summary for families of one submitted report to everyone, from when
    until when. The summary itself is made from the report; only the contact text is kept here."""

    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="published_summaries"
    )
    place = models.SlugField(
        max_length=140,
        help_text="The area's name in its public address. It stays when the area is renamed.",
    )
    contact = models.TextField(
        blank=True, help_text="How families reach the area, in its own words. Plain text."
    )
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = PublishedSummaryQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["place"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="published_summary_one_at_a_place",
            ),
            both_or_neither(
                "withdrawn_at", "withdrawn_by", name="published_summary_withdrawn_at_with_by"
            ),
            models.CheckConstraint(
                name="published_summary_dates_in_order",
                condition=models.Q(withdrawn_at__isnull=True)
                | models.Q(withdrawn_at__gte=models.F("published_at")),
            ),
            models.CheckConstraint(
                name="published_summary_has_place", condition=~models.Q(place="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} at {self.place}"

    def get_absolute_url(self) -> str:
        return reverse("assessments:public-summary", args=[self.place])

    @property
    def is_public(self) -> bool:
        return self.withdrawn_at is None
