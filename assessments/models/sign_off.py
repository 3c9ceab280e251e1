from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from assessments.models.assessments import Assessment, PartnerReturn
from assessments.models.guards import FrozenWithAssessment


class SignOff(FrozenWithAssessment):
    """One partner's signature under the report. Any decision is printed word for word."""

    class Decision(models.TextChoices):
        AGREE = "agree", "We agree"
        RESERVATION = "reservation", "We agree, with a reservation"
        DISAGREE = "disagree", "We do not agree"

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="sign_offs")
    partner_return = models.OneToOneField(
        PartnerReturn, on_delete=models.PROTECT, related_name="sign_off"
    )
    decision = models.CharField(max_length=12, choices=Decision)
    text = models.TextField(blank=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120)
    signed_at = models.DateTimeField(default=timezone.now)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["partner_return__order"]
        constraints = [
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
