"""What DfE programme staff keep for themselves about a check-in that they take part in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from areas.permissions import Permission
from assessments.models.check_ins import CheckIn
from assessments.models.guards import both_or_neither

if TYPE_CHECKING:
    from areas.models import User


class ProgrammeRecordQuerySet(models.QuerySet["ProgrammeRecord"]):
    def visible_to(self, user: User) -> Self:
        """DfE programme staff. Nobody of an area, not even of the one that it is about."""
        return self.all() if user.can_everywhere(Permission.PROGRAMME_SEE) else self.none()


class ProgrammeRecord(models.Model):
    """Who looks after a check-in at DfE, whether it was held, and what DfE notes about it.

    Apart from the record that area and DfE agree: of this the area reads only who looks after the
    check-in, in its log. `version` grows with each save.
    """

    check_in = models.OneToOneField(
        CheckIn, on_delete=models.PROTECT, primary_key=True, related_name="programme_record"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    held_on = models.DateField(null=True, blank=True)
    not_held_because = models.TextField(blank=True)
    blocker = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    next_on = models.DateField(null=True, blank=True)
    agenda_sent_at = models.DateTimeField(null=True, blank=True, help_text="When last")
    agenda_sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = ProgrammeRecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="programme_record_held_or_not",
                condition=models.Q(held_on__isnull=True) | models.Q(not_held_because=""),
            ),
            models.CheckConstraint(
                name="programme_record_next_step_has_day",
                condition=models.Q(next_step="", next_on__isnull=True)
                | (~models.Q(next_step="") & models.Q(next_on__isnull=False)),
            ),
            both_or_neither(
                "agenda_sent_at", "agenda_sent_by", name="programme_record_agenda_at_with_by"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_in}, what DfE keeps"
