from __future__ import annotations

from assessments.models.scores import VersionedAnswer


class NotNowError(Exception):
    """The assessment has moved on, or is not there yet. The message is for the person."""


class NotReadyError(Exception):
    """Something is still missing. The message is for the person; `missing` lists what."""

    def __init__(self, message: str, missing: list[str] | None = None) -> None:
        self.missing = missing or []
        super().__init__(message)


class ConflictError(Exception):
    """Someone else saved this answer after the page was opened. Nothing was overwritten."""

    def __init__(self, current: VersionedAnswer) -> None:
        self.current = current
        super().__init__("This answer was changed by someone else while you had it open.")
