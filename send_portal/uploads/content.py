"""From bytes to a kind of file, or to the reason why the file is not taken."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from typing import IO

from send_portal.uploads import kinds
from send_portal.uploads.kinds import LARGEST, FileType, RefusedError
from send_portal.uploads.office import office_type
from send_portal.uploads.pdf import check_pdf
from send_portal.uploads.pictures import check_jpeg, check_png
from send_portal.uploads.tables import check_csv
from send_portal.uploads.zips import LOCAL_MARK

HEAD = 4096
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CHECKS: dict[bytes, tuple[FileType, Callable[[IO[bytes]], None]]] = {
    b"%PDF-": (FileType.PDF, check_pdf),
    b"\x89PNG\r\n\x1a\n": (FileType.PNG, check_png),
    b"\xff\xd8\xff": (FileType.JPEG, check_jpeg),
}
SVG = re.compile(rb"<(\w+:)?svg\b", re.IGNORECASE)
HTML = re.compile(
    rb"<!doctype\s+html|<(html|head|body|script|iframe|object|embed|form|meta|link|style|img|base)\b"
    rb"|^\s*(mime-version|content-type|content-location)\s*:",
    re.IGNORECASE | re.MULTILINE,
)


def inspect(file: IO[bytes], name: str) -> FileType:
    """What this file is, from its content. The name only tells a CSV table from other text, which
    has no mark of its own.

    Reads through the file a few times and leaves it at its start. Raises RefusedError, whose
    message tells a person what to do.
    """
    try:
        return _inspect(file, name)
    finally:
        file.seek(0)


def _inspect(file: IO[bytes], name: str) -> FileType:
    size = file.seek(0, 2)
    if size == 0:
        raise RefusedError(kinds.EMPTY)
    if size > LARGEST:
        raise RefusedError(kinds.TOO_LARGE)
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(LOCAL_MARK):
        return office_type(file)
    for start, (file_type, check) in CHECKS.items():
        if head.startswith(start):
            check(file)
            _refuse_second_nature(file)
            return file_type
    _refuse_known(file, head)
    check_csv(file, name)
    return FileType.CSV


def _refuse_known(file: IO[bytes], head: bytes) -> None:
    """Say what a refused file is, when that can be told: it helps a person more than ‘no’."""
    if head.startswith(OLE):
        # A file with a password is the same container as the old formats.
        raise RefusedError(kinds.PASSWORD if _holds(file, "EncryptedPackage") else kinds.OLD_OFFICE)
    is_text = b"\x00" not in head
    if b"%PDF-" in head:
        raise RefusedError(kinds.MIXED)
    for mark, reason in kinds.KNOWN_AND_REFUSED:
        if head.startswith(mark.bytes, mark.place) and not (mark.is_word and is_text):
            raise RefusedError(reason)
    # Both also in the encoding with two bytes a letter.
    text = head.replace(b"\x00", b"")
    if SVG.search(text):
        raise RefusedError(kinds.DRAWING)
    if HTML.search(text):
        raise RefusedError(kinds.WEB_PAGE)


def _holds(file: IO[bytes], words: str) -> bool:
    wanted, before = words.encode("utf-16-le"), b""
    file.seek(0)
    while piece := file.read(1 << 16):
        if wanted in before + piece:
            return True
        before = piece[-len(wanted) :]
    return False


def _refuse_second_nature(file: IO[bytes]) -> None:
    """A file that another program would open as an archive."""
    file.seek(0)
    if zipfile.is_zipfile(file):
        raise RefusedError(kinds.MIXED)
