"""The bytes of an uploaded file to parts that are safe to read.

An .xlsx file is a zip of XML files. Nothing is unpacked before its size is known, nothing is
parsed that declares entities, and the reader is handed a new file of the five parts that were
looked at here, under names that were chosen here: so what was checked is what is read.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from xml.sax import SAXParseException

from defusedxml import DefusedXmlException

from assessments.workbook.cells import TOO_MUCH, Cells, cells_of, check_quietly, listed
from assessments.workbook.layout import ABOUT, SCORES, WorkbookError

MB = 1024 * 1024
# The portal's own workbook has 60 KB, 400 KB unpacked; Excel adds little when it saves it.
MAX_FILE, MAX_UNPACKED, MAX_PART = 2 * MB, 20 * MB, 5 * MB
MAX_RATIO, MAX_MEMBERS = 60, 200

NOT_A_WORKBOOK = (
    "The selected file is not an Excel workbook. Select the file that you downloaded, "
    "saved as an Excel workbook (.xlsx)"
)
DAMAGED = (
    "The selected file is damaged. Open it in Excel, save it again as an Excel workbook (.xlsx), "
    "or download a new workbook and copy your answers into it"
)
OLD_EXCEL = "The selected file is in an older Excel format. Save it as an Excel workbook (.xlsx)"
PASSWORD = "The selected file has a password. Save it without a password"  # noqa: S105
MACROS = "The selected file can hold macros. Save it as an Excel workbook (.xlsx) without macros"
OPEN_DOCUMENT = "The selected file is an OpenDocument file. Save it as an Excel workbook (.xlsx)"
TOO_LARGE = "The selected file must be 2 MB or smaller. The workbook you downloaded is much smaller"
NO_SHEET = (
    "The sheet ‘{name}’ is missing or was renamed. "
    "Download a new workbook and copy your answers into it"
)

OLE2, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Package:
    """A clean workbook with two sheets, and what their cells are."""

    data: bytes
    scores: Cells
    about: Cells


def open_safely(data: bytes) -> Package:
    """The parts of a workbook that are read. Raises WorkbookError with what to do."""
    _check_kind(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            return _open(file, len(data))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise WorkbookError(DAMAGED) from error
    # The XML library reports an unknown encoding as either of these.
    except (SAXParseException, DefusedXmlException, LookupError, ValueError) as error:
        raise WorkbookError(DAMAGED) from error


def _check_kind(data: bytes) -> None:
    if len(data) > MAX_FILE:
        raise WorkbookError(TOO_LARGE)
    if data.startswith(OLE2):
        raise WorkbookError(PASSWORD if ENCRYPTED in data else OLD_EXCEL)
    if not data.startswith(ZIP):
        raise WorkbookError(NOT_A_WORKBOOK)


def _open(file: zipfile.ZipFile, size: int) -> Package:
    members = _members(file, size)

    def part(name: str) -> bytes:
        return _read(file, members[name]) if name in members else b""

    if "macroEnabled" in part("[Content_Types].xml").decode("utf-8", "replace"):
        raise WorkbookError(MACROS)
    paths = _sheet_paths(part("xl/workbook.xml"), part("xl/_rels/workbook.xml.rels"))
    sheets = {name: part(paths[name]) for name in (SCORES, ABOUT)}
    shared, styles = part("xl/sharedStrings.xml"), part("xl/styles.xml")
    for text in (shared, styles):
        if text:
            check_quietly(text)
    scores, about = (cells_of(sheets[name]) for name in (SCORES, ABOUT))
    return Package(_packed(sheets[SCORES], sheets[ABOUT], shared, styles), scores, about)


def _members(file: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """Name to entry, from the directory of the zip alone: nothing is unpacked yet."""
    entries = file.infolist()
    members = {entry.filename: entry for entry in entries}
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_MEMBERS or unpacked > min(MAX_UNPACKED, MAX_RATIO * size):
        raise WorkbookError(TOO_MUCH)
    if any(name.lower().endswith("vbaproject.bin") for name in members):
        raise WorkbookError(MACROS)
    if "mimetype" in members and "content.xml" in members:
        raise WorkbookError(OPEN_DOCUMENT)
    if "xl/workbook.xml" not in members:
        raise WorkbookError(NOT_A_WORKBOOK)
    if any(entry.flag_bits & 1 for entry in entries):
        raise WorkbookError(PASSWORD)
    if len(members) != len(entries):
        raise WorkbookError(DAMAGED)
    return members


def _read(file: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """One part, and never more of it than the directory said."""
    if entry.file_size > MAX_PART:
        raise WorkbookError(TOO_MUCH)
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise WorkbookError(DAMAGED)
    with file.open(entry) as part:
        return part.read(MAX_PART + 1)


def _sheet_paths(workbook: bytes, relations: bytes) -> dict[str, str]:
    """Where the two sheets stand in the file."""
    targets = {item.get("Id"): item.get("Target", "") for item in listed(relations, "Relationship")}
    sheets = listed(workbook, "sheet")
    paths = {}
    for name in (SCORES, ABOUT):
        ids = [item.get("id") for item in sheets if item.get("name") == name]
        if len(ids) != 1 or not targets.get(ids[0]):
            raise WorkbookError(NO_SHEET.format(name=name))
        paths[name] = posixpath.normpath(posixpath.join("/xl", targets[ids[0]])).lstrip("/")
    return paths


# ---- A new file of what was looked at ------------------------------------------------------------

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CONTENT_TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{TYPES}.worksheet+xml"/>'
    "</Types>"
)
RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    f'<sheet name="{SCORES}" sheetId="1" r:id="rId1"/><sheet name="{ABOUT}" sheetId="2" r:id="rId2"/>'
    "</sheets></workbook>"
)
WORKBOOK_RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/worksheet" Target="worksheets/sheet2.xml"/>'
    f'<Relationship Id="rId3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="rId4" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
)


def _packed(scores: bytes, about: bytes, shared: bytes, styles: bytes) -> bytes:
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELATIONS,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": WORKBOOK_RELATIONS,
        "xl/worksheets/sheet1.xml": scores,
        "xl/worksheets/sheet2.xml": about,
        "xl/sharedStrings.xml": shared or f'<sst xmlns="{MAIN}"/>',
        "xl/styles.xml": styles or f'<styleSheet xmlns="{MAIN}"/>',
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return made.getvalue()
