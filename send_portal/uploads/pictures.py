"""PNG and JPEG. They are walked from part to part, never drawn: a small file can hold a picture
that would fill the memory, and what follows its end is no picture."""

from __future__ import annotations

import re
import struct
from typing import IO

from PIL import Image

from send_portal.uploads import kinds
from send_portal.uploads.kinds import RefusedError
from send_portal.uploads.whole import Data, whole

MOST_PIXELS = 100_000_000
# What Pillow raises at files that are not what they say.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)


def check_png(file: IO[bytes]) -> None:
    size = file.seek(0, 2)
    file.seek(8)
    place, ended = 8, False
    while place < size and not ended:
        head = file.read(8)
        if len(head) < 8:
            raise RefusedError(kinds.DAMAGED)
        length, kind = struct.unpack(">L4s", head)
        if place == 8:
            _check_size(*_png_size(file, kind))
        ended = kind == b"IEND"
        place += 12 + length
        file.seek(place)
    if not ended or place > size:
        raise RefusedError(kinds.DAMAGED)
    if place < size:
        raise RefusedError(kinds.MIXED)
    _check_with_pillow(file, "PNG")


def _png_size(file: IO[bytes], kind: bytes) -> tuple[int, int]:
    body = file.read(8)
    if kind != b"IHDR" or len(body) < 8:
        raise RefusedError(kinds.DAMAGED)
    width, height = struct.unpack(">2L", body)
    return width, height


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise RefusedError(kinds.DAMAGED)
    if width * height > MOST_PIXELS:
        raise RefusedError(kinds.HUGE_PICTURE)


def _check_with_pillow(file: IO[bytes], kind: str) -> None:
    """The library's own look at the whole of a PNG (checksums) and the head of a JPEG."""
    file.seek(0)
    try:
        with Image.open(file, formats=(kind,)) as image:
            _check_size(*image.size)
            image.verify()
    except BROKEN as error:
        raise RefusedError(kinds.DAMAGED) from error


# ---- JPEG --------------------------------------------------------------------------------------

END, SCAN, START = 0xD9, 0xDA, 0xD8
# Markers that stand alone, without a length.
ALONE = {0x01, *range(0xD0, 0xD8)}
# What ends the picture itself: neither a stuffed byte nor a restart.
NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def check_jpeg(file: IO[bytes]) -> None:
    """Telephones put further JPEGs (a preview, a second exposure) behind the first: those pass."""
    data = whole(file)
    place = 0
    while place < len(data):
        if data[place : place + 3] != b"\xff\xd8\xff":
            if data[place:].strip(b"\x00\r\n"):
                raise RefusedError(kinds.MIXED)
            break
        place = _after_one_jpeg(data, place + 2)
    _check_with_pillow(file, "JPEG")


def _after_one_jpeg(data: Data, place: int) -> int:
    """Where the picture that starts before `place` ends."""
    while place + 4 <= len(data) or data[place : place + 2] == b"\xff\xd9":
        if data[place] != 0xFF:
            raise RefusedError(kinds.DAMAGED)
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker == END:
            return place + 2
        if marker in ALONE:
            place += 2
            continue
        place = _after_segment(data, place, marker)
    raise RefusedError(kinds.DAMAGED)


def _after_segment(data: Data, place: int, marker: int) -> int:
    length = int.from_bytes(data[place + 2 : place + 4], "big")
    if length < 2 or marker == START:
        raise RefusedError(kinds.DAMAGED)
    if marker in FRAMES and place + 9 <= len(data):
        _check_size(*reversed(struct.unpack_from(">2H", data, place + 5)))
    place += 2 + length
    if marker != SCAN:
        return place
    after_scan = NEXT_MARKER.search(data, place)
    if after_scan is None:
        raise RefusedError(kinds.DAMAGED)
    return after_scan.start()
