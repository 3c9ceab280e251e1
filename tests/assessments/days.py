"""Days and moments as people in London see them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine

from assessments.models import Assessment, PartnerReturn

# A Friday in summer, when London is an hour ahead of the clock that servers keep.
CLOSES = date(2026, 7, 17)
MEETS = CLOSES + timedelta(days=6)
SIGNS = CLOSES + timedelta(days=20)


def at(day, hour="12:00"):
    """This moment on the clocks of London, as if it were now."""
    moment = datetime.fromisoformat(f"{day} {hour}").replace(tzinfo=ZoneInfo("Europe/London"))
    return time_machine.travel(moment, tick=False)


def set_days(partnership, closes=CLOSES, meets=None, signs=None, started=None):
    """Days of an assessment that was started four weeks before it closes."""
    Assessment.objects.filter(pk=partnership.assessment.pk).update(
        scoring_closes_on=closes,
        moderation_on=meets or closes + (MEETS - CLOSES),
        sign_off_by=signs or closes + (SIGNS - CLOSES),
        started_at=datetime.combine(
            started or closes - timedelta(days=28), datetime.min.time(), ZoneInfo("Europe/London")
        ),
    )
    partnership.assessment.refresh_from_db()
    for row in partnership.returns.values():
        row.assessment = partnership.assessment


def grace(partnership, sector, until, given=None):
    """More time for one partner, given on a day (two days before the closing day)."""
    given = given or partnership.assessment.scoring_closes_on - timedelta(days=2)
    PartnerReturn.objects.filter(pk=partnership.returns[sector].pk).update(
        grace_until=until,
        grace_reason="Staff were ill.",
        grace_at=datetime.combine(given, datetime.min.time(), ZoneInfo("Europe/London")),
        grace_by=partnership.people["lead"],
    )
    partnership.returns[sector].refresh_from_db()
