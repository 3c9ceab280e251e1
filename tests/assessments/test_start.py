"""Start an assessment."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from areas.permissions import Role
from assessments.actions.assessments import start_assessment
from assessments.actions.errors import NotNowError
from assessments.actions.sign_off import freeze
from assessments.models import Assessment
from ingredients.models import Framework
from tests.assessments.pages import held, problems, sentences, soup, text
from tests.conftest import client_of
from tests.factories import AreaFactory, FrameworkFactory, MembershipFactory, UserFactory


@pytest.fixture
def area(framework):
    return AreaFactory(name="Moorland", dfe_code="321")


@pytest.fixture
def lead(area):
    user = UserFactory(name="Lena Lead")
    MembershipFactory(user=user, role=Role.LEAD, area=area)
    return user


URL = "/areas/321/assessments/new/"


DAYS = {"scoring_closes_on": 3, "moderation_on": 10, "sign_off_by": 20}


def filled(**changed):
    data = {"purpose": "baseline", "title": "Autumn picture"}
    for name, day in DAYS.items():
        data |= {f"{name}_day": str(day), f"{name}_month": "5", f"{name}_year": "2031"}
    return data | changed


def post(lead, **changed):
    return client_of(lead).post(URL, filled(**changed))


def boxes(response):
    return [box["value"] for box in soup(response).select(".govuk-date-input input")]


def test_new_page_offers_dates_in_the_coming_weeks(lead):
    days = [timezone.localdate() + timedelta(days=days) for days in (21, 30, 45)]
    # Nobody meets at a weekend: the Monday after it is offered.
    days = [
        day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0) for day in days
    ]
    expected = [str(part) for day in days for part in (day.day, day.month, day.year)]
    assert boxes(client_of(lead).get(URL)) == expected


def test_start_filled_in_leads_to_choosing_partners(lead, area, framework):
    response = post(lead)
    assessment = Assessment.objects.get()
    assert response.url == reverse("assessments:choose-partners", args=[assessment.pk])
    assert assessment.area == area
    assert assessment.framework == framework
    assert assessment.baseline is None
    assert (assessment.purpose, assessment.title) == ("baseline", "Autumn picture")
    assert assessment.stage == Assessment.Stage.SETUP
    assert assessment.scoring_closes_on.isoformat() == "2031-05-03"
    assert assessment.moderation_on.isoformat() == "2031-05-10"
    assert assessment.sign_off_by.isoformat() == "2031-05-20"
    assert assessment.started_by == lead
    assert sentences() == [
        (
            "Lena Lead started ‘Autumn picture’: scoring closes on 3 May 2031, "
            "the meeting is on 10 May 2031, sign-off is due by 20 May 2031"
        )
    ]


def test_start_empty_says_what_is_missing(lead):
    assert problems(client_of(lead).post(URL, {"title": ""})) == [
        "Select why you are doing this assessment",
        "Enter title",
        "Enter the day scoring closes",
        "Enter the day you meet",
        "Enter the day for signing",
    ]


def test_start_with_dates_out_of_order_names_both_days_and_keeps_what_was_typed(lead):
    response = post(lead, title="My own words", moderation_on_day="2", sign_off_by_day="1")
    assert problems(response) == [
        "The day you meet must be on or after the day scoring closes",
        "The day for signing must be on or after the day you meet",
    ]
    assert held(response, "title") == "My own words"
    assert boxes(response) == ["3", "5", "2031", "2", "5", "2031", "1", "5", "2031"]
    assert Assessment.objects.count() == 0


def test_start_on_one_day_for_everything_is_allowed(lead):
    assert post(lead, moderation_on_day="3", sign_off_by_day="3").status_code == 302


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"title": "W" * 81}, "Title must be 80 characters or fewer"),
        (
            {"purpose": "to win"},
            "Select a valid choice. to win is not one of the available choices.",
        ),
        ({"moderation_on_month": "13"}, "The day you meet must be a real date"),
        ({"sign_off_by_year": ""}, "The day for signing must include a year"),
    ],
)
def test_start_with_a_wrong_value_is_refused_beside_its_field(lead, changed, message):
    assert problems(post(lead, **changed)) == [message]


def test_start_keeps_the_framework_when_a_newer_one_is_published(lead, area, framework):
    post(lead)
    newer = FrameworkFactory(version=framework.version + 1)
    Framework.objects.filter(pk=newer.pk).update(status="published", published_at=timezone.now())
    assessment = Assessment.objects.get()
    assert assessment.framework == framework
    assert len(assessment.content.all_statements) == 32


def test_start_with_a_submitted_one_before_links_it_as_baseline(partnership):
    partnership.reveal()
    partnership.move_to(Assessment.Stage.SUBMITTED)
    freeze(partnership.assessment)
    client = partnership.client("lead")
    url = reverse("assessments:new", args=[partnership.area.dfe_code])
    assert "It will be compared with your last submitted picture: Autumn assessment" in text(
        client.get(url)
    )
    today = timezone.localdate()
    found = start_assessment(
        area=partnership.area, purpose="check_in", title="Next", scoring_closes_on=today,
        moderation_on=today, sign_off_by=today, by=partnership.people["lead"],
    )  # fmt: skip
    assert found.baseline == partnership.assessment


def test_start_while_one_is_under_way_is_refused_and_keeps_what_was_typed(partnership):
    url = reverse("assessments:new", args=[partnership.area.dfe_code])
    response = partnership.client("lead").post(url, filled(title="A second one"))
    assert problems(response) == ["This area already has an assessment under way."]
    assert held(response, "title") == "A second one"
    assert Assessment.objects.count() == 1


def test_start_without_a_published_framework_says_whom_to_ask(lead, framework):
    Framework.objects.filter(pk=framework.pk).update(status="retired", retired_at=timezone.now())
    today = timezone.localdate()
    with pytest.raises(NotNowError, match="No framework is published yet"):
        start_assessment(
            area=AreaFactory(), purpose="baseline", title="X", scoring_closes_on=today,
            moderation_on=today, sign_off_by=today, by=lead,
        )  # fmt: skip


@pytest.mark.parametrize("who", ["health", "health_board", "viewer"])
def test_start_by_another_role_is_forbidden(partnership, who):
    url = reverse("assessments:new", args=[partnership.area.dfe_code])
    client = partnership.client(who)
    assert client.get(url).status_code == 403
    assert client.post(url, {}).status_code == 403


def test_start_in_a_foreign_area_is_not_found(partnership, other_partnership):
    url = reverse("assessments:new", args=[partnership.area.dfe_code])
    assert other_partnership.client("lead").get(url).status_code == 404
