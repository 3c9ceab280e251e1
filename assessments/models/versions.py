from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models

from areas.models import AppendOnly, AppendOnlyQuerySet
from assessments.models.assessments import Assessment
from assessments.models.guards import SubmittedError
from assessments.models.scores import AGREED_ANSWERS, LEVEL_ANSWERS, AgreedScore
from ingredients.models import Statement


class AgreedScoreVersionQuerySet(AppendOnlyQuerySet):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.refuse_if_submitted()
        return super().bulk_create(rows, *args, **kwargs)


class AgreedScoreVersion(AppendOnly):
    """Every agreed score as it was once saved, so that the minutes can tell who changed their mind.

    The first kept version has a number above 1 where a score had been changed before versions
    were kept.
    """

    ROWS = "Versions of agreed scores"

    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="agreed_versions"
    )
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    answer = models.CharField(max_length=14, choices=[(a.value, a.label) for a in AGREED_ANSWERS])
    rationale = models.TextField(blank=True)
    outside_reason = models.TextField(blank=True)
    in_one_step = models.BooleanField(
        default=False, help_text="Accepted together with others on which all partners agreed"
    )
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = AgreedScoreVersionQuerySet.as_manager()

    class Meta:
        ordering = ["saved_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "statement", "version"], name="agreed_version_once"
            ),
            models.CheckConstraint(
                name="agreed_version_answer_known",
                condition=models.Q(answer__in=[a.value for a in AGREED_ANSWERS]),
            ),
            models.CheckConstraint(
                name="agreed_version_without_level_has_rationale",
                condition=models.Q(answer__in=[a.value for a in LEVEL_ANSWERS])
                | ~models.Q(rationale=""),
            ),
            models.CheckConstraint(
                name="agreed_version_from_1", condition=models.Q(version__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement}, version {self.version}: {self.get_answer_display()}"

    @classmethod
    def of(cls, agreed: AgreedScore, *, in_one_step: bool = False) -> Self:
        """The version that this agreed score has just become, not yet written."""
        return cls(
            assessment=agreed.assessment,
            statement_id=agreed.statement_id,
            version=agreed.version,
            answer=agreed.answer,
            rationale=agreed.rationale,
            outside_reason=agreed.outside_reason,
            in_one_step=in_one_step,
            saved_at=agreed.saved_at,
            saved_by_id=agreed.saved_by_id,
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refuse_if_submitted()
        super().save(*args, **kwargs)

    def refuse_if_submitted(self) -> None:
        """It freezes with its assessment."""
        if self.assessment.is_submitted:
            raise SubmittedError("A submitted assessment cannot be changed.")
