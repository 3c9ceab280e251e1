"""The kinds of file that are taken, and why others are not."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import TextChoices

LARGEST = 20 * 1024 * 1024  # bytes

OOXML = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"


class FileType(TextChoices):
    PDF = "pdf", "PDF"
    DOCX = "docx", "Word"
    XLSX = "xlsx", "Excel"
    PPTX = "pptx", "PowerPoint"
    ODT = "odt", "OpenDocument text"
    ODS = "ods", "OpenDocument spreadsheet"
    ODP = "odp", "OpenDocument presentation"
    CSV = "csv", "CSV table"
    PNG = "png", "PNG picture"
    JPEG = "jpg", "JPEG picture"

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self]

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Endings of a name that fit; the first is the usual one."""
        return (".jpg", ".jpeg") if self is FileType.JPEG else (f".{self.value}",)


CONTENT_TYPES = {
    FileType.PDF: "application/pdf",
    FileType.DOCX: f"{OOXML}.wordprocessingml.document",
    FileType.XLSX: f"{OOXML}.spreadsheetml.sheet",
    FileType.PPTX: f"{OOXML}.presentationml.presentation",
    FileType.ODT: f"{ODF}.text",
    FileType.ODS: f"{ODF}.spreadsheet",
    FileType.ODP: f"{ODF}.presentation",
    FileType.CSV: "text/csv",
    FileType.PNG: "image/png",
    FileType.JPEG: "image/jpeg",
}


class RefusedError(Exception):
    """The file is not taken. The message is for the person, and says what to do."""


class Mark(NamedTuple):
    """Bytes at a place near the start that tell what a file is. `is_word`: a table may begin with
    the same letters."""

    place: int
    bytes: bytes
    is_word: bool = False


EMPTY = "The file is empty. Select another one"
TOO_LARGE = "The file must be 20 MB or smaller. Make its pictures smaller, or give a web address"
UNKNOWN = (
    "This kind of file is not taken. Save it as PDF, Word, Excel, PowerPoint, OpenDocument, "
    "CSV, PNG or JPEG, and select that"
)
DAMAGED = "The file is damaged or not complete. Open it, save it under a new name, and select that"
MIXED = (
    "Something else is hidden before or after the document in this file. Open it, save it under "
    "a new name, and select that"
)
PACKED = "The file unpacks to far more than it should. Open it, save it again, and select that"
PASSWORD = "The file is protected with a password. Remove the password, save it, and select that"  # noqa: S105
OLD_OFFICE = "This is an old Office format. Open the file, save it as .docx, .xlsx, .pptx or PDF, and select that"
OTHER_OFFICE = (
    "This is a template or slide show. Save it as .docx, .xlsx, .pptx or PDF, and select that"
)
MACROS = (
    "The file has macros or other parts that run. Save it without them as .docx, .xlsx, .pptx "
    "or PDF, and select that"
)
EMBEDDED = "Another file is embedded in this one. Save it as PDF and select that, or add each file by itself"
OUTSIDE = (
    "The file takes content from somewhere else, such as another workbook or a template. "
    "Break the links or save it as PDF, and select that"
)
RUNS = "This PDF runs actions or holds other files. Print it to a new PDF, and select that"
PROGRAM = "This is a program, script or shortcut. Those are never taken"
WEB_PAGE = "This is a web page or has HTML in it. Print it to PDF, or give its web address"
DRAWING = "This is an SVG drawing. Save it as PNG or PDF, and select that"
PICTURE = "This kind of picture is not taken. Save it as PNG or JPEG, and select that"
HUGE_PICTURE = "The picture has more than 100 million pixels. Make it smaller, and select that"
ARCHIVE = "This is an archive. Unpack it, and add the documents in it one by one"
PLAIN_TEXT = (
    "Plain text is only taken as a CSV table with a name that ends in .csv. Save other text as PDF"
)
NO_TABLE = (
    "This is not a table: the first rows have no columns parted by commas, semicolons or tabs"
)
CSV_ENCODING = "This table cannot be read. In Excel, save it as ‘CSV UTF-8’, and select that"

# What a file begins with, and why it is refused. Content decides: a name proves nothing.
KNOWN_AND_REFUSED: list[tuple[Mark, str]] = [
    (Mark(0, b"MZ", is_word=True), PROGRAM),
    (Mark(0, b"\x7fELF"), PROGRAM),
    (Mark(0, b"\xca\xfe\xba\xbe"), PROGRAM),
    (Mark(0, b"\xcf\xfa\xed\xfe"), PROGRAM),
    (Mark(0, b"\xfe\xed\xfa\xcf"), PROGRAM),
    (Mark(0, b"L\x00\x00\x00\x01\x14\x02\x00"), PROGRAM),
    (Mark(0, b"#!"), PROGRAM),
    (Mark(0, b"\x00asm"), PROGRAM),
    (Mark(0, b"[InternetShortcut]"), PROGRAM),
    (Mark(0, b"{\\rtf"), OLD_OFFICE),
    (Mark(0, b"GIF8"), PICTURE),
    (Mark(0, b"BM", is_word=True), PICTURE),
    (Mark(0, b"II*\x00"), PICTURE),
    (Mark(0, b"MM\x00*"), PICTURE),
    (Mark(8, b"WEBP"), PICTURE),
    (Mark(4, b"ftyphei"), PICTURE),
    (Mark(4, b"ftypmif"), PICTURE),
    (Mark(4, b"ftypavif"), PICTURE),
    (Mark(0, b"Rar!"), ARCHIVE),
    (Mark(0, b"7z\xbc\xaf\x27\x1c"), ARCHIVE),
    (Mark(0, b"\x1f\x8b"), ARCHIVE),
    (Mark(0, b"BZh"), ARCHIVE),
    (Mark(0, b"\xfd7zXZ"), ARCHIVE),
    (Mark(0, b"PK\x05\x06"), ARCHIVE),
    (Mark(257, b"ustar"), ARCHIVE),
]
