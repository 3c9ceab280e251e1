"""What an area set out to do, who answers for it, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from areas.models import AppendOnly, AppendOnlyQuerySet, Area, Partner
from areas.permissions import Permission
from assessments.models.assessments import Assessment
from assessments.models.guards import both_or_neither
from ingredients.models import Statement

if TYPE_CHECKING:
    from datetime import date

    from areas.models import User

TEXT_LENGTH, NOTE_LENGTH, OWNER_LENGTH = 300, 1000, 120


class Status(models.TextChoices):
    NOT_STARTED = "not_started", "Not started"
    UNDER_WAY = "under_way", "Under way"
    DONE = "done", "Done"
    NO_ACTION = "no_action", "No action"


OPEN_STATUSES = (Status.NOT_STARTED, Status.UNDER_WAY)


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, user: User) -> Self:
        """The plans of areas in which this person takes part."""
        return self.filter(area_id__in=user.area_ids_with(Permission.PROGRESS_SEE))

    def still_open(self) -> Self:
        return self.filter(status__in=OPEN_STATUSES)

    def closed(self) -> Self:
        """Done, or given up with a reason."""
        return self.exclude(status__in=OPEN_STATUSES)

    def late(self, on: date) -> Self:
        """Open although the due day is over."""
        return self.still_open().filter(due_on__lt=on)

    def with_impact(self) -> Self:
        """Says of each whether an impact has been recorded."""
        impacts = ActionImpact.objects.filter(action=models.OuterRef("pk"))
        return self.annotate(has_impact=models.Exists(impacts))


class Action(models.Model):
    """One thing that one partner does by a day, often because of a priority: a statement of an
    assessment. It is never deleted. What is given up is closed with a reason.

    `status` is the newest of its progress, kept here so that lists can ask for it. `version` grows
    by one with each change and each step of progress.
    """

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="actions")
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="actions", null=True, blank=True
    )
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    what = models.TextField()
    body = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="actions", help_text="Who answers for it"
    )
    owner = models.CharField(max_length=OWNER_LENGTH, help_text="A person's name or role")
    due_on = models.DateField()
    measure = models.TextField(help_text="How it is known that it worked")
    status = models.CharField(max_length=11, choices=Status, default=Status.NOT_STARTED)
    done_on = models.DateField(null=True, blank=True)
    no_action_because = models.TextField(blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["area", "status", "due_on"], name="action_of_area")]
        constraints = [
            both_or_neither("assessment", "statement", name="action_statement_with_assessment"),
            models.CheckConstraint(
                name="action_is_whole",
                condition=~models.Q(what="") & ~models.Q(owner="") & ~models.Q(measure=""),
            ),
            models.CheckConstraint(
                name="action_status_known", condition=models.Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="action_done_has_a_day",
                condition=models.Q(status="done", done_on__isnull=False)
                | (~models.Q(status="done") & models.Q(done_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="action_given_up_has_a_reason",
                condition=(models.Q(status="no_action") & ~models.Q(no_action_because=""))
                | (~models.Q(status="no_action") & models.Q(no_action_because="")),
            ),
        ]

    def __str__(self) -> str:
        return self.what

    def get_absolute_url(self) -> str:
        return reverse("assessments:action", args=[self.area.dfe_code, self.pk])

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    def is_late(self, on: date) -> bool:
        return self.is_open and self.due_on < on


class ActionProgress(AppendOnly):
    """How far an action was, said by whom and when. Only ever added."""

    ROWS = "Progress of actions"

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="progress")
    status = models.CharField(max_length=11, choices=Status)
    note = models.TextField(blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["recorded_at", "pk"]
        verbose_name_plural = "action progress"
        constraints = [
            models.CheckConstraint(
                name="progress_status_known", condition=models.Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="progress_given_up_has_a_reason",
                condition=~models.Q(status="no_action") | ~models.Q(note=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.get_status_display()}"


class ActionImpact(AppendOnly):
    """What an action changed for children and families, told apart from whether it is done: much
    that is done changes nothing, and some of it shows a year later."""

    ROWS = "Impact of actions"

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="impacts")
    text = models.TextField()
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["recorded_at", "pk"]
        constraints = [models.CheckConstraint(name="impact_has_text", condition=~models.Q(text=""))]

    def __str__(self) -> str:
        return f"{self.action}: {self.text[:60]}"
