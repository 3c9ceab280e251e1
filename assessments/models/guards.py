"""What must not change refuses to change, whoever asks and by whatever road."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db import models

# Stages after which nothing of an assessment changes any more.
CLOSED_STAGES = ("submitted", "cancelled")
CLOSED_MESSAGE = "A submitted or cancelled assessment cannot be changed."


class SubmittedError(Exception):
    """Raised by any attempt to change a submitted or cancelled assessment or anything in it."""


class FrozenWithAssessmentQuerySet(models.QuerySet[Any]):
    """Rows of an assessment. They refuse bulk changes once they are frozen."""

    def refuse_if_frozen(self) -> None:
        if self.filter(self.model.FROZEN_WHEN).exists():
            raise SubmittedError(self.model.FROZEN_MESSAGE)

    def update(self, **values: Any) -> int:
        changed = models.QuerySet.update(self.exclude(self.model.FROZEN_WHEN), **values)
        # One statement in the usual case; only an update that met nothing asks why.
        if not changed:
            self.refuse_if_frozen()
        return changed

    def delete(self) -> tuple[int, dict[str, int]]:
        self.refuse_if_frozen()
        return super().delete()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        self.model.refuse_if_closed(rows)
        return super().bulk_create(rows, *args, **kwargs)


class FrozenWithAssessment(models.Model):
    FROZEN_WHEN: ClassVar[models.Q] = models.Q(assessment__stage__in=CLOSED_STAGES)
    FROZEN_MESSAGE = CLOSED_MESSAGE

    objects: ClassVar[Any] = FrozenWithAssessmentQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            type(self).objects.filter(pk=self.pk).refuse_if_frozen()
        else:
            self.refuse_if_closed([self])
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        type(self).objects.filter(pk=self.pk).refuse_if_frozen()
        return super().delete(*args, **kwargs)

    @property
    def is_closed(self) -> bool:
        """Whether what this row belongs to is frozen. Read from objects at hand where they are:
        an action has locked them, and PostgreSQL has the last word."""
        closed: bool = self.assessment.is_closed  # type: ignore[attr-defined]
        return closed

    @classmethod
    def refuse_if_closed(cls, rows: Sequence[Any]) -> None:
        """Nothing new joins what is frozen."""
        if any(row.is_closed for row in rows):
            raise SubmittedError(cls.FROZEN_MESSAGE)


def both_or_neither(*fields: str, name: str) -> models.CheckConstraint:
    """Paired fields: all are given, or none is."""
    all_null = models.Q(**{f"{field}__isnull": True for field in fields})
    none_null = models.Q(**{f"{field}__isnull": False for field in fields})
    return models.CheckConstraint(name=name, condition=all_null | none_null)
