"""What a report says of the version of it that it corrects."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from assessments.reports import contents, words
from assessments.reports.statements import Statements


class Corrections(Statements):
    @property
    def corrected(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.facts.get("correction")
        return found

    def title(self) -> str:
        title: str = self.facts["assessment"]["title"]
        return f"{title}, version {self.corrected['version']}" if self.corrected else title

    def drawn_on(self) -> date:
        """The day of the figures. Of a draft it is today, though a correction judges evidence on
        the day of the first version."""
        is_draft = self.facts["assessment"]["submitted_on"] is None
        return timezone.localdate() if self.corrected and is_draft else self.day

    def correction(self) -> contents.Correction | None:
        if self.corrected is None:
            return None
        before = self.corrected["report"]
        return contents.Correction(
            version=self.corrected["version"],
            corrected_on=date.fromisoformat(before["submitted_on"]),
            sha256=before["sha256"],
            reason=self.corrected["reason"],
            changes=tuple(self._changes(before)),
        )

    def _changes(self, before: dict[str, Any]) -> list[str]:
        """One sentence for each figure that differs, the largest first."""
        bands = self.framework.bands
        found = []
        if before["band"] != self.picture.band.value:
            was, now = bands[before["band"]]["label"], bands[self.picture.band]["label"]
            found.append(f"Readiness band: was {was}, now {now}.")
        for slug, ingredient in self.picture.ingredients.items():
            was, now = _level(before["ingredients"][slug]), _level(ingredient.level)
            if was != now:
                found.append(f"{self.short_titles[slug]}: was {was}, now {now}.")
        for row in self.framework.all_statements:
            found += self._statement_changes(row.slug, before["statements"][row.slug])
        return found

    def _statement_changes(self, slug: str, before: dict[str, Any]) -> list[str]:
        row, now = self.framework.statement_by_slug[slug], self.picture.statements[slug]
        found = []
        if before["answer"] != now.agreed:
            was = words.answer(before["answer"]).lower()
            found.append(f"was {was}, now {words.answer(now.agreed).lower()}")
        if before["evidenced"] != now.has_evidence:
            found.append("evidence in date added" if now.has_evidence else "evidence removed")
        return [f"{row.code} {row.title}: {', '.join(found)}."] if found else []


def _level(level: int | None) -> str:
    return f"level {level}" if level else "not yet rated"
