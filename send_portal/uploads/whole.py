from __future__ import annotations

import io
import mmap
from typing import IO

Data = bytes | mmap.mmap


def whole(file: IO[bytes]) -> Data:
    """The file as bytes. One that lies on disk, as every large upload does, is not read into memory."""
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError, io.UnsupportedOperation):
        file.seek(0)
        return file.read()
