from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils import timezone


class AppendOnlyError(Exception):
    """Raised by any attempt to change or remove what was recorded."""


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def update(self, **values: Any) -> int:
        raise AppendOnlyError("Audit events are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("Audit events are never deleted.")

    def for_assessment(self, assessment_id: int) -> Self:
        return self.filter(assessment_id=assessment_id)


class AuditEvent(models.Model):
    """One act, in words, with the names as they were. No foreign key to what it describes.

    It never holds a partner's level or reason: the log must not be a way to read scores
    before the reveal.
    """

    at = models.DateTimeField(default=timezone.now)
    verb = models.CharField(max_length=40)
    sentence = models.TextField()
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=120)
    area_code = models.CharField(max_length=3, blank=True)
    assessment_id = models.BigIntegerField(null=True, blank=True)
    partner_id = models.BigIntegerField(null=True, blank=True)
    statement = models.CharField(max_length=60, blank=True)
    details = models.JSONField(default=dict, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["area_code", "-at"], name="audit_area_at"),
            models.Index(fields=["assessment_id", "-at"], name="audit_assessment_at"),
        ]

    def __str__(self) -> str:
        return self.sentence

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise AppendOnlyError("Audit events are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("Audit events are never deleted.")
