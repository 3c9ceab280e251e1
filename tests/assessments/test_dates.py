"""The lead moves the days for all, or gives one partner more time; with a reason, on record."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from areas.models import AuditEvent
from assessments.actions.dates import change_dates, give_grace, suggested_days
from assessments.actions.errors import NotNowError
from assessments.actions.scoring import close_scoring
from assessments.models import Assessment, PartnerReturn
from tests.assessments.days import CLOSES, MEETS, SIGNS, at, grace, set_days
from tests.assessments.pages import held, problems, sentences, text
from tests.assessments.shortcuts import open_sign_off, submit

REASON = "Half-term came in between."
NEW = CLOSES + timedelta(days=4)


@pytest.fixture
def scoring(partnership):
    set_days(partnership)
    with at(CLOSES - timedelta(days=5)):
        yield partnership


def url(partnership):
    return reverse("assessments:change-dates", args=[partnership.assessment.pk])


def grace_url(partnership, sector="health"):
    row = partnership.returns[sector]
    return reverse("assessments:give-grace", args=[row.assessment_id, row.pk])


def boxes(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def data(closes=CLOSES, meets=MEETS, signs=SIGNS, reason=REASON):
    return {
        **boxes("scoring_closes_on", closes),
        **boxes("moderation_on", meets),
        **boxes("sign_off_by", signs),
        "reason": reason,
    }


def days(partnership):
    row = Assessment.objects.get(pk=partnership.assessment.pk)
    return row.scoring_closes_on, row.moderation_on, row.sign_off_by


# ---- For all -----------------------------------------------------------------------------------


def test_the_page_offers_the_days_as_they_are(scoring):
    page = scoring.client("lead").get(url(scoring))
    assert held(page, "scoring_closes_on_day") == "17"
    assert held(page, "sign_off_by_month") == "8"


def test_a_later_closing_day_is_recorded_from_and_to(scoring):
    response = scoring.client("lead").post(url(scoring), data(closes=NEW), follow=True)
    assert "The days are changed." in text(response)
    assert days(scoring) == (NEW, MEETS, SIGNS)
    assert sentences("dates.change") == [
        (
            "Moorland Lead moved the closing of scoring from 17 July 2026 to 21 July 2026 "
            "in ‘Autumn assessment’"
        )
    ]


def test_all_three_days_are_told_in_one_sentence(scoring):
    later = timedelta(days=7)
    scoring.client("lead").post(url(scoring), data(CLOSES + later, MEETS + later, SIGNS + later))
    (said,) = sentences("dates.change")
    assert (
        "the closing of scoring from 17 July 2026 to 24 July 2026, "
        "the meeting from 23 July 2026 to 30 July 2026 and "
        "the day for signing from 6 August 2026 to 13 August 2026"
    ) in said


def test_the_meeting_and_signing_may_be_brought_forward(scoring):
    sooner = timedelta(days=3)
    scoring.client("lead").post(url(scoring), data(meets=MEETS - sooner, signs=SIGNS - sooner))
    assert days(scoring) == (CLOSES, MEETS - sooner, SIGNS - sooner)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Change at least one day"),
        ({"closes": CLOSES - timedelta(days=6)}, "The day must be today or later"),
        (
            {"closes": MEETS + timedelta(days=1)},
            "The day you meet must be on or after the day scoring closes",
        ),
        (
            {"signs": MEETS - timedelta(days=1)},
            "The day for signing must be on or after the day you meet",
        ),
        ({"closes": NEW, "reason": " "}, "Say why you are changing the days"),
        (
            {"closes": NEW, "reason": "W" * 501},
            "Why are you changing the days must be 500 characters or fewer",
        ),
    ],
)
def test_days_that_make_no_sense_are_refused_and_kept(scoring, given, message):
    response = scoring.client("lead").post(url(scoring), data(**given))
    assert problems(response) == [message]
    assert held(response, "reason") == data(**given)["reason"]
    assert days(scoring) == (CLOSES, MEETS, SIGNS)
    assert AuditEvent.objects.count() == 0


def test_errors_are_listed_in_the_order_of_the_page(scoring):
    response = scoring.client("lead").post(url(scoring), data(reason=""))
    assert problems(response) == ["Change at least one day", "Say why you are changing the days"]


def test_a_day_that_does_not_exist_is_named(scoring):
    response = scoring.client("lead").post(
        url(scoring), data() | {"moderation_on_day": "31", "moderation_on_month": "9"}
    )
    assert problems(response) == ["The day you meet must be a real date"]


def test_the_meeting_is_not_moved_before_a_partner_s_grace_ends(scoring):
    grace(scoring, "health", MEETS - timedelta(days=1))
    response = scoring.client("lead").post(url(scoring), data(meets=MEETS - timedelta(days=3)))
    assert problems(response) == [
        "Moorland Health has until 22 July 2026 to score, so meet on that day or later"
    ]


def test_a_closing_day_that_has_passed_may_be_extended(partnership):
    set_days(partnership)
    with at(CLOSES + timedelta(days=2)):
        partnership.client("lead").post(url(partnership), data(closes=NEW))
        row = PartnerReturn.objects.select_related("assessment").get(sector="health")
        assert row.is_open
    assert days(partnership) == (NEW, MEETS, SIGNS)


def test_after_the_reveal_the_closing_day_is_history(scoring):
    scoring.reveal()
    page = scoring.client("lead").get(url(scoring))
    assert b"scoring_closes_on" not in page.content
    sooner = CLOSES - timedelta(days=2)
    scoring.client("lead").post(url(scoring), data(meets=sooner))
    # All had submitted early: the planned closing day cannot lie after the meeting.
    assert days(scoring) == (sooner, sooner, SIGNS)


def test_in_sign_off_only_the_day_for_signing_moves(scoring):
    scoring.reveal()
    open_sign_off(scoring)
    page = scoring.client("lead").get(url(scoring))
    assert b"moderation_on" not in page.content
    scoring.client("lead").post(url(scoring), data(signs=SIGNS + timedelta(days=7)))
    assert days(scoring) == (CLOSES, MEETS, SIGNS + timedelta(days=7))


def test_days_of_a_submitted_report_stay_and_the_text_comes_back(scoring):
    scoring.reveal()
    submit(scoring)
    response = scoring.client("lead").post(url(scoring), data(signs=SIGNS + timedelta(days=7)))
    assert response.status_code == 409
    assert REASON in text(response)


def test_change_dates_without_a_reason_raises(scoring):
    with pytest.raises(ValueError, match="reason: say why"):
        change_dates(assessment=scoring.assessment, days={}, reason="", by=scoring.people["lead"])


def test_change_dates_with_a_wrong_day_raises_naming_it(scoring):
    given = {"scoring_closes_on": NEW, "moderation_on": CLOSES, "sign_off_by": SIGNS}
    with pytest.raises(ValueError, match="moderation_on: "):
        change_dates(
            assessment=scoring.assessment, days=given, reason="x", by=scoring.people["lead"]
        )


def test_change_dates_from_a_page_of_an_earlier_stage_raises(scoring):
    stale = {"scoring_closes_on": NEW, "moderation_on": MEETS, "sign_off_by": SIGNS}
    scoring.answer("health", "2")
    scoring.mark_submitted("health")
    close_scoring(assessment=scoring.assessment, reason="x", by=scoring.people["lead"])
    with pytest.raises(NotNowError, match="has moved on"):
        change_dates(
            assessment=scoring.assessment, days=stale, reason="x", by=scoring.people["lead"]
        )


def test_people_are_told_of_new_days_even_without_reminders(scoring, letters):
    scoring.people["health"].wants_reminders = False
    scoring.people["health"].save()
    scoring.client("lead").post(url(scoring), data(closes=NEW))
    told = {letter.to[0]: letter for letter in letters()}
    scorers = {scoring.people[sector].email for sector in scoring.returns}
    # The lead, who also scores for the council, did it and needs no mail.
    assert set(told) == scorers
    letter = told[scoring.people["health"].email]
    assert letter.subject == "Moorland: new days for Autumn assessment"
    assert "- the closing of scoring from 17 July 2026 to 21 July 2026\n" in letter.body
    assert REASON in letter.body
    assert "Scoring closes at the end of Tuesday 21 July 2026." in letter.body


def test_in_sign_off_those_who_sign_are_told(scoring, letters):
    scoring.reveal()
    open_sign_off(scoring)
    scoring.client("lead").post(url(scoring), data(signs=SIGNS + timedelta(days=7)))
    boards = {scoring.people[f"{sector}_board"].email for sector in scoring.returns}
    assert {letter.to[0] for letter in letters()} == boards


def test_before_scoring_opens_nobody_is_told(scoring, letters):
    Assessment.objects.update(stage=Assessment.Stage.SETUP)
    scoring.client("lead").post(url(scoring), data(closes=NEW))
    assert days(scoring)[0] == NEW
    assert letters() == []


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-07-13", ["2026-08-03", "2026-08-12", "2026-08-27"]),
        ("2026-07-16", ["2026-08-06", "2026-08-17", "2026-08-31"]),  # a Saturday, a Sunday
    ],
)
def test_suggested_days_avoid_weekends(today, expected):
    found = suggested_days(date.fromisoformat(today))
    assert [day.isoformat() for day in found.values()] == expected


# ---- For one partner ---------------------------------------------------------------------------


def given(until=NEW, reason="Staff were ill."):
    return {**boxes("until", until), "reason": reason}


def test_grace_page_tells_counts_and_no_answer(scoring):
    scoring.answer("health", {"agency-joint-design": "4"}, reason="Planted words")
    page = text(scoring.client("lead").get(grace_url(scoring)))
    assert "Moorland Health has answered 1 of 32 statements" in page
    assert "Scoring closes for it at the end of Friday 17 July 2026" in page
    assert "Planted" not in page


def test_grace_is_kept_with_who_when_and_why_and_recorded(scoring):
    response = scoring.client("lead").post(grace_url(scoring), given(), follow=True)
    assert "Moorland Health can score until the end of 21 July 2026." in text(response)
    row = PartnerReturn.objects.get(sector="health")
    assert (row.grace_until, row.grace_reason) == (NEW, "Staff were ill.")
    assert row.grace_by == scoring.people["lead"]
    assert row.grace_at is not None
    assert sentences("return.grace") == [
        (
            "Moorland Lead moved the closing of scoring for Moorland Health from 17 July 2026 "
            "to 21 July 2026 in ‘Autumn assessment’"
        )
    ]


def test_grace_given_twice_is_told_from_the_first_to_the_second(scoring):
    scoring.client("lead").post(grace_url(scoring), given())
    page = scoring.client("lead").get(grace_url(scoring))
    assert "You gave it more time before: “Staff were ill.”" in text(page)
    scoring.client("lead").post(grace_url(scoring), given(NEW + timedelta(days=1)))
    assert "from 21 July 2026 to 22 July 2026" in sentences("return.grace")[1]


@pytest.mark.parametrize(
    ("until", "message"),
    [
        (CLOSES - timedelta(days=6), "The day must be today or later"),
        (CLOSES, "The day must be after 17 July 2026, when scoring closes"),
        (MEETS + timedelta(days=1), "The day must be on or before 23 July 2026, when you meet"),
    ],
)
def test_grace_until_a_day_that_makes_no_sense_is_refused_and_kept(scoring, until, message):
    response = scoring.client("lead").post(grace_url(scoring), given(until))
    assert problems(response) == [message]
    assert held(response, "reason") == "Staff were ill."
    assert not PartnerReturn.objects.filter(grace_until__isnull=False).exists()


def test_grace_without_a_day_or_a_reason_is_refused(scoring):
    response = scoring.client("lead").post(grace_url(scoring), {})
    assert problems(response) == [
        "Enter the last day to score",
        "Say why this partner needs more time",
    ]


def test_a_partner_that_has_submitted_needs_no_grace(scoring):
    scoring.mark_submitted("health")
    response = scoring.client("lead").post(grace_url(scoring), given())
    assert response.status_code == 409
    assert "Moorland Health has submitted, so it needs no more time." in text(response)


def test_there_is_no_grace_after_the_reveal(scoring):
    scoring.reveal()
    assert scoring.client("lead").get(grace_url(scoring)).status_code == 409


def test_give_grace_checks_for_itself(scoring):
    row, lead = scoring.returns["health"], scoring.people["lead"]
    with pytest.raises(ValueError, match="reason: "):
        give_grace(partner_return=row, until=NEW, reason="", by=lead)
    with pytest.raises(ValueError, match="until: "):
        give_grace(partner_return=row, until=CLOSES, reason="x", by=lead)


def test_the_people_of_that_partner_are_told_and_nobody_else(scoring, letters):
    scoring.client("lead").post(grace_url(scoring), given())
    (letter,) = letters()
    assert letter.to == [scoring.people["health"].email]
    assert letter.subject == "Moorland: Moorland Health has until 21 July to score"
    assert "until the end of Tuesday 21 July 2026" in letter.body


def test_grace_in_an_address_of_another_assessment_leads_nowhere(scoring, other_partnership):
    row = other_partnership.returns["health"]
    address = reverse("assessments:give-grace", args=[scoring.assessment.pk, row.pk])
    assert scoring.client("lead").get(address).status_code == 404


@pytest.mark.parametrize("who", ["health", "health_board"])
def test_nobody_but_the_lead_moves_days(scoring, who):
    client = scoring.client(who)
    assert client.post(url(scoring), data(closes=NEW)).status_code == 403
    assert client.post(grace_url(scoring), given()).status_code == 403
