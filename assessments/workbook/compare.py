"""Answers of an upload beside what is saved: what would change, and what would not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from assessments.workbook.layout import (
    ANSWER_LETTER,
    ID_LETTER,
    NO_BASE,
    NOTHING,
    REASON_LETTER,
    Base,
    Saved,
    Upload,
    UploadedRow,
    mark,
)


class Kind(Enum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    CONFLICT = "conflict"
    UNCHANGED = "unchanged"
    BLANK = "blank"
    REFUSED = "refused"


@dataclass(frozen=True)
class Asked:
    """names: slug to code and title of each statement this partner is asked. others: the rest."""

    names: Mapping[str, str]
    others: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Change:
    """One row: what is saved, and what would be. `answer` and `reason` are what would be saved."""

    kind: Kind
    slug: str
    name: str
    saved: Saved = NOTHING
    answer: str = ""
    reason: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class Preview:
    """Every row of an upload, by what becomes of it."""

    changes: tuple[Change, ...] = field(default_factory=tuple)

    def of(self, kind: Kind) -> list[Change]:
        return [change for change in self.changes if change.kind is kind]

    @property
    def new(self) -> list[Change]:
        return self.of(Kind.NEW)

    @property
    def changed(self) -> list[Change]:
        return self.of(Kind.CHANGED)

    @property
    def conflicts(self) -> list[Change]:
        return self.of(Kind.CONFLICT)

    @property
    def unchanged(self) -> list[Change]:
        return self.of(Kind.UNCHANGED)

    @property
    def blank(self) -> list[Change]:
        return self.of(Kind.BLANK)

    @property
    def refused(self) -> list[Change]:
        return self.of(Kind.REFUSED)

    @property
    def savable(self) -> list[Change]:
        """What a person may still decide to save."""
        return [*self.new, *self.changed, *self.conflicts]

    def to_save(self, replace: Collection[str]) -> list[Change]:
        """New and changed answers, and of the conflicts those that were chosen."""
        chosen = [change for change in self.conflicts if change.slug in replace]
        return [*self.new, *self.changed, *chosen]


def preview(upload: Upload, *, saved: Mapping[str, Saved], asked: Asked) -> Preview:
    """What this upload would do to what is saved now. Total: every row gets exactly one kind.

    A blank cell never overwrites; a row as it was downloaded says nothing new, whatever was
    saved since; a row that was changed both here and in the portal is a conflict.
    """
    found = [
        _change(row, saved.get(row.slug, NOTHING), upload.bases.get(row.slug, NO_BASE), asked)
        for row in upload.rows
        if row.slug in asked.names or not row.is_blank
    ]
    order = {slug: place for place, slug in enumerate(asked.names)}
    return Preview(tuple(sorted(found, key=lambda change: order.get(change.slug, len(order)))))


def _change(row: UploadedRow, saved: Saved, base: Base, asked: Asked) -> Change:
    name = asked.names.get(row.slug, "")
    answer, reason = row.answer or saved.answer, row.reason or saved.reason
    refusal = row.refusal or _not_asked(row, asked)
    if refusal:
        return Change(Kind.REFUSED, row.slug, name, saved, refusal=refusal)
    if row.is_blank:
        return Change(Kind.BLANK, row.slug, name, saved)
    if mark(row.answer, row.reason) == base.mark or mark(answer, reason) == saved.mark:
        return Change(Kind.UNCHANGED, row.slug, name, saved)
    if answer == "not_applicable" and not reason:
        refusal = f"{REASON_LETTER}{row.number}: ‘Does not apply’ needs a reason. Write it there."
        return Change(Kind.REFUSED, row.slug, name, saved, refusal=refusal)
    return Change(_kind(saved, base), row.slug, name, saved, answer, reason)


def _kind(saved: Saved, base: Base) -> Kind:
    if saved.version != base.version:
        return Kind.CONFLICT
    return Kind.CHANGED if saved.answer else Kind.NEW


def _not_asked(row: UploadedRow, asked: Asked) -> str:
    if row.slug in asked.names:
        return ""
    if row.slug in asked.others:
        return f"{ID_LETTER}{row.number}: this statement is not asked of your organisation."
    if not row.slug:
        return (
            f"{ANSWER_LETTER}{row.number}: there is an answer, but no statement id in "
            f"{ID_LETTER}{row.number}."
        )
    return f"{ID_LETTER}{row.number}: ‘{row.slug[:60]}’ is not the id of a statement."
