from __future__ import annotations

from typing import Any


class NotNowError(Exception):
    """The assessment has moved on, or is not there yet. The message is for the person."""


class NotReadyError(Exception):
    """Something is still missing. The message is for the person; `missing` lists what."""

    def __init__(self, message: str, missing: list[str] | None = None) -> None:
        self.missing = missing or []
        super().__init__(message)


class ConflictError(Exception):
    """Someone else saved this after the page was opened. Nothing was overwritten. `current` is the
    row as it is now, with its version and who saved it."""

    def __init__(self, current: Any) -> None:
        self.current = current
        super().__init__("This answer was changed by someone else while you had it open.")
