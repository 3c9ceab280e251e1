"""The support that areas ask for, out of the menu."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from areas.models import Area
from areas.permissions import Permission
from assessments.models.assessments import Assessment
from assessments.models.guards import both_or_neither
from ingredients.models import SupportPackage

if TYPE_CHECKING:
    from areas.models import User

WHY_LENGTH = 500


class SupportRequestQuerySet(models.QuerySet["SupportRequest"]):
    def visible_to(self, user: User) -> Self:
        """Of areas in which this person takes part; DfE, whom they ask, sees all."""
        if user.can_everywhere(Permission.PROGRAMME_SEE):
            return self.all()
        return self.filter(area_id__in=user.area_ids_with(Permission.PROGRESS_SEE))

    def standing(self) -> Self:
        return self.filter(withdrawn_at__isnull=True)

    def standing_on(self, day: date) -> Self:
        """Asked for by the end of that day, and not taken back by then."""
        taken_back_later = models.Q(withdrawn_at__isnull=True) | models.Q(
            withdrawn_at__date__gt=day
        )
        return self.filter(taken_back_later, asked_at__date__lte=day)


class SupportRequest(models.Model):
    """That an area asks for a package of the menu, from when until when, and why."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="support_requests")
    assessment = models.ForeignKey(
        Assessment,
        on_delete=models.PROTECT,
        related_name="support_requests",
        null=True,
        blank=True,
        help_text="The picture out of which the wish came, if the area had one",
    )
    package = models.ForeignKey(SupportPackage, on_delete=models.PROTECT, related_name="+")
    why = models.TextField()
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = SupportRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "package"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="support_asked_for_once",
            ),
            models.CheckConstraint(name="support_has_a_reason", condition=~models.Q(why="")),
            both_or_neither("withdrawn_at", "withdrawn_by", name="support_withdrawn_at_with_by"),
        ]

    def __str__(self) -> str:
        return f"{self.area}: {self.package}"

    @property
    def asked_on(self) -> date:
        return timezone.localdate(self.asked_at)
