"""Files of evidence: written to the store, and taken from it again when nothing refers to them."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import Error
from django.utils import timezone

from assessments.models import Evidence
from send_portal.uploads import FileType

# Long after any request has ended, so that no file is taken from under one that is being saved.
ORPHAN_AFTER = timedelta(days=1)

logger = logging.getLogger(__name__)


class FileStoreError(Exception):
    """The store of files did not answer, or has no room. The message is for the person."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was looked at: what it is, and its name made safe."""

    file: File[bytes]
    name: str
    type: FileType


def store() -> Storage:
    return storages["evidence"]


@contextmanager
def stored(upload: Upload | None) -> Iterator[dict[str, Any]]:
    """Write a file to the store under a random name; gives the fields of Evidence that tell of it.

    What happens inside must end with the commit. If it fails, the file is taken away again.
    Raises FileStoreError when the file could not be written.
    """
    if upload is None:
        yield {}
        return
    fields = _write(upload)
    try:
        yield fields
    except BaseException:
        _take_away(fields["stored_as"])
        raise


def _write(upload: Upload) -> dict[str, Any]:
    digest = hashlib.sha256()
    for chunk in upload.file.chunks():
        digest.update(chunk)
    size = upload.file.size
    upload.file.seek(0)
    name = secrets.token_hex(20)
    try:
        name = store().save(name, upload.file)
    except Exception as error:
        # Every store fails in ways of its own: a full disk, a host that is gone, a wrong key.
        logger.exception("A file of evidence could not be stored")
        _take_away(name)  # the half of it that found room
        raise FileStoreError("The file could not be saved just now. Try again later.") from error
    return {
        "stored_as": name,
        "file_name": upload.name,
        "file_type": upload.type.value,
        "file_size": size,
        "file_sha256": digest.hexdigest(),
    }


def _take_away(name: str) -> None:
    """Only a file that no row names: when the database went away during the commit, nobody knows
    whether there is one. What stays here is found by `clear_orphans`."""
    try:
        if not Evidence.objects.filter(stored_as=name).exists():
            store().delete(name)
    except Error:
        logger.warning("It is not known whether a stored file is of use; it stays for now")
    except Exception:
        logger.exception("A stored file could not be taken away")


def clear_orphans() -> int:
    """Delete stored files that no evidence names and that are older than a day; how many."""
    try:
        _, names = store().listdir("")
    except FileNotFoundError:
        return 0
    known = set(Evidence.objects.exclude(stored_as="").values_list("stored_as", flat=True))
    before = timezone.now() - ORPHAN_AFTER
    orphans = [
        name for name in names if name not in known and store().get_modified_time(name) < before
    ]
    for name in orphans:
        store().delete(name)
    return len(orphans)
