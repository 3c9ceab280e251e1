"""Who at DfE looked at a report of an area, and when: the area can read it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from areas.models import AppendOnly, AppendOnlyQuerySet
from assessments.models.assessments import Assessment


class Look(AppendOnly):
    """That somebody who does not take part in the area opened one report, once for each day."""

    ROWS = "Looks at a report"

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="looks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on = models.DateField(default=timezone.localdate)
    with_partners = models.BooleanField(help_text="Whether the area shared who scored what")

    objects: ClassVar[Any] = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "by", "on", "with_partners"], name="look_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.by} at {self.assessment}, {self.on}"
