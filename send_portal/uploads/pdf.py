"""PDF: where it begins and ends, and names in it that run something or hold another file.

Done by hand rather than with a PDF library: the names are looked for wherever a reader could find
them, also in packed parts, in constant memory and within a fixed amount of work. A library that
builds the document would do as it is told by a file that unpacks without end.
"""

from __future__ import annotations

import re
import zlib
from typing import IO

from send_portal.uploads import kinds
from send_portal.uploads.kinds import RefusedError
from send_portal.uploads.whole import Data, whole

PIECE = 1 << 16
TAIL = 4096
# Looking through as much takes a few seconds at worst.
MOST_UNPACKED = 120 * 1024 * 1024
MOST_STREAMS = 50_000
LONGEST_NAME = 80  # bytes, also when every letter is written as #xx


def names(*words: str) -> re.Pattern[bytes]:
    """These names as a PDF may write them: any letter also as #xx."""
    spelt = (
        "".join(f"(?:{letter}|#{_either_case(ord(letter))})" for letter in word) for word in words
    )
    return re.compile(f"/(?:{'|'.join(spelt)})(?![A-Za-z0-9#])".encode())


def _either_case(code: int) -> str:
    return "".join(
        f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in f"{code:02x}"
    )


RUNS = names(
    "JavaScript", "Launch", "ImportData", "Rendition", "RichMedia", "XFA",
    "EmbeddedFile", "EmbeddedFiles", "FileAttachment",
)  # fmt: skip
ENCRYPT = names("Encrypt")
OBJECT_STREAM = names("ObjStm")
OTHER_FILTER = names(
    "Predictor", "Crypt", "LZWDecode", "ASCII85Decode", "ASCIIHexDecode", "RunLengthDecode"
)
STREAM = re.compile(rb"(?<!end)stream\r?\n")
# Room for the dictionary that stands before a stream.
BEFORE_STREAM = 1024


def check_pdf(file: IO[bytes]) -> None:
    """Raises RefusedError when it is not one whole PDF, is locked, or does more than show pages."""
    data = whole(file)
    _check_end(data)
    if ENCRYPT.search(data):
        raise RefusedError(kinds.PASSWORD)
    if RUNS.search(data):
        raise RefusedError(kinds.RUNS)
    left = MOST_UNPACKED
    for number, found in enumerate(STREAM.finditer(data)):
        if number >= MOST_STREAMS:
            raise RefusedError(kinds.PACKED)
        _check_packing(data, found.start())
        left -= _check_stream(data, found.end(), left)


def _check_end(data: Data) -> None:
    tail = data[-TAIL:]
    _, mark, after = tail.rpartition(b"%%EOF")
    if not mark:
        raise RefusedError(kinds.MIXED if data.rfind(b"%%EOF") > 0 else kinds.DAMAGED)
    if after.strip(b"\x00\t\n\x0c\r "):
        raise RefusedError(kinds.MIXED)


def _check_packing(data: Data, place: int) -> None:
    """Objects are only looked at where they are packed in the usual way; other ways would hide them."""
    dictionary = data[max(0, place - BEFORE_STREAM) : place].rpartition(b"obj")[2]
    if OBJECT_STREAM.search(dictionary) and OTHER_FILTER.search(dictionary):
        raise RefusedError(kinds.RUNS)


def _check_stream(data: Data, place: int, left: int) -> int:
    """Looks through one packed stream piece by piece; how many bytes came out of it."""
    head = data[place : place + 2]
    if len(head) < 2 or head[0] & 15 != 8 or (head[0] * 256 + head[1]) % 31:
        return 0
    unpack, before, total, waiting = zlib.decompressobj(), b"", 0, b""
    while not unpack.eof:
        if not waiting:
            waiting = data[place : place + PIECE]
            place += PIECE
        try:
            piece = unpack.decompress(waiting, PIECE)
        except zlib.error:
            break
        waiting = unpack.unconsumed_tail
        total += len(piece)
        if total > left:
            raise RefusedError(kinds.PACKED)
        if RUNS.search(before + piece):
            raise RefusedError(kinds.RUNS)
        before = piece[-LONGEST_NAME:]
        if not waiting and not piece and place >= len(data):
            break
    return total
