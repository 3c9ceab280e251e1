"""Looks into the XML of a workbook, in constant memory: what is in a sheet that must not be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml.sax import parseString

from assessments.workbook.layout import WorkbookError

MAX_DEPTH = 40
# Rows and columns that may hold something, and what may stand in the sheet besides.
MAX_ROW, MAX_COLUMN, MAX_ROWS, MAX_CELLS = 1_000, 50, 5_000, 50_000
TOO_MUCH = (
    "The selected file unpacks to far more than a workbook of the portal. "
    "Download a new workbook and copy your answers into it"
)
CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass
class Cells:
    """What the reader must know of a sheet and does not tell: which cells hold no plain value."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    areas: list[tuple[int, int, int, int]] = field(default_factory=list)
    errors: set[tuple[int, int]] = field(default_factory=set)

    def is_formula(self, row: int, column: int) -> bool:
        """Rows and columns from 1. Also true for a cell that another cell's formula fills."""
        return (row, column) in self.formulas or any(
            top <= row <= bottom and left <= column <= right
            for top, left, bottom, right in self.areas
        )


class Quiet(ContentHandler):
    """Refuses what is nested too deeply; hands on elements without their prefix."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise WorkbookError(TOO_MUCH)
        self.opened(name.rpartition(":")[2], attrs)

    def endElement(self, name: str) -> None:  # noqa: N802
        self.depth -= 1

    def opened(self, name: str, attrs: AttributesImpl) -> None:
        """An element begins."""


class Listing(Quiet):
    """The attributes of every element of one name."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.found: list[dict[str, str]] = []

    def opened(self, name: str, attrs: AttributesImpl) -> None:
        if name == self.wanted:
            self.found.append({key.rpartition(":")[2]: value for key, value in attrs.items()})


def listed(xml: bytes, wanted: str) -> list[dict[str, str]]:
    """The attributes of every element of this name, in order."""
    listing = Listing(wanted)
    parseString(xml, listing, forbid_dtd=True)
    return listing.found


class SheetHandler(Quiet):
    """Where formulas and errors stand, in constant memory; refuses what is far too large."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = Cells()
        self.row = self.column = self.rows = self.count = 0
        self.act: dict[str, Callable[[AttributesImpl], None]] = {
            "row": self.on_row, "c": self.on_cell, "f": self.on_formula,
            "v": self.on_value, "is": self.on_value,
        }  # fmt: skip

    def opened(self, name: str, attrs: AttributesImpl) -> None:
        if name in self.act:
            self.act[name](attrs)

    def on_row(self, attrs: AttributesImpl) -> None:
        self.row, self.column = int(attrs.get("r", str(self.row + 1))), 0
        self.rows += 1
        if self.rows > MAX_ROWS:
            raise WorkbookError(TOO_MUCH)

    def on_cell(self, attrs: AttributesImpl) -> None:
        # Without an address a cell follows the one before it.
        self.column += 1
        if "r" in attrs:
            self.row, self.column = place(attrs["r"])
        self.count += 1
        if self.count > MAX_CELLS:
            raise WorkbookError(TOO_MUCH)
        if attrs.get("t") == "e":
            self.cells.errors.add((self.row, self.column))

    def on_formula(self, attrs: AttributesImpl) -> None:
        self.cells.formulas.add((self.row, self.column))
        if "ref" in attrs:
            first, _, last = attrs["ref"].partition(":")
            self.cells.areas.append((*place(first), *place(last or first)))

    def on_value(self, attrs: AttributesImpl) -> None:
        # The reader lays out every cell between the first and the last.
        if self.row > MAX_ROW or self.column > MAX_COLUMN:
            raise WorkbookError(TOO_MUCH)


def place(address: str) -> tuple[int, int]:
    """ "J12" to (12, 10). Raises ValueError on anything else."""
    found = CELL.fullmatch(address.replace("$", ""))
    if found is None:
        raise ValueError(f"address: {address[:20]}")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def check_quietly(xml: bytes) -> None:
    """Refuses entities, a document type and deep nesting."""
    parseString(xml, Quiet(), forbid_dtd=True)


def cells_of(sheet: bytes) -> Cells:
    """Where formulas and errors stand in a sheet. Raises WorkbookError when it holds too much."""
    handler = SheetHandler()
    parseString(sheet, handler, forbid_dtd=True)
    return handler.cells
