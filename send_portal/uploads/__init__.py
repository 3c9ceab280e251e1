"""What an uploaded file really is, found out from its content alone.

No library for guessing types is used: such a library says what a file begins like, and falls back
on its name. Ten kinds are taken here, and each is looked at as a whole: a file that is two things
at once, runs something, fetches something or hides another file is refused with a reason that
says what to do. Nothing is unpacked to disk, and no picture is drawn. This is a sieve, no virus
scanner; files are only ever sent as attachments that a browser must not show.
"""

from send_portal.uploads.content import inspect
from send_portal.uploads.kinds import LARGEST, FileType, RefusedError
from send_portal.uploads.names import clean_name

__all__ = ["LARGEST", "FileType", "RefusedError", "clean_name", "inspect"]
