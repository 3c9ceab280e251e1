"""An area shows a report's summary for families to everyone, changes it, and stops showing it."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from areas.models import Area
from assessments.actions.assessments import set_consent
from assessments.actions.errors import NotNowError
from assessments.actions.reopening import cancel_assessment, correct_report
from assessments.actions.sign_off import submit_with_reason
from assessments.actions.summaries import place_of, publish_summary, withdraw_summary
from assessments.models import Assessment, PublishedSummary
from tests.assessments.pages import held, problems, sentences, soup, text
from tests.assessments.shortcuts import agree, next_assessment, submit
from tests.assessments.test_report_pdf import words_of
from tests.conftest import client_of, make_partnership
from tests.factories import AreaFactory, AssessmentFactory, PublishedSummaryFactory

DATA = {"contact": "Ring the forum on 01234 567890.", "confirm": "on"}
ADDRESS = "/areas/moorland/summary/"
anybody = Client


@pytest.fixture
def submitted(partnership):
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    return partnership


def url(partnership, name="publish-summary"):
    return reverse(f"assessments:{name}", args=[partnership.assessment.pk])


def publish(partnership, contact="Ring us."):
    return publish_summary(
        assessment=partnership.assessment, contact=contact, by=partnership.people["lead"]
    )


def correct(partnership):
    """Version 2 of a submitted report, submitted."""
    lead = partnership.people["lead"]
    new = correct_report(
        assessment=partnership.assessment, reason="A level was typed wrong.",
        sign_off_by=timezone.localdate(), by=lead,
    )  # fmt: skip
    Assessment.objects.filter(pk=new.pk).update(stage=Assessment.Stage.SIGN_OFF)
    new.refresh_from_db()
    submit_with_reason(assessment=new, reason="Signed on paper.", by=lead)
    new.refresh_from_db()
    return new


# ---- Showing it ----------------------------------------------------------------------------------


def test_lead_shows_the_summary_to_everyone(submitted):
    response = submitted.client("lead").post(url(submitted), DATA, follow=True)
    assert "Everyone can read the summary now." in text(response)
    said = text(anybody().get(ADDRESS))
    assert "How well do we work together?" in said
    assert "Get in touch Ring the forum on 01234 567890." in said
    row = PublishedSummary.objects.get()
    assert (row.place, row.published_by) == ("moorland", submitted.people["lead"])
    assert sentences("summary.publish") == [
        f"Moorland Lead published the summary for families of ‘Autumn assessment’ at {ADDRESS}"
    ]


def test_page_says_what_is_seen_by_whom_and_where(submitted):
    said = text(submitted.client("lead").get(url(submitted)))
    for words in (
        f"Everyone can then read it without signing in, at this address: http://testserver{ADDRESS}",
        "They never see what one partner scored, a reason, dissent, evidence, or the name of a person.",
        "Search engines may list the page, so that families find it.",
        "You can take it away again at any time.",
        "Do not name a child",
    ):
        assert words in said
    assert url(submitted, "family-summary") in str(
        soup(submitted.client("lead").get(url(submitted)))
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"contact": "Ring us."}, "Confirm that you have read the summary and that everyone can see it"),
        (DATA | {"contact": "a" * 401}, "How can families get in touch? (optional) must be 400 characters or less"),
        (DATA | {"contact": "a\n" * 11}, "How to get in touch must be 10 lines or fewer"),
    ],
)  # fmt: skip
def test_what_is_typed_wrong_is_refused_and_kept(submitted, data, message):
    response = submitted.client("lead").post(url(submitted), data)
    found = problems(response)
    assert len(found) == 1
    if "characters" not in message:
        assert found == [message]
    assert held(response, "contact").strip() == data["contact"].strip()
    assert not PublishedSummary.objects.exists()


def test_contact_is_plain_text_and_may_be_left_out(submitted):
    submitted.client("lead").post(
        url(submitted), {"contact": "<b>Ring</b>\n\n\n\nus", "confirm": "on"}
    )
    page = anybody().get(ADDRESS)
    assert "&lt;b&gt;Ring&lt;/b&gt;<br><br>us" in page.content.decode()
    submitted.client("lead").post(url(submitted), {"contact": "", "confirm": "on"})
    assert "Get in touch" not in text(anybody().get(ADDRESS))


def test_publishing_again_changes_the_contact_text(submitted):
    publish(submitted, "Ring us.")
    form = submitted.client("lead").get(url(submitted))
    assert held(form, "contact") == "Ring us."
    assert "Change the public summary for families" in text(form)
    submitted.client("lead").post(url(submitted), DATA)
    assert "Ring the forum" in text(anybody().get(ADDRESS))
    assert PublishedSummary.objects.public().count() == 1
    assert sentences("summary.publish")[-1] == (
        "Moorland Lead changed how families can get in touch in the public summary of "
        "‘Autumn assessment’ at /areas/moorland/summary/"
    )


@pytest.mark.parametrize("stage", ["setup", "scoring", "moderation", "sign_off"])
def test_a_draft_is_never_published(partnership, stage):
    if stage in {"setup", "scoring"}:
        Assessment.objects.update(stage=stage)
    else:
        partnership.reveal()
        partnership.move_to(stage)
    response = partnership.client("lead").post(url(partnership), DATA)
    assert response.status_code == 409
    assert "A draft is never published." in text(response)
    assert DATA["contact"] in text(response)
    partnership.assessment.refresh_from_db()
    with pytest.raises(NotNowError):
        publish(partnership)


def test_a_cancelled_assessment_is_never_published(partnership):
    cancel_assessment(
        assessment=partnership.assessment, reason="Why.", by=partnership.people["lead"]
    )
    response = partnership.client("lead").post(url(partnership), DATA)
    assert response.status_code == 409
    with pytest.raises(NotNowError, match="A cancelled assessment is never published"):
        publish(partnership)


# ---- What everyone reads --------------------------------------------------------------------------


def test_page_and_pdf_are_kept_for_a_short_time_only(submitted):
    publish(submitted)
    page, pdf = anybody().get(ADDRESS), anybody().get("/areas/moorland/summary.pdf")
    assert page["Cache-Control"] == pdf["Cache-Control"] == "public, max-age=300"
    assert pdf["Content-Type"] == "application/pdf"
    assert 'filename="moorland-summary-for-families.pdf"' in pdf["Content-Disposition"]
    assert "Ring us." in words_of(pdf.content)
    signed_in = submitted.client("viewer").get(ADDRESS)
    assert signed_in["Cache-Control"] == "no-store, private"


def test_search_engines_list_a_real_area_and_never_a_made_up_one(submitted):
    publish(submitted)
    page, pdf = anybody().get(ADDRESS), anybody().get("/areas/moorland/summary.pdf")
    assert soup(page).find("meta", attrs={"name": "robots"})["content"] == "noarchive"
    assert pdf["X-Robots-Tag"] == "noarchive"
    Area.objects.filter(pk=submitted.area.pk).update(is_demonstration=True, dfe_code="D77")
    page, pdf = anybody().get(ADDRESS), anybody().get("/areas/moorland/summary.pdf")
    assert soup(page).find("meta", attrs={"name": "robots"})["content"] == "noindex"
    assert pdf["X-Robots-Tag"] == "noindex"
    assert "Moorland is not a real place." in soup(page).get_text()


def test_what_is_not_public_answers_as_what_does_not_exist(submitted, other_partnership):
    """With a report that is not published, with none at all, and with no such area."""
    places = ["moorland", "fenland", "nowhere"]
    answers = [
        anybody().get(f"/areas/{place}/summary{end}") for place in places for end in ("/", ".pdf")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1


@pytest.mark.parametrize("consents", [False, True])
def test_what_everyone_reads_has_no_partner_s_level_even_with_consent(partnership, consents):
    partnership.reveal({"health": "4"})
    agree(partnership, rationale="Zebrafinch said so.")
    submit(partnership)
    set_consent(
        assessment=partnership.assessment, dfe_sees_partners=consents, by=partnership.people["lead"]
    )
    publish(partnership)
    page, pdf = anybody().get(ADDRESS), anybody().get("/areas/moorland/summary.pdf")
    for said in (page.content.decode(), words_of(pdf.content)):
        assert "Zebrafinch" not in said
        assert '<svg class="app-strip' not in said
        assert "health two above" not in said


def test_public_page_asks_few_questions_of_the_database(submitted, django_assert_max_num_queries):
    publish(submitted)
    anybody().get(ADDRESS)
    with django_assert_max_num_queries(3):
        anybody().get(ADDRESS)


# ---- Newer and older reports ---------------------------------------------------------------------------


def test_a_corrected_version_takes_the_place_and_says_so(submitted):
    publish(submitted)
    new = correct(submitted)
    assert "We corrected this page" not in text(anybody().get(ADDRESS))
    page = text(submitted.client("lead").get(reverse("assessments:publish-summary", args=[new.pk])))
    assert "It takes the place of the summary of ‘Autumn assessment’." in page
    publish_summary(assessment=new, contact="", by=submitted.people["lead"])
    today = f"{timezone.localdate():%-d %B %Y}"
    assert f"We corrected this page on {today}." in text(anybody().get(ADDRESS))
    assert PublishedSummary.objects.public().get().assessment == new


def test_a_report_that_has_been_corrected_is_not_published(submitted):
    correct(submitted)
    response = submitted.client("lead").post(url(submitted), DATA)
    assert response.status_code == 409
    assert "This report has been corrected. Publish its newest version." in text(response)


def test_an_older_report_never_takes_the_place_of_a_newer_one(submitted):
    later = next_assessment(submitted)
    later.reveal()
    agree(later)
    submit(later)
    publish(submitted)
    publish(later)
    with pytest.raises(NotNowError, match="The summary of a later report is public"):
        publish(submitted)
    withdraw_summary(assessment=later.assessment, by=later.people["lead"])
    assert anybody().get(ADDRESS).status_code == 404
    publish(submitted)
    assert anybody().get(ADDRESS).status_code == 200


# ---- The address ---------------------------------------------------------------------------------------


def test_the_address_stays_when_the_area_is_renamed_and_is_never_another_s(submitted):
    publish(submitted)
    Area.objects.filter(pk=submitted.area.pk).update(name="Greater Moorland")
    submitted.area.refresh_from_db()
    submitted.assessment.refresh_from_db()
    publish(submitted)
    # The report was signed under the old name, and says so.
    assert "Moorland" in text(anybody().get(ADDRESS))
    assert place_of(AreaFactory(name="Moorland", dfe_code="812")) == "moorland-812"
    assert place_of(AreaFactory(name="北", dfe_code="813")) == "813"


def test_only_one_summary_is_public_at_a_place(db):
    assessment = AssessmentFactory()
    PublishedSummaryFactory(assessment=assessment, place="moorland")
    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedSummaryFactory(assessment=assessment, place="moorland")


# ---- Stopping ------------------------------------------------------------------------------------------


def test_lead_stops_showing_it(submitted):
    publish(submitted)
    page = submitted.client("lead").get(url(submitted, "withdraw-summary"))
    assert "A browser that has just opened the page may show it for up to five minutes." in text(
        page
    )
    assert anybody().get(ADDRESS).status_code == 200
    response = submitted.client("lead").post(url(submitted, "withdraw-summary"), follow=True)
    assert "The summary is no longer public." in text(response)
    assert (
        anybody().get(ADDRESS).status_code
        == anybody().get("/areas/moorland/summary.pdf").status_code
        == 404
    )
    row = PublishedSummary.objects.get()
    assert (row.is_public, row.withdrawn_by) == (False, submitted.people["lead"])
    assert sentences("summary.withdraw") == [
        "Moorland Lead withdrew the public summary of ‘Autumn assessment’ at /areas/moorland/summary/"
    ]
    again = submitted.client("lead").post(url(submitted, "withdraw-summary"))
    assert again.status_code == 409
    with pytest.raises(NotNowError, match="is not public"):
        withdraw_summary(assessment=submitted.assessment, by=submitted.people["lead"])


def test_after_stopping_the_contact_text_is_offered_again(submitted):
    publish(submitted, "Ring us.")
    withdraw_summary(assessment=submitted.assessment, by=submitted.people["lead"])
    assert held(submitted.client("lead").get(url(submitted)), "contact") == "Ring us."


@pytest.mark.parametrize("name", ["publish-summary", "withdraw-summary"])
def test_nobody_but_the_lead_of_the_area_decides(submitted, programme, editor, name):
    publish(submitted)
    other = make_partnership("Fenland")
    for who in ("health", "health_board", "viewer"):
        assert submitted.client(who).post(url(submitted, name), DATA).status_code == 403
    assert client_of(programme).post(url(submitted, name), DATA).status_code == 403
    for user in (editor, other.people["lead"]):
        assert client_of(user).post(url(submitted, name), DATA).status_code == 404
    assert PublishedSummary.objects.public().count() == 1


def test_a_pdf_that_cannot_be_made_is_said_on_a_page_that_nobody_keeps(submitted, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no room")

    publish(submitted, "Only once, so not kept.")
    monkeypatch.setattr("weasyprint.HTML.render", fail)
    response = anybody().get("/areas/moorland/summary.pdf")
    assert response.status_code == 503
    assert not response.has_header("Cache-Control")
    assert ADDRESS in response.content.decode()
