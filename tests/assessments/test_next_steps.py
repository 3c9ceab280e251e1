"""The area's home and the task list tell each role what to do, what is late, who is waited for."""

from datetime import timedelta

import pytest
from django.urls import reverse

from areas.permissions import Role
from assessments.models import Assessment
from tests import factories
from tests.assessments.days import CLOSES, MEETS, SIGNS, at, grace, set_days
from tests.assessments.pages import soup, text, words
from tests.assessments.shortcuts import open_sign_off
from tests.conftest import make_partnership


@pytest.fixture
def scoring(partnership):
    set_days(partnership)
    return partnership


def look(partnership, who, day, address=None):
    with at(day):
        return soup(partnership.client(who).get(address or partnership.area.get_absolute_url()))


def todo(page):
    """What to do next: the words of each step, in order."""
    return [words(step) for step in page.select(".app-todo > li")]


def waited(page):
    return [words(row) for row in page.select(".app-waiting .govuk-summary-list__row")]


def after(days):
    return CLOSES + timedelta(days=days)


# ---- While partners score ----------------------------------------------------------------------


@pytest.mark.parametrize(("days", "when"), [(-3, "in 3 days"), (-1, "tomorrow"), (0, "today")])
def test_a_contributor_is_told_how_long_there_is(scoring, days, when):
    page = look(scoring, "health", after(days))
    assert todo(page) == [
        (
            "Score for Moorland Health 0 of 32 statements answered. "
            f"Scoring closes on 17 July 2026, {when}. Start scoring"
        )
    ]


def test_a_contributor_who_is_late_is_told_whom_to_ask(scoring):
    (step,) = todo(look(scoring, "health", after(3)))
    assert step == (
        "Ask the lead for more time for Moorland Health 3 days late. 0 of 32 statements answered, "
        "and not submitted. Scoring closed on 17 July 2026. See your answers"
    )


def test_a_contributor_with_more_time_is_told_until_when(scoring):
    grace(scoring, "health", after(4))
    (step,) = todo(look(scoring, "health", after(1)))
    assert "You have more time, until 21 July 2026, in 3 days." in step
    assert "late" not in step


def test_a_contributor_who_has_submitted_waits(scoring):
    scoring.mark_submitted("health")
    page = look(scoring, "health", after(-3))
    assert "There is nothing for you to do now." in words(page.main)
    assert len(waited(page)) == 5


def test_who_is_waited_for_is_told_the_latest_first(scoring):
    scoring.answer("health", {"agency-joint-design": "4"})
    scoring.mark_submitted("local_authority", "schools", "young_people")
    grace(scoring, "health", after(4))
    scoring.people["parent_carers"].memberships.all().delete()
    assert waited(look(scoring, "health", after(1))) == [
        "SC Moorland Social care Not started. 1 day late",
        "PC Moorland Parent carers Not started. 1 day late Nobody can score for it yet",
        (
            "H Moorland Health 1 of 32 answered "
            "Your own organisation. Has more time, until 21 July 2026"
        ),
    ]


def test_the_lead_gives_more_time_from_there_and_nobody_else(scoring):
    address = reverse(
        "assessments:give-grace", args=[scoring.assessment.pk, scoring.returns["health"].pk]
    )
    for place in (None, scoring.assessment.get_absolute_url()):
        for who, expected in (("lead", True), ("health", False), ("health_board", False)):
            page = look(scoring, who, after(1), place)
            assert bool(page.select(f'a[href="{address}"]')) is expected, (place, who)


def test_the_lead_is_offered_both_ways_when_all_but_some_are_late(scoring):
    scoring.mark_submitted("local_authority", "schools", "young_people", "parent_carers")
    page = look(scoring, "lead", after(3))
    (step,) = todo(page)
    assert step == (
        "Close scoring: the closing day has passed 3 days late. Moorland Health and Moorland "
        "Social care have not submitted. You must say why you close without them. "
        "Close scoring Give more time"
    )


def test_the_lead_is_not_urged_to_close_while_a_partner_has_more_time(scoring):
    scoring.mark_submitted("local_authority", "schools", "young_people", "parent_carers")
    grace(scoring, "health", after(5))
    (step,) = todo(look(scoring, "lead", after(1)))
    assert step.startswith("Give more time: the closing day has passed 1 day late.")
    assert "Moorland Social care has not submitted. Moorland Health has until 22 July" in step
    with_time = look(scoring, "lead", after(1)).select_one(".app-todo a.govuk-button")["href"]
    row = scoring.returns["social_care"]
    assert with_time == reverse("assessments:give-grace", args=[row.assessment_id, row.pk])


def test_the_lead_has_no_late_step_while_only_grace_is_running(scoring):
    scoring.mark_submitted(*(sector for sector in scoring.returns if sector != "health"))
    grace(scoring, "health", after(5))
    assert todo(look(scoring, "lead", after(1))) == []


def test_nothing_submitted_leaves_only_more_time(scoring):
    step, *_ = todo(look(scoring, "lead", after(1)))
    assert step.startswith("Give more time: the closing day has passed")


def test_the_late_step_comes_before_one_s_own(scoring):
    """A lead whose council has more time, while another partner is late."""
    grace(scoring, "local_authority", after(5))
    scoring.mark_submitted("schools")
    steps = todo(look(scoring, "lead", after(1)))
    assert steps[0].startswith("Give more time")
    assert steps[1].startswith("Score for Moorland Council")


def test_the_task_list_says_what_is_late_and_what_has_more_time(scoring):
    grace(scoring, "health", after(5))
    page = look(scoring, "schools", after(1), scoring.assessment.get_absolute_url())
    said = words(page.main)
    assert "1 day late. Ask the lead for more time for Moorland Schools." in said
    assert "Scoring closed on 17 July 2026. The lead can give you more time" in said
    rows = [words(row) for row in page.select("table tbody tr")]
    assert rows[1] == "H Moorland Health 0 of 32 Not started Until 22 July"
    assert rows[3] == "S Moorland Schools 0 of 32 Not started Late"


# ---- The meeting and signing -------------------------------------------------------------------


def test_a_meeting_that_is_over_is_said_to_be_late_with_a_way_to_move_it(scoring):
    with at(MEETS):
        scoring.reveal()
        assert "late" not in todo(look(scoring, "lead", MEETS))[0]
    (step,) = todo(look(scoring, "lead", MEETS + timedelta(days=2)))
    assert step == (
        "Agree a level for each statement 2 days late. The meeting was on 23 July 2026. "
        "Finish it, or set another day. Open the agenda Change the days"
    )
    assert "late" not in todo(look(scoring, "health", MEETS + timedelta(days=2)))[0]


@pytest.fixture
def signing(scoring):
    with at(MEETS):
        scoring.reveal()
        open_sign_off(scoring)
    factories.SignOffFactory(partner_return=scoring.returns["schools"])
    return scoring


def test_a_board_member_is_asked_to_sign_and_told_when_it_is_late(signing):
    assert todo(look(signing, "health_board", SIGNS)) == [
        "Sign the report for Moorland Health Read it first. Sign by 6 August 2026. Read and sign"
    ]
    assert todo(look(signing, "health_board", SIGNS + timedelta(days=1))) == [
        (
            "Sign the report for Moorland Health 1 day late. Read it first. "
            "The day for signing was 6 August 2026. Read and sign"
        )
    ]


def test_a_board_member_who_has_signed_sees_who_has_not(signing):
    page = look(signing, "schools_board", SIGNS)
    assert todo(page) == []
    assert waited(page)[0] == "C Moorland Council Not signed, and required"
    assert len(waited(page)) == 5
    table = look(
        signing,
        "schools_board",
        SIGNS,
        reverse("assessments:sign-off", args=[signing.assessment.pk]),
    )
    assert "Waiting" in words(table.main)


def test_the_lead_is_told_how_many_signatures_are_missing(signing):
    (step,) = todo(look(signing, "lead", SIGNS + timedelta(days=2)))
    assert step == (
        "See who has signed 2 days late. Four required signatures are missing. "
        "See signatures Change the days"
    )


@pytest.mark.parametrize("stage", ["scoring", "sign_off"])
def test_a_viewer_is_waited_for_nowhere(signing, stage):
    if stage == "scoring":
        Assessment.objects.update(stage=stage, revealed_at=None, revealed_by=None)
    page = look(signing, "viewer", SIGNS)
    assert todo(page) == waited(page) == []


# ---- A person in several areas -----------------------------------------------------------------


def test_the_start_page_begins_with_the_area_in_which_something_is_late(framework):
    done, coming, late = (make_partnership(name) for name in ("Ashby", "Barton", "Corby"))
    person = late.people["health"]
    for other in (done, coming):
        factories.MembershipFactory(
            user=person, role=Role.CONTRIBUTOR, area=other.area, partner=other.partners["health"]
        )
    set_days(late)
    set_days(done, closes=after(10))
    set_days(coming, closes=after(5))
    done.mark_submitted("health")
    page = look(late, "health", after(1), "/")
    assert [words(h) for h in page.select("h2 a")] == ["Corby", "Barton", "Ashby"]
    assert todo(page)[0].startswith("Ask the lead for more time for Corby Health 1 day late.")


@pytest.mark.parametrize("areas", [1, 3])
def test_the_start_page_asks_as_often_for_many_areas(framework, django_assert_num_queries, areas):
    own = [make_partnership(f"Area {number}") for number in range(areas)]
    person = own[0].people["health_board"]
    for other in own:
        other.reveal()
        open_sign_off(other)
        if other is not own[0]:
            factories.MembershipFactory(
                user=person, role=Role.BOARD, area=other.area, partner=other.partners["health"]
            )
    client = own[0].client("health_board")
    client.get("/")
    with django_assert_num_queries(5):
        assert "Sign the report" in text(client.get("/"))
