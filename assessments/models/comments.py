from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from areas.permissions import Permission
from assessments.models.assessments import Assessment
from assessments.models.guards import (
    FrozenWithAssessment,
    FrozenWithAssessmentQuerySet,
    both_or_neither,
)
from assessments.models.returns import PartnerReturn
from ingredients.models import Statement

if TYPE_CHECKING:
    from areas.models import User

COMMENT_LENGTH = 1000


class CommentQuerySet(FrozenWithAssessmentQuerySet):
    def visible_to(self, user: User) -> Self:
        """Comments of the meeting, for those who see every score; and of one's own partner."""
        meeting = models.Q(
            partner_return__isnull=True,
            assessment__revealed_at__isnull=False,
            assessment__area_id__in=user.area_ids_with(Permission.SCORES_SEE),
        )
        own = models.Q(partner_return__partner_id__in=user.partner_ids(Permission.SCORE))
        return self.filter(meeting | own)

    def of(
        self,
        assessment: Assessment,
        partner_return: PartnerReturn | None = None,
        statement: Statement | None = None,
    ) -> Self:
        """Those of one partner, or of the meeting, oldest first; about one statement or all."""
        found = self.filter(assessment=assessment, partner_return=partner_return)
        if statement is not None:
            found = found.filter(statement=statement)
        return found.select_related("written_by", "resolved_by")

    def unresolved(self) -> Self:
        return self.filter(resolved_at__isnull=True, withdrawn_at__isnull=True)


class Comment(FrozenWithAssessment):
    """What someone says about a statement: to their own partner before the reveal, to everyone
    who scored after it. Never printed in the report.

    What was written to one's own partner stays with it for good: whoever wrote it did not write
    it for the others.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="comments")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    partner_return = models.ForeignKey(
        PartnerReturn,
        on_delete=models.PROTECT,
        related_name="comments",
        null=True,
        blank=True,
        help_text="Whose people alone see it; empty for everyone who scored",
    )
    text = models.TextField(blank=True, help_text="Emptied when the writer withdraws it")
    mentioned = models.JSONField(
        default=list, blank=True, help_text="Names, as they were, of those who got a mail"
    )
    written_at = models.DateTimeField(default=timezone.now)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["written_at", "pk"]
        indexes = [
            models.Index(fields=["assessment", "partner_return", "statement"], name="comment_where")
        ]
        constraints = [
            models.CheckConstraint(
                name="comment_has_text_until_withdrawn",
                condition=(models.Q(withdrawn_at__isnull=True) & ~models.Q(text=""))
                | models.Q(withdrawn_at__isnull=False, text=""),
            ),
            both_or_neither("resolved_at", "resolved_by", name="comment_resolved_at_with_by"),
        ]

    def __str__(self) -> str:
        return f"{self.written_by}: {self.text[:60] or 'withdrawn'}"

    def get_absolute_url(self) -> str:
        """The page of the comments among which it stands."""
        if self.partner_return_id is None:
            return reverse("assessments:comments", args=[self.assessment_id, self.statement.slug])
        given = [self.assessment_id, self.partner_return_id, self.statement.slug]
        return reverse("assessments:return-comments", args=given)

    @property
    def is_resolved(self) -> bool:
        return self.resolved_at is not None

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None
