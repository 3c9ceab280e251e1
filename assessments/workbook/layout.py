"""What stands where in the workbook, and the values that go in and come out. Knows no database."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

# Raise it when a column or an item of ‘About’ moves or changes its meaning.
FORMAT = 1
README, SCORES, ABOUT = "Read me", "Scores", "About"

# Columns of ‘Scores’, counted from 0.
CODE, STATEMENT_ID, INGREDIENT, STATEMENT, PLAIN, FIRST_LEVEL = range(6)
ANSWER, REASON = FIRST_LEVEL + 4, FIRST_LEVEL + 5
ANSWER_LETTER, REASON_LETTER, ID_LETTER = "J", "K", "B"
READ_COLUMNS = (STATEMENT_ID, ANSWER, REASON)
HEADERS = {STATEMENT_ID: "Statement id", ANSWER: "Your answer", REASON: "Why this answer?"}

# What the drop-down offers: the words of the page, to the answer as it is saved.
ANSWER_WORDS = {
    "1": "1",
    "2": "2",
    "3": "3",
    "4": "4",
    "Cannot say": "cannot_say",
    "Does not apply": "not_applicable",
}
WORDS_OF_ANSWER = {answer: words for words, answer in ANSWER_WORDS.items()}

# Items of ‘About’ that must be the same on the way back.
ABOUT_FORMAT = "Format"
ABOUT_SAVED = "Saved answer of "


class WorkbookError(Exception):
    """The file cannot be used. The message is for the person and says what to do."""


def tidy(text: str) -> str:
    """A text as a cell keeps it: one kind of line end, no control characters, no blank ends."""
    if text.isprintable():
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or _is_kept(c)).strip()


def _is_kept(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cs"} and ord(character) & 0xFFFE != 0xFFFE


def mark(answer: str, reason: str) -> str:
    """A short sign of one answer, by which a row that nobody touched is known again."""
    return hashlib.sha256(f"{answer}\n{tidy(reason)}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Saved:
    """What the portal holds for one statement; version 0 where it holds nothing."""

    answer: str = ""
    reason: str = ""
    version: int = 0
    by: str = ""
    at: datetime | None = None

    @property
    def mark(self) -> str:
        return mark(self.answer, self.reason)


@dataclass(frozen=True)
class Base:
    """What the portal held for one statement when the workbook was downloaded."""

    version: int
    mark: str


NOTHING = Saved()
NO_BASE = Base(0, NOTHING.mark)


@dataclass(frozen=True)
class Identity:
    """Whose scores these are, and of what. An upload must agree in every item."""

    area: str
    assessment: int
    partner_return: int
    framework: str
    fingerprint: str

    def items(self) -> dict[str, str]:
        """The item of ‘About’ to its value, in the order in which they are compared."""
        return {
            "Area code": self.area,
            "Assessment": str(self.assessment),
            "Partner return": str(self.partner_return),
            "Framework": self.framework,
            "Framework fingerprint": self.fingerprint,
        }


@dataclass(frozen=True)
class Line:
    """One row of ‘Scores’."""

    code: str
    slug: str
    ingredient: str
    title: str
    text: str
    plain: str
    levels: tuple[str, str, str, str]
    saved: Saved = NOTHING


@dataclass(frozen=True)
class Contents:
    """Everything that the workbook prints."""

    identity: Identity
    area: str
    partner: str
    title: str
    closes_on: date
    address: str
    is_open: bool
    is_demonstration: bool
    downloaded_at: datetime
    level_labels: Mapping[int, str]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class UploadedRow:
    """One row of ‘Scores’ as it came back: blank is "" and says nothing.

    number: the row in the sheet. refusal: why this row cannot be used, in words, or "".
    """

    number: int
    slug: str
    answer: str = ""
    reason: str = ""
    refusal: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.answer or self.reason or self.refusal)


@dataclass(frozen=True)
class Upload:
    """A workbook that came back and is for this return."""

    rows: tuple[UploadedRow, ...]
    bases: Mapping[str, Base] = field(default_factory=dict)
