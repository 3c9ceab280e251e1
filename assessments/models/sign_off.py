from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from assessments.models.assessments import Assessment
from assessments.models.guards import (
    FrozenWithAssessment,
    FrozenWithAssessmentQuerySet,
    both_or_neither,
)
from assessments.models.returns import PartnerReturn


class SignOffQuerySet(FrozenWithAssessmentQuerySet):
    def standing(self) -> Self:
        """Signatures that count: not voided when the lead reopened moderation."""
        return self.filter(voided_at__isnull=True)

    def voided(self) -> Self:
        return self.filter(voided_at__isnull=False)


class SignOff(FrozenWithAssessment):
    """One partner's signature under the report. Any decision is printed word for word.

    When the lead reopens moderation, what was signed may change: the signature no longer counts,
    stays on record, and the partner signs again."""

    class Decision(models.TextChoices):
        AGREE = "agree", "We agree"
        RESERVATION = "reservation", "We agree, with a reservation"
        DISAGREE = "disagree", "We do not agree"

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="sign_offs")
    partner_return = models.ForeignKey(
        PartnerReturn, on_delete=models.PROTECT, related_name="sign_offs"
    )
    decision = models.CharField(max_length=12, choices=Decision)
    text = models.TextField(blank=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120)
    signed_at = models.DateTimeField(default=timezone.now)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    void_reason = models.TextField(blank=True, help_text="Why the lead reopened moderation")

    objects: ClassVar[Any] = SignOffQuerySet.as_manager()

    class Meta:
        ordering = ["partner_return__order"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner_return"],
                condition=models.Q(voided_at__isnull=True),
                name="sign_off_one_standing_per_partner",
            ),
            both_or_neither("voided_at", "voided_by", name="sign_off_voided_at_with_by"),
            models.CheckConstraint(
                name="sign_off_voided_with_reason",
                condition=models.Q(voided_at__isnull=True, void_reason="")
                | (models.Q(voided_at__isnull=False) & ~models.Q(void_reason="")),
            ),
            models.CheckConstraint(
                name="sign_off_decision_known",
                condition=models.Q(decision__in=["agree", "reservation", "disagree"]),
            ),
            models.CheckConstraint(
                name="sign_off_text_unless_agreed",
                condition=models.Q(decision="agree") | ~models.Q(text=""),
            ),
            models.CheckConstraint(
                name="sign_off_name_and_role_given",
                condition=~models.Q(name="") & ~models.Q(role=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner_return}: {self.get_decision_display()}"
