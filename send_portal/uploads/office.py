"""Word, Excel, PowerPoint and OpenDocument files: zip files with known parts."""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from send_portal.uploads import kinds
from send_portal.uploads.kinds import ODF, OOXML, FileType, RefusedError
from send_portal.uploads.zips import LOCAL_MARK, open_zip

TYPES, RELATIONS = "[Content_Types].xml", ".rels"
MAIN = {
    f"{OOXML}.wordprocessingml.document.main+xml": FileType.DOCX,
    f"{OOXML}.spreadsheetml.sheet.main+xml": FileType.XLSX,
    f"{OOXML}.presentationml.presentation.main+xml": FileType.PPTX,
}
OTHER_MAIN = re.compile(r"\.(template|slideshow|addin)\.main\+xml$")
# In a content type, in small letters.
MACRO_WORDS = ("macroenabled", "vbaproject", "vbadata", "macrosheet", "activex")
RELATION_REASONS = {
    "oleobject": kinds.EMBEDDED,
    "afchunk": kinds.EMBEDDED,
    "control": kinds.MACROS,
    "vbaproject": kinds.MACROS,
    "xlmacrosheet": kinds.MACROS,
    "externallink": kinds.OUTSIDE,
    "connections": kinds.OUTSIDE,
}
OPEN_DOCUMENT = {
    f"{ODF}.text": FileType.ODT,
    f"{ODF}.spreadsheet": FileType.ODS,
    f"{ODF}.presentation": FileType.ODP,
}
# Elements of an OpenDocument file by their local name. A click that turns a page is a listener
# too, so listeners are told apart by their namespace.
LISTENER = "urn:oasis:names:tc:opendocument:xmlns:script:1.0 event-listener"
HREF = "http://www.w3.org/1999/xlink href"
ELEMENT_REASONS = {
    "encryption-data": kinds.PASSWORD,
    "script": kinds.MACROS,
    "libraries": kinds.MACROS,
    "applet": kinds.MACROS,
    "plugin": kinds.EMBEDDED,
    "object-ole": kinds.EMBEDDED,
    "floating-frame": kinds.OUTSIDE,
    "dde-source": kinds.OUTSIDE,
    "dde-link": kinds.OUTSIDE,
    "dde-connection-decl": kinds.OUTSIDE,
    "table-source": kinds.OUTSIDE,
    "section-source": kinds.OUTSIDE,
}
LOOKED_THROUGH = ("META-INF/manifest.xml", "content.xml", "styles.xml")
OUTSIDE_ADDRESS = re.compile(r"^([a-z][a-z0-9+.-]*:|//|\\\\)", re.IGNORECASE)
# Parts by what they begin with.
PART_REASONS = {
    b"\xd0\xcf\x11\xe0": kinds.EMBEDDED,
    b"MZ": kinds.EMBEDDED,
    b"\x7fELF": kinds.EMBEDDED,
    b"L\x00\x00\x00\x01\x14\x02": kinds.EMBEDDED,
    b"%PDF-": kinds.EMBEDDED,
}
PART_ENDINGS = (
    ".exe", ".dll", ".com", ".scr", ".js", ".vbs", ".wsf", ".hta", ".lnk", ".bat", ".cmd", ".ps1",
    ".jar", ".msi", ".htm", ".html", ".mht", ".mhtml", ".swf", ".rtf",
)  # fmt: skip
# A field that makes Word ask another program: Dynamic Data Exchange.
DDE = re.compile(rb"DDEAUTO|instr(?:Text[^>]*>|=[\"'])\s*DDE\b")
LONGEST_FIELD = 200
# A few seconds of work, and far more than a document has.
MOST_ELEMENTS = 3_000_000
PIECE = 1 << 16
# A chart brings its figures as a workbook; that workbook brings nothing of the kind.
DEEPEST = 1
Handler = Callable[[str, dict[str, str]], None]
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError)


class Parts:
    """The parts of one document. `left` is how many elements of XML will still be read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = [part.filename for part in archive.infolist()]
        self.left = MOST_ELEMENTS

    def read(self, name: str, see: Handler) -> None:
        """Calls `see` for each element of an XML part, which is read in pieces and never held whole.

        Office writes no document type declarations, and they are how XML is made to explode.
        """

        def count(element: str, attributes: dict[str, str]) -> None:
            self.left -= 1
            if self.left < 0:
                raise RefusedError(kinds.PACKED)
            see(element, attributes)

        def refuse(*_: object) -> None:
            raise RefusedError(kinds.PACKED)

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = count
        parser.StartDoctypeDeclHandler = refuse
        try:
            with self.archive.open(name) as stream:
                parser.ParseFile(stream)
        except expat.ExpatError as error:
            raise RefusedError(kinds.DAMAGED) from error


def office_type(file: IO[bytes], depth: int = 0) -> FileType:
    """Which kind of document this zip file is. Raises RefusedError."""
    with open_zip(file) as archive:
        parts = Parts(archive)
        try:
            if TYPES in parts.names:
                found = _check_office(parts)
            elif parts.names[0] == "mimetype":
                found = _check_open_document(parts)
            else:
                raise RefusedError(kinds.ARCHIVE)
            for part in archive.infolist():
                _check_part(archive, part, depth)
        except UNREADABLE as error:
            raise RefusedError(kinds.DAMAGED) from error
    return found


def _check_office(parts: Parts) -> FileType:
    found: set[str] = set()

    def see_type(_: str, attributes: dict[str, str]) -> None:
        found.add(attributes.get("ContentType", "").lower())

    parts.read(TYPES, see_type)
    if any(word in content_type for content_type in found for word in MACRO_WORDS):
        raise RefusedError(kinds.MACROS)
    mains = {MAIN[content_type] for content_type in found if content_type in MAIN}
    if not mains and any(OTHER_MAIN.search(content_type) for content_type in found):
        raise RefusedError(kinds.OTHER_OFFICE)
    if len(mains) != 1 or "_rels/.rels" not in parts.names:
        raise RefusedError(kinds.DAMAGED if mains else kinds.UNKNOWN)
    for name in parts.names:
        if name.lower().endswith(RELATIONS):
            parts.read(name, _see_relation)
        elif name.startswith("word/") and name.endswith(".xml"):
            _refuse_dde(parts.archive, name)
    return mains.pop()


def _see_relation(_: str, attributes: dict[str, str]) -> None:
    kind = attributes.get("Type", "").rsplit("/", 1)[-1].lower()
    # A link that a person may follow is no harm; whatever is fetched on opening is.
    if attributes.get("TargetMode", "").lower() == "external" and kind != "hyperlink":
        raise RefusedError(kinds.OUTSIDE)
    if reason := RELATION_REASONS.get(kind):
        raise RefusedError(reason)


def _refuse_dde(archive: zipfile.ZipFile, part: str) -> None:
    before = b""
    with archive.open(part) as stream:
        while piece := stream.read(PIECE):
            if b"DDE" in before + piece and DDE.search(before + piece):
                raise RefusedError(kinds.OUTSIDE)
            before = piece[-LONGEST_FIELD:]


def _check_open_document(parts: Parts) -> FileType:
    first = parts.archive.infolist()[0]
    if first.compress_type != zipfile.ZIP_STORED or first.file_size > 100:
        raise RefusedError(kinds.DAMAGED)
    found = OPEN_DOCUMENT.get(parts.archive.read(first).decode("ascii", "replace"))
    if found is None:
        raise RefusedError(kinds.UNKNOWN)
    if "META-INF/manifest.xml" not in parts.names:
        raise RefusedError(kinds.DAMAGED)
    if any(name.startswith(("Basic/", "Scripts/")) for name in parts.names):
        raise RefusedError(kinds.MACROS)
    for name in parts.names:
        if name.endswith(LOOKED_THROUGH):
            parts.read(name, _see_element)
    return found


def _see_element(name: str, attributes: dict[str, str]) -> None:
    local = name.rsplit(" ", 1)[-1]
    if name == LISTENER:
        raise RefusedError(kinds.MACROS)
    if reason := ELEMENT_REASONS.get(local):
        raise RefusedError(reason)
    if local == "image" and OUTSIDE_ADDRESS.match(attributes.get(HREF, "")):
        raise RefusedError(kinds.OUTSIDE)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, depth: int) -> None:
    """By name and by what it begins with; a workbook behind a chart is looked at like any other."""
    name = part.filename.lower()
    if name.endswith(("vbaproject.bin", "vbadata.xml")) or "/activex/" in name:
        raise RefusedError(kinds.MACROS)
    if name.endswith(PART_ENDINGS):
        raise RefusedError(kinds.EMBEDDED)
    if not part.file_size:
        return
    with archive.open(part) as stream:
        head = stream.read(8)
        for start, reason in PART_REASONS.items():
            if head.startswith(start):
                raise RefusedError(reason)
        if not head.startswith(LOCAL_MARK):
            return
        if depth >= DEEPEST or "/embeddings/" not in name:
            raise RefusedError(kinds.EMBEDDED)
    with archive.open(part) as stream, tempfile.SpooledTemporaryFile(max_size=1 << 20) as copy:
        shutil.copyfileobj(stream, copy)
        office_type(copy, depth + 1)
