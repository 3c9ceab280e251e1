"""Which reminder a day calls for."""

from datetime import date, timedelta

import pytest

from assessments.emails.schedule import (
    BEFORE_CLOSING,
    BEFORE_SIGN_OFF,
    digest_day,
    due,
    meeting_is_due,
)

CLOSES = date(2026, 7, 17)  # a Friday
LONG_AGO = date(2026, 1, 1)


def on(days):
    return CLOSES + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-15, None), (-14, 14), (-13, 14), (-12, 14), (-11, None),
        (-4, None), (-3, 3), (-2, 3), (-1, 3), (0, None),
        (1, -1), (2, -1), (3, -1), (4, None),
    ],
)  # fmt: skip
def test_reminders_to_score_count_on_their_day_and_two_days_later(days, expected):
    assert due(CLOSES, BEFORE_CLOSING, on(days), LONG_AGO) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-7, 7), (-5, 7), (-4, None), (-1, 1), (0, 1), (1, -1), (3, -1), (4, None)],
)
def test_reminders_to_sign_never_say_before_when_it_is_after(days, expected):
    assert due(CLOSES, BEFORE_SIGN_OFF, on(days), LONG_AGO) == expected


@pytest.mark.parametrize(("since", "expected"), [(-15, 14), (-14, None), (-13, None)])
def test_whoever_has_just_been_told_is_not_reminded(since, expected):
    assert due(CLOSES, BEFORE_CLOSING, on(-13), on(since)) == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-06-22", "2026-06-22"),  # a Monday
        ("2026-06-24", "2026-06-22"),  # a Wednesday: Monday's, late
        ("2026-06-25", None),
        ("2026-07-03", "2026-07-03"),  # 14 days before
        ("2026-07-14", "2026-07-14"),  # 3 days before, a Tuesday: not Monday's once more
        ("2026-07-18", "2026-07-18"),  # the day after
        ("2026-08-10", "2026-08-10"),
        ("2026-08-17", None),  # a Monday, but a month has passed
    ],
)
def test_digests_come_on_mondays_and_on_the_days_of_reminders(today, expected):
    found = digest_day(CLOSES, date.fromisoformat(today), LONG_AGO)
    assert found == (date.fromisoformat(expected) if expected else None)


def test_no_digest_on_the_day_on_which_it_all_began():
    assert digest_day(CLOSES, date(2026, 6, 22), date(2026, 6, 22)) is None


@pytest.mark.parametrize(("days", "expected"), [(-2, False), (-1, True), (0, True), (1, False)])
def test_the_meeting_is_named_the_day_before_or_on_its_morning(days, expected):
    assert meeting_is_due(CLOSES, on(days), LONG_AGO) is expected
