"""How each statement of a framework version came out of the version before it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ingredients.models.framework import Framework, Part


class StatementMap(Part):
    """One line of the map that a version declares: statements by slug, blank where there is none.

    It freezes with the version that declares it. A version without a map is compared with none.
    """

    class Kind(models.TextChoices):
        SAME = "same", "The same"
        REWORDED = "reworded", "Reworded"
        RENAMED_FROM = "renamed_from", "Renamed"
        SPLIT_FROM = "split_from", "Split"
        MERGED_INTO = "merged_into", "Merged"
        RETIRED = "retired", "No longer asked"
        NEW = "new", "New"

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="map_rows")
    order = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    before = models.SlugField(max_length=60, blank=True)
    after = models.SlugField(max_length=60, blank=True)

    class Meta:
        ordering = ["framework", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["framework", "before", "after"], name="statement_map_row_once"
            ),
            models.UniqueConstraint(fields=["framework", "order"], name="statement_map_order_once"),
            models.CheckConstraint(
                name="statement_map_sides_fit",
                condition=(Q(kind="new", before="") & ~Q(after=""))
                | (Q(kind="retired", after="") & ~Q(before=""))
                | (
                    Q(kind__in=["same", "reworded", "renamed_from", "split_from", "merged_into"])
                    & ~Q(before="")
                    & ~Q(after="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before or '(none)'} → {self.after or '(none)'}: {self.kind}"
