"""CSV: text in rows and columns. Formulas in it are left as they are: the portal never opens the
table, and sends it back byte for byte as an attachment."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import IO

from send_portal.uploads import kinds
from send_portal.uploads.kinds import RefusedError

PIECE = 1 << 16
# Windows' own encoding, for what Excel saves as plain CSV.
ENCODINGS = ("utf-8-sig", "cp1252")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
TAG = re.compile(
    r"<\s*/?\s*(!doctype|html|head|body|script|iframe|object|embed|svg|img|form|meta|link|style|base|\?xml)\b"
    r"|<\?",
    re.IGNORECASE,
)
LONGEST_TAG = 64
ROWS_LOOKED_AT = 20


def check_csv(file: IO[bytes], name: str) -> None:
    """Raises RefusedError unless the whole file is text, without HTML, and begins as a table."""
    starts = (_start_of(file, encoding) for encoding in ENCODINGS)
    start = next((text for text in starts if text is not None), None)
    if start is None:
        is_table = name.lower().endswith(".csv")
        raise RefusedError(kinds.CSV_ENCODING if is_table else kinds.UNKNOWN)
    if not name.lower().endswith(".csv"):
        raise RefusedError(kinds.PLAIN_TEXT)
    if not _is_table(start):
        raise RefusedError(kinds.NO_TABLE)


def _start_of(file: IO[bytes], encoding: str) -> str | None:
    """Reads all of it in this encoding: its first stretch, or None where it is not such text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    start, before, done = "", "", False
    while not done:
        piece = file.read(PIECE)
        done = not piece
        try:
            text = decoder.decode(piece, final=done)
        except UnicodeDecodeError:
            return None
        if CONTROL.search(text):
            return None
        if TAG.search(before + text):
            raise RefusedError(kinds.WEB_PAGE)
        start, before = start or text, text[-LONGEST_TAG:]
    return start


def _is_table(start: str) -> bool:
    """At least two columns in one of the first rows, by one of the usual separators."""
    lines = start.splitlines()[:ROWS_LOOKED_AT]
    for separator in ",;\t|":
        try:
            rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=separator))
        except csv.Error:
            continue
        if any(len(row) > 1 for row in rows):
            return True
    return False
