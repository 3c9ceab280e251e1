"""Rows that are only ever added: who asks otherwise is refused here, and by PostgreSQL itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models


class AppendOnlyError(Exception):
    """Raised by any attempt to change or remove what was recorded."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **values: Any) -> int:
        raise AppendOnlyError(f"{self.model.ROWS} are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(f"{self.model.ROWS} are never deleted.")

    def bulk_create(
        self,
        objs: Iterable[Any],
        *args: Any,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        **kwargs: Any,
    ) -> list[Any]:
        """Adds. With update_conflicts it would also change, with ignore_conflicts lose."""
        if ignore_conflicts or update_conflicts:
            raise AppendOnlyError(f"{self.model.ROWS} are never changed.")
        return super().bulk_create(objs, *args, **kwargs)


class AppendOnly(models.Model):
    """`ROWS` is what these rows are called at the start of a sentence."""

    ROWS: ClassVar[str]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise AppendOnlyError(f"{self.ROWS} are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(f"{self.ROWS} are never deleted.")
