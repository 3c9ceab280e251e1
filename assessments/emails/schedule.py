"""Which reminder a day calls for. Days only: whoever asks knows what day it is in London."""

from __future__ import annotations

from datetime import date, timedelta

BEFORE_CLOSING = (14, 3, -1)
BEFORE_SIGN_OFF = (7, 1, -1)
# A worker that was down on the very day makes up for it; later than that, a reminder of a day
# long gone would only confuse.
LATEST = 2
# A lead who has let a cycle lie for four weeks knows; mail each Monday for ever would be noise.
LAST_DIGEST = 28
MONDAY = 0


def due(deadline: date, days_before: tuple[int, ...], today: date, since: date) -> int | None:
    """How many days before the deadline the reminder was due that is to be sent today; negative
    for after it. None when there is none.

    A reminder counts on its day and up to two days later. One that was due on or before `since`,
    the day on which people last heard of the deadline, is not sent; nor is one from before the
    deadline after it.
    """
    # The latest first: of two that are due, the earlier has been overtaken.
    for before in sorted(days_before):
        on = deadline - timedelta(days=before)
        still_true = before < 0 or today <= deadline
        if since < on <= today <= on + timedelta(days=LATEST) and still_true:
            return before
    return None


def digest_day(closes: date, today: date, since: date) -> date | None:
    """The day of the digest that is to be sent today: each Monday, and the days of reminders."""
    wanted = {closes - timedelta(days=before) for before in BEFORE_CLOSING}
    for late in range(LATEST + 1):
        on = today - timedelta(days=late)
        in_time = since < on <= closes + timedelta(days=LAST_DIGEST)
        if in_time and (on in wanted or on.weekday() == MONDAY):
            return on
    return None


def meeting_is_due(meets: date, today: date, since: date) -> bool:
    """The day before the meeting, or, late, its own morning."""
    before = meets - timedelta(days=1)
    return since < before <= today <= meets
