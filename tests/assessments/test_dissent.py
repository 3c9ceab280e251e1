"""A partner disagrees, on record."""

import pytest
from django.urls import reverse

from areas.models import AuditEvent
from areas.permissions import Role
from assessments.actions.errors import NotNowError
from assessments.actions.moderation import record_dissent, withdraw_dissent
from assessments.models import Assessment, Dissent
from assessments.reports.build import contents_of
from tests.assessments.pages import held, problems, sentences, soup, text, words
from tests.assessments.shortcuts import agree, open_sign_off, submit
from tests.conftest import client_of
from tests.factories import MembershipFactory, UserFactory

SLUG = "agency-joint-design"


@pytest.fixture
def meeting(partnership):
    partnership.reveal()
    agree(partnership)
    return partnership


def page_url(partnership):
    return reverse("assessments:moderate", args=[partnership.assessment.pk, SLUG])


def url(partnership, slug=SLUG):
    return reverse("assessments:record-dissent", args=[partnership.assessment.pk, slug])


def withdraw_url(partnership, dissent):
    return reverse("assessments:withdraw-dissent", args=[partnership.assessment.pk, dissent.pk])


def record(partnership, sector="parent_carers", words="Families are not heard.", **data):
    data = {"partner_return": partnership.returns[sector].pk, "text": words} | data
    return partnership.client(sector).post(url(partnership), data)


def on_record(partnership, who="lead"):
    page = soup(partnership.client(who).get(page_url(partnership)))
    for dot in page.select(".app-dot"):
        dot.decompose()
    return [words(quote.p) for quote in page.select(".app-dissent")]


def test_dissent_is_on_record_for_all_with_its_partner(meeting):
    response = record(meeting)
    assert response.url == page_url(meeting)
    for who in ("lead", "schools", "parent_carers"):
        assert on_record(meeting, who) == ["Parent carers. “Families are not heard.”"]
    row = Dissent.objects.get()
    assert (row.partner_return, row.recorded_by) == (
        meeting.returns["parent_carers"], meeting.people["parent_carers"],
    )  # fmt: skip
    who, title = "Moorland Parent carers", meeting.statement(SLUG).title
    assert sentences() == [f"{who} Contributor recorded dissent for {who} on ‘{title}’"]


def test_dissent_makes_the_statement_contested_and_leaves_the_band(meeting):
    before = contents_of(meeting.assessment)
    record(meeting)
    after = contents_of(meeting.assessment)
    assert (before.band, before.ingredients[0].level) == (after.band, after.ingredients[0].level)
    assert [s.slug for s in after.statements if s.is_contested] == [SLUG]
    assert after.tiles[0].words == "1 statement has dissent on record or was not agreed"


def test_dissent_of_two_partners_on_one_statement_counts_once(meeting):
    record(meeting)
    record(meeting, "schools", "We see it otherwise.")
    assert on_record(meeting) == [
        "Parent carers. “Families are not heard.”", "Schools. “We see it otherwise.”",
    ]  # fmt: skip
    assert contents_of(meeting.assessment).tiles[0].words.startswith("1 statement has")


def test_confidence_is_medium_from_two_contested_and_low_from_six(meeting):
    confidence = []
    for statement in meeting.statements[:6]:
        record_dissent(
            partner_return=meeting.returns["schools"], statement=statement, text="No.",
            by=meeting.people["schools"],
        )  # fmt: skip
        confidence.append(contents_of(meeting.assessment).tiles[0].figure)
    assert confidence == ["High", "Medium", "Medium", "Medium", "Medium", "Low"]


def test_dissent_without_words_is_refused(meeting):
    assert problems(record(meeting, words="  ")) == ["Write why you disagree"]
    assert Dissent.objects.count() == 0


def test_dissent_over_1000_characters_is_refused_and_kept(meeting):
    response = record(meeting, words="W" * 1001)
    assert problems(response) == [
        "Record dissent for Moorland Parent carers must be 1000 characters or fewer"
    ]
    assert held(response, "text") == "W" * 1001


def test_dissent_refused_leaves_the_agreed_form_of_the_lead_as_saved(meeting):
    data = {"partner_return": meeting.returns["local_authority"].pk, "text": ""}
    response = meeting.client("lead").post(url(meeting), data)
    assert problems(response) == ["Write why you disagree"]
    assert held(response, "rationale") == "We agreed this."


def test_dissent_for_another_partner_is_refused(meeting):
    response = record(meeting, partner_return=meeting.returns["health"].pk)
    assert response.status_code == 400
    assert Dissent.objects.count() == 0


def test_dissent_of_a_person_with_two_partners_is_for_the_one_chosen(meeting):
    MembershipFactory(
        user=meeting.people["schools"], role=Role.CONTRIBUTOR, area=meeting.area,
        partner=meeting.partners["health"],
    )  # fmt: skip
    page = soup(meeting.client("schools").get(page_url(meeting)))
    options = [words(option) for option in page.select("select[name=partner_return] option")]
    assert options == ["Moorland Health", "Moorland Schools"]
    record(meeting, "schools", "For health.", partner_return=meeting.returns["health"].pk)
    assert on_record(meeting) == ["Health. “For health.”"]


def test_dissent_by_a_lead_without_a_partner_is_forbidden(meeting):
    user = UserFactory()
    MembershipFactory(user=user, role=Role.LEAD, area=meeting.area)
    assert client_of(user).post(url(meeting), {"text": "x"}).status_code == 403


@pytest.mark.parametrize("who", ["health_board"])
def test_dissent_by_a_board_member_is_forbidden(meeting, who):
    assert meeting.client(who).post(url(meeting), {"text": "x"}).status_code == 403


def test_dissent_on_an_unknown_statement_is_not_found(meeting):
    assert meeting.client("schools").post(url(meeting, "no-such"), {"text": "x"}).status_code == 404


def test_dissent_in_a_foreign_area_is_not_found(meeting, other_partnership):
    response = other_partnership.client("schools").post(url(meeting), {"text": "x"})
    assert response.status_code == 404


def test_dissent_survives_a_later_edit_of_the_agreed_score(meeting):
    record(meeting)
    meeting.client("lead").post(
        page_url(meeting), {"version": 1, "answer": "3", "rationale": "New.", "outside_reason": "x"}
    )
    assert on_record(meeting) == ["Parent carers. “Families are not heard.”"]


def test_withdrawn_dissent_stays_on_record_as_withdrawn(meeting):
    record(meeting)
    dissent = Dissent.objects.get()
    client = meeting.client("parent_carers")
    assert soup(client.get(page_url(meeting))).find("form", action=withdraw_url(meeting, dissent))
    response = client.post(withdraw_url(meeting, dissent), follow=True)
    assert "The dissent is withdrawn. The record shows both." in text(response)
    assert soup(response).find("form", action=withdraw_url(meeting, dissent)) is None
    assert on_record(meeting) == ["Parent carers. “Families are not heard.” Withdrawn."]
    report = contents_of(meeting.assessment)
    assert not report.statements[0].is_contested
    assert [line.is_withdrawn for line in report.statements[0].dissent] == [True]
    assert sentences()[-1].endswith(
        f"withdrew the dissent of Moorland Parent carers on ‘{meeting.statement(SLUG).title}’"
    )


@pytest.mark.parametrize("who", ["lead", "schools", "health"])
def test_withdrawing_the_dissent_of_another_partner_is_not_found(meeting, who):
    record(meeting)
    dissent = Dissent.objects.get()
    assert meeting.client(who).post(withdraw_url(meeting, dissent)).status_code == 404
    dissent.refresh_from_db()
    assert dissent.withdrawn_at is None


def test_withdrawing_twice_is_refused(meeting):
    record(meeting)
    dissent = Dissent.objects.get()
    client = meeting.client("parent_carers")
    client.post(withdraw_url(meeting, dissent))
    response = client.post(withdraw_url(meeting, dissent))
    assert response.status_code == 409
    assert "This dissent has been withdrawn already." in text(response)
    assert len(sentences("dissent.withdraw")) == 1


def test_withdrawing_needs_a_post(meeting):
    record(meeting)
    address = withdraw_url(meeting, Dissent.objects.get())
    assert meeting.client("parent_carers").get(address).status_code == 405


def test_dissent_in_sign_off_is_still_recorded_and_withdrawn(meeting):
    open_sign_off(meeting)
    assert record(meeting).status_code == 302
    response = meeting.client("parent_carers").post(withdraw_url(meeting, Dissent.objects.get()))
    assert response.status_code == 302


def test_dissent_after_submission_is_refused_with_the_text(meeting):
    submit(meeting)
    response = record(meeting)
    assert response.status_code == 409
    assert "Families are not heard." in text(response)
    assert Dissent.objects.count() == 0


def test_withdrawing_after_submission_is_refused(meeting):
    record(meeting)
    submit(meeting)
    dissent = Dissent.objects.get()
    client = meeting.client("parent_carers")
    assert client.post(withdraw_url(meeting, dissent)).status_code == 409
    assert (
        soup(client.get(page_url(meeting))).find("form", action=withdraw_url(meeting, dissent))
        is None
    )
    dissent.refresh_from_db()
    assert dissent.withdrawn_at is None


def test_dissent_before_the_reveal_is_forbidden(partnership):
    assert record(partnership).status_code == 403
    with pytest.raises(NotNowError):
        record_dissent(
            partner_return=partnership.returns["schools"], statement=partnership.statement(SLUG),
            text="Too early", by=partnership.people["schools"],
        )  # fmt: skip
    assert (Dissent.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_record_dissent_without_text_raises(meeting):
    with pytest.raises(ValueError, match="text: say why"):
        record_dissent(
            partner_return=meeting.returns["schools"], statement=meeting.statement(SLUG), text="",
            by=meeting.people["schools"],
        )  # fmt: skip


def test_withdraw_dissent_of_another_stage_raises(meeting):
    record(meeting)
    Assessment.objects.update(stage=Assessment.Stage.SCORING, revealed_at=None, revealed_by=None)
    with pytest.raises(NotNowError):
        withdraw_dissent(dissent=Dissent.objects.get(), by=meeting.people["parent_carers"])
