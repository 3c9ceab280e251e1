"""Choose the partners who will score, and open scoring."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from areas.models import Sector
from areas.permissions import Role
from assessments.actions.assessments import choose_partners
from assessments.actions.errors import NotNowError
from assessments.models import Assessment, PartnerReturn, QuorumReason
from assessments.reports.build import contents_of
from assessments.reports.contents import Reason
from tests.assessments.pages import chosen, held, problems, sentences, soup, text
from tests.conftest import client_of
from tests.factories import AssessmentFactory, MembershipFactory, PartnerFactory, UserFactory

NEEDED = [Sector.LOCAL_AUTHORITY, Sector.HEALTH, Sector.SOCIAL_CARE, Sector.PARENT_CARERS]


@pytest.fixture
def assessment(framework):
    return AssessmentFactory(stage=Assessment.Stage.SETUP, title="Autumn")


@pytest.fixture
def client(assessment):
    user = UserFactory(name="Lena Lead")
    MembershipFactory(user=user, role=Role.LEAD, area=assessment.area)
    return client_of(user)


def partner(assessment, sector, name=None, **fields):
    return PartnerFactory(area=assessment.area, sector=sector, name=name or sector.label, **fields)


def url(assessment):
    return reverse("assessments:choose-partners", args=[assessment.pk])


def test_partners_page_has_every_open_partner_ticked_council_first(assessment, client):
    tomorrow = timezone.localdate() + timedelta(days=1)
    yesterday = timezone.localdate() - timedelta(days=1)
    schools = partner(assessment, Sector.SCHOOLS)
    council = partner(assessment, Sector.LOCAL_AUTHORITY)
    partner(assessment, Sector.HEALTH, "Merged trust", closed_on=yesterday)
    partner(assessment, Sector.HEALTH, "Coming trust", opened_on=tomorrow)
    PartnerFactory(name="Of another area")
    response = client.get(url(assessment))
    assert chosen(response, "partners") == [str(council.pk), str(schools.pk)]


def test_partners_page_of_an_area_without_partners_says_where_to_add_them(assessment, client):
    page = text(client.get(url(assessment)))
    assert f"{assessment.area.name} has no partners yet." in page


def test_partners_chosen_open_scoring(assessment, client):
    partners = [partner(assessment, sector) for sector in NEEDED]
    response = client.post(url(assessment), {"partners": [p.pk for p in partners]}, follow=True)
    assert "Scoring is open to 4 partners." in text(response)
    assessment.refresh_from_db()
    assert assessment.stage == Assessment.Stage.SCORING
    assert list(assessment.returns.values_list("code", "short_name", "name", "order")) == [
        ("C", "Council", "Council", 1),
        ("H", "Health", "Health", 2),
        ("SC", "Social care", "Social care", 3),
        ("PC", "Parent carers", "Parent carers", 4),
    ]
    assert sentences() == [
        "Lena Lead opened scoring of ‘Autumn’ to Council, Health, Social care and Parent carers"
    ]


def test_two_partners_of_one_sector_have_numbered_codes(assessment, client):
    rows = [partner(assessment, sector) for sector in NEEDED if sector != Sector.HEALTH]
    rows += [partner(assessment, Sector.HEALTH, name) for name in ("West trust", "East trust")]
    client.post(url(assessment), {"partners": [row.pk for row in rows]})
    health = PartnerReturn.objects.filter(sector=Sector.HEALTH)
    assert list(health.values_list("code", "short_name", "name")) == [
        ("H1", "Health 1", "East trust"),
        ("H2", "Health 2", "West trust"),
    ]


def test_partners_none_ticked_is_refused(assessment, client):
    partner(assessment, Sector.LOCAL_AUTHORITY)
    assert problems(client.post(url(assessment), {"reason_health": "Vacant."})) == [
        "Select at least one partner"
    ]


def test_required_sector_left_out_needs_a_reason_beside_its_field(assessment, client):
    council = partner(assessment, Sector.LOCAL_AUTHORITY)
    health = partner(assessment, Sector.HEALTH)
    response = client.post(
        url(assessment), {"partners": [council.pk], "reason_health": "The post is vacant."}
    )
    assert problems(response) == [
        "Choose a partner from social care, or say why there is none",
        "Choose a partner from parent carers, or say why there is none",
    ]
    assert held(response, "reason_health") == "The post is vacant."
    assert chosen(response, "partners") == [str(council.pk)]
    assert health.returns.count() == 0
    assessment.refresh_from_db()
    assert assessment.stage == Assessment.Stage.SETUP


def test_reason_for_a_sector_left_out_is_kept_and_printed_in_the_report(assessment, client):
    council = partner(assessment, Sector.LOCAL_AUTHORITY)
    data = {
        "partners": [council.pk],
        "reason_local_authority": "Not needed, it is chosen.",
        "reason_health": "The post is vacant.",
        "reason_social_care": "Merged.",
        "reason_parent_carers": "The forum is closing.",
    }
    assert client.post(url(assessment), data).status_code == 302
    assessment.refresh_from_db()
    assert contents_of(assessment).reasons == (
        Reason("No level from health", "The post is vacant."),
        Reason("No level from social care", "Merged."),
        Reason("No level from parent carers", "The forum is closing."),
    )


def test_reason_over_500_characters_is_refused_and_kept(assessment, client):
    council = partner(assessment, Sector.LOCAL_AUTHORITY)
    reasons = {f"reason_{sector}": "x" for sector in NEEDED} | {"reason_health": "W" * 501}
    response = client.post(url(assessment), {"partners": [council.pk], **reasons})
    assert problems(response)[0].endswith("must be 500 characters or fewer")
    assert held(response, "reason_health") == "W" * 501


def test_partner_of_another_area_cannot_be_chosen(assessment, client):
    council = partner(assessment, Sector.LOCAL_AUTHORITY)
    foreign = PartnerFactory()
    response = client.post(url(assessment), {"partners": [council.pk, foreign.pk]})
    assert len(problems(response)) == 1
    assert foreign.returns.count() == 0


def test_partners_chosen_twice_says_that_scoring_is_open_and_shows_the_reason(partnership):
    client = partnership.client("lead")
    page = client.post(url(partnership.assessment), {"reason_health": "Typed while it was opened."})
    assert page.status_code == 409
    assert "Scoring has opened already." in text(page)
    assert "Typed while it was opened." in text(page)
    assert client.get(url(partnership.assessment)).status_code == 409
    assert partnership.assessment.returns.count() == 6


def test_choose_partners_without_the_required_reason_opens_nothing(assessment):
    council = partner(assessment, Sector.LOCAL_AUTHORITY)
    with pytest.raises(ValueError, match="reasons: Health is left out"):
        choose_partners(
            assessment=assessment, partners=[council], reasons={"health": " "}, by=UserFactory()
        )
    assert PartnerReturn.objects.count() == 0


def test_choose_partners_without_any_partner_is_refused(assessment):
    reasons = {sector.value: "None here." for sector in NEEDED}
    with pytest.raises(ValueError, match="partners: choose at least one"):
        choose_partners(assessment=assessment, partners=[], reasons=reasons, by=UserFactory())


def test_choose_partners_twice_leaves_no_trace_of_the_second(assessment):
    council = partner(assessment, Sector.LOCAL_AUTHORITY)
    reasons = {sector.value: "None here." for sector in NEEDED[1:]} | {"schools": "  "}
    given = {"assessment": assessment, "partners": [council], "reasons": reasons}
    choose_partners(**given, by=UserFactory())
    with pytest.raises(NotNowError, match="Scoring has opened already"):
        choose_partners(**given, by=UserFactory())
    assert (PartnerReturn.objects.count(), QuorumReason.objects.count()) == (1, 3)
    assert len(sentences("assessment.open")) == 1


@pytest.mark.parametrize("who", ["health", "health_board"])
def test_partners_page_by_another_role_is_forbidden(partnership, who):
    assert partnership.client(who).get(url(partnership.assessment)).status_code == 403


def test_partners_page_of_an_unknown_assessment_is_not_found(client):
    assert client.get("/assessments/999999/partners/").status_code == 404


def test_task_list_before_partners_are_chosen_has_nothing_for_others(assessment):
    user = UserFactory()
    row = partner(assessment, Sector.HEALTH)
    MembershipFactory(user=user, role=Role.CONTRIBUTOR, area=assessment.area, partner=row)
    page = soup(client_of(user).get(assessment.get_absolute_url()))
    assert page.select(".govuk-button") == []


def test_task_list_before_partners_are_chosen_has_the_lead_choose_them(assessment, client):
    page = soup(client.get(assessment.get_absolute_url()))
    assert page.select_one(".govuk-button")["href"] == url(assessment)
