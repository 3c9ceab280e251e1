"""A file name that is safe to keep, to print and to send back."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from send_portal.uploads.kinds import FileType

LONGEST_NAME = 120
# Not allowed in names on Windows, or read as something else by a shell or a header.
UNSAFE = re.compile(r'[<>:"|?*%;`$]+')


def clean_name(name: str, file_type: FileType) -> str:
    """The last part of the name as people read it: nothing invisible, nothing that turns the
    direction of writing, no path, and the ending that fits what the file is."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(
        letter if letter.isprintable() else " " if letter.isspace() else ""
        for letter in unicodedata.normalize("NFC", last)
        if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"} or letter.isspace()
    )
    words = " ".join(UNSAFE.sub("_", seen).split()).strip(". ")
    path = PurePosixPath(words or "file")
    suffix = file_type.suffixes[0]
    stem, ending = path.stem, path.suffix
    if ending.lower() not in file_type.suffixes:
        stem, ending = path.name, suffix
    return f"{stem[: LONGEST_NAME - len(ending)].rstrip('. ')}{ending}"
