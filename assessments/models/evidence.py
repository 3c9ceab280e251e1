from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from areas.models import Area, Partner
from areas.permissions import Permission
from assessments.models.assessments import Assessment, PartnerReturn
from assessments.models.guards import FrozenWithAssessment
from ingredients.models import Statement

if TYPE_CHECKING:
    from datetime import date

    from areas.models import User


class EvidenceQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """The library of areas in which this person takes part."""
        return self.filter(area_id__in=user.area_ids_with(Permission.PROGRESS_SEE))


class Evidence(models.Model):
    """One document or page that shows something. It may serve many statements and cycles."""

    class Kind(models.TextChoices):
        POLICY = "policy", "Policy or agreement"
        PLAN = "plan", "Plan or strategy"
        MINUTES = "minutes", "Minutes or terms of reference"
        DATA = "data", "Data or dashboard"
        AUDIT = "audit", "Audit or review"
        FEEDBACK = "feedback", "What families, young people or staff said"
        OTHER = "other", "Something else"

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=10, choices=Kind)
    address = models.URLField(max_length=500)
    shows = models.TextField()
    owner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    dated_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.title

    def is_in_date(self, day: date) -> bool:
        return self.review_on is None or self.review_on > day


class EvidenceLink(FrozenWithAssessment):
    """Evidence laid beside a statement in one assessment. Linked by a partner while it scores
    (seen by that partner alone until the reveal), or by the meeting."""

    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, related_name="evidence_links"
    )
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="links")
    partner_return = models.ForeignKey(
        PartnerReturn,
        on_delete=models.PROTECT,
        related_name="evidence_links",
        null=True,
        blank=True,
    )
    linked_at = models.DateTimeField(default=timezone.now)
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["linked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                "assessment",
                "statement",
                "evidence",
                Coalesce("partner_return", 0, output_field=models.BigIntegerField()),
                name="evidence_link_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.evidence} for {self.statement}"
