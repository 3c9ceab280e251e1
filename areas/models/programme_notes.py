"""What DfE programme staff write down about an area, for themselves. No role of an area reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from areas.models.append_only import AppendOnly, AppendOnlyQuerySet
from areas.models.areas import Area
from areas.permissions import Permission

if TYPE_CHECKING:
    from areas.models.people import User

NOTE_LENGTH, WITHDRAWN_LENGTH = 2000, 300


class Category(models.TextChoices):
    CONTACT = "contact", "Contact"
    CONCERN = "concern", "Concern"
    SUPPORT = "support", "Support"
    OTHER = "other", "Other"


class ProgrammeNoteQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: User) -> Self:
        """All of them for programme staff, none for anybody else."""
        return self.all() if user.can_everywhere(Permission.NOTES_KEEP) else self.none()

    def with_versions(self) -> Self:
        versions = ProgrammeNoteVersion.objects.select_related("saved_by")
        return self.select_related("written_by").prefetch_related(
            models.Prefetch("versions", versions)
        )


class ProgrammeNote(AppendOnly):
    """One note on an area. What it says is in its versions, the newest of which counts."""

    ROWS = "Programme notes"

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="programme_notes")
    written_at = models.DateTimeField(default=timezone.now)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = ProgrammeNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.area}: note of {self.written_at:%d %B %Y}"

    @property
    def current(self) -> ProgrammeNoteVersion:
        """The newest version."""
        found: ProgrammeNoteVersion = self.versions.all()[0]
        return found

    @property
    def earlier(self) -> list[ProgrammeNoteVersion]:
        """What it said before, the newest first."""
        return list(self.versions.all())[1:]


class ProgrammeNoteVersion(AppendOnly):
    """What a note says from a moment on: its text, or why it was withdrawn. Nothing is overwritten."""

    ROWS = "Versions of a programme note"

    note = models.ForeignKey(ProgrammeNote, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(help_text="From 1")
    text = models.TextField(blank=True)
    category = models.CharField(max_length=8, choices=Category, blank=True)
    follow_up_on = models.DateField(null=True, blank=True)
    withdrawn_because = models.TextField(blank=True)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["note", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["note", "number"], name="note_version_once"),
            models.CheckConstraint(name="note_version_from_1", condition=models.Q(number__gte=1)),
            models.CheckConstraint(
                name="note_category_known",
                condition=models.Q(category__in=["", *Category.values]),
            ),
            models.CheckConstraint(
                name="note_says_something_or_why_withdrawn",
                condition=(~models.Q(text="") & models.Q(withdrawn_because=""))
                | (
                    models.Q(text="", category="", follow_up_on__isnull=True, number__gt=1)
                    & ~models.Q(withdrawn_because="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.note}, version {self.number}"

    @property
    def is_withdrawal(self) -> bool:
        return self.withdrawn_because != ""

    @property
    def is_due(self) -> bool:
        """Whether its follow-up day has come."""
        return self.follow_up_on is not None and self.follow_up_on <= timezone.localdate()
