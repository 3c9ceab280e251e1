"""A zip file's own list of what is in it, checked before anything is unpacked."""

from __future__ import annotations

import struct
import zipfile
from itertools import pairwise
from typing import IO

from send_portal.uploads import kinds
from send_portal.uploads.kinds import RefusedError

LOCAL_MARK, END_MARK = b"PK\x03\x04", b"PK\x05\x06"
LOCAL = struct.Struct("<4s5H3L2H")
END = struct.Struct("<4s4H2LH")
MOST_PARTS = 5_000
LARGEST_LIST = 2 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
# A part larger than this may not be packed tighter than 1 to 200; documents stay below 1 to 50.
RATIO_COUNTS_FROM = 10 * 1024 * 1024
HIGHEST_RATIO = 200
ENCRYPTED, SIZES_FOLLOW, UTF8 = 0x1, 0x8, 0x800
LONGEST_COMMENT = 1 << 16


def open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    """The archive, once its list is short, its parts are where the list says and lie in a row,
    nothing stands before or after them, and unpacking them could not fill a disk.

    Raises RefusedError.
    """
    list_starts = _check_end(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise RefusedError(kinds.DAMAGED) from error
    parts = archive.infolist()
    for part in parts:
        _check_part(part)
    if len({part.filename.lower() for part in parts}) != len(parts):
        raise RefusedError(kinds.MIXED)
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise RefusedError(kinds.PACKED)
    _check_places(file, parts, list_starts)
    return archive


def _check_end(file: IO[bytes]) -> int:
    """Where the list of parts starts. Its length is checked before it is read."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END.size - LONGEST_COMMENT))
    tail = file.read()
    if len(tail) < END.size or not tail.startswith(END_MARK, len(tail) - END.size):
        raise RefusedError(kinds.MIXED if END_MARK in tail else kinds.DAMAGED)
    _, disk, list_disk, here, count, length, start, comment = END.unpack(tail[-END.size :])
    if disk or list_disk or here != count or comment:
        raise RefusedError(kinds.MIXED)
    if count > MOST_PARTS or length > LARGEST_LIST:
        raise RefusedError(kinds.PACKED)
    if start + length + END.size != size:
        raise RefusedError(kinds.MIXED)
    return start


def _check_part(part: zipfile.ZipInfo) -> None:
    name = part.orig_filename
    if (
        not name.isprintable()
        or name.startswith("/")
        or "\\" in name
        or ":" in name
        or ".." in name.split("/")
    ):
        raise RefusedError(kinds.MIXED)
    if part.flag_bits & ENCRYPTED:
        raise RefusedError(kinds.PASSWORD)
    if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise RefusedError(kinds.DAMAGED)
    if part.file_size > max(RATIO_COUNTS_FROM, HIGHEST_RATIO * part.compress_size):
        raise RefusedError(kinds.PACKED)


def _check_places(file: IO[bytes], parts: list[zipfile.ZipInfo], list_starts: int) -> None:
    """Parts that overlap are how a small archive unpacks to a huge one; a part whose own head
    says something else than the list is read differently by different programs."""
    if not parts:
        raise RefusedError(kinds.ARCHIVE)
    ranges = sorted((part.header_offset, _end_of(file, part)) for part in parts)
    if ranges[0][0] != 0 or ranges[-1][1] > list_starts:
        raise RefusedError(kinds.MIXED)
    if any(end > start for (_, end), (start, _) in pairwise(ranges)):
        raise RefusedError(kinds.PACKED)


def _end_of(file: IO[bytes], part: zipfile.ZipInfo) -> int:
    file.seek(part.header_offset)
    head = file.read(LOCAL.size)
    if len(head) < LOCAL.size:
        raise RefusedError(kinds.DAMAGED)
    mark, _, flags, method, _, _, _, packed, unpacked, name_length, extra = LOCAL.unpack(head)
    name = part.orig_filename.encode("utf-8" if part.flag_bits & UTF8 else "cp437", "replace")
    sizes = (packed, unpacked)
    # Some writers know the sizes only afterwards, or put them into a wider field.
    known = not flags & SIZES_FOLLOW and 0xFFFFFFFF not in sizes
    if (
        mark != LOCAL_MARK
        or method != part.compress_type
        or flags & ENCRYPTED
        or file.read(name_length) != name
        or (known and sizes != (part.compress_size, part.file_size))
    ):
        raise RefusedError(kinds.DAMAGED)
    return part.header_offset + LOCAL.size + name_length + extra + part.compress_size
