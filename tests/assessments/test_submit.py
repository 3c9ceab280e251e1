"""Submit a return, take it back, and the reveal that the last one brings."""

import threading
import time

import pytest
from django.db import connection, transaction
from django.urls import reverse

from areas.models import AuditEvent
from assessments.actions.errors import NotNowError, NotReadyError
from assessments.actions.scoring import close_scoring, save_score, submit_return, withdraw_return
from assessments.models import Assessment, PartnerReturn
from tests.assessments.pages import problems, sentences, soup, text
from tests.databases import on_postgresql

FIRST = "agency-joint-design"


def url(partnership, sector="health", name="return"):
    row = partnership.returns[sector]
    return reverse(f"assessments:{name}", args=[row.assessment_id, row.pk])


def submit(partnership, sector="health", **data):
    return partnership.client(sector).post(url(partnership, sector), {"confirm": "on"} | data)


def is_submitted(partnership, sector="health"):
    return PartnerReturn.objects.get(pk=partnership.returns[sector].pk).is_submitted


def stage():
    return Assessment.objects.get().stage


def all_but(partnership, *sectors):
    for sector in partnership.returns:
        partnership.answer(sector, "2")
    partnership.mark_submitted(*(s for s in partnership.returns if s not in sectors))


def test_check_page_with_blanks_names_them_and_has_no_button(partnership):
    answers = {s.slug: "2" for s in partnership.statements if s.slug != FIRST}
    partnership.answer("health", answers)
    page = soup(partnership.client("health").get(url(partnership)))
    assert "1 statement still needs an answer." in page.main.get_text()
    blank = [
        row["id"]
        for row in page.select(".govuk-summary-list__row")
        if "Not answered yet" in row.get_text()
    ]
    assert blank == [FIRST]
    assert page.find("input", {"name": "confirm"}) is None


def test_submit_with_blanks_is_refused(partnership):
    partnership.answer("health", {FIRST: "2"})
    response = submit(partnership)
    assert response.status_code == 409
    assert "Answer every statement first." in text(response)
    assert not is_submitted(partnership)
    assert AuditEvent.objects.count() == 0


def test_submit_return_with_blanks_lists_the_missing_statements(partnership):
    blanks = {FIRST, "workforce-capacity"}
    partnership.answer(
        "health", {s.slug: "2" for s in partnership.statements if s.slug not in blanks}
    )
    partnership.answer("health", {FIRST: ""}, reason="Half done")
    with pytest.raises(NotReadyError) as raised:
        submit_return(partner_return=partnership.returns["health"], by=partnership.people["health"])
    assert raised.value.missing == [FIRST, "workforce-capacity"]


def test_submit_without_confirming_is_refused(partnership):
    partnership.answer("health", "2")
    response = partnership.client("health").post(url(partnership), {"confirm": ""})
    assert problems(response) == ["Confirm that these scores are the view of your organisation"]
    assert not is_submitted(partnership)


def test_submit_before_others_hides_the_scores_and_says_who_is_waited_for(partnership):
    partnership.answer("health", "cannot_say")
    response = submit(partnership)
    assert response.url == url(partnership, name="submitted")
    page = text(partnership.client("health").get(response.url))
    assert "for Moorland Health" in page
    assert "We are waiting for 5 more partners." in page
    assert is_submitted(partnership)
    assert stage() == Assessment.Stage.SCORING
    assert sentences() == ["Moorland Health Contributor submitted scores for Moorland Health"]


def test_submitted_page_of_an_open_return_leads_back_to_the_check(partnership):
    response = partnership.client("health").get(url(partnership, name="submitted"))
    assert response.url == url(partnership)


def test_families_submit_when_their_29_are_answered(partnership):
    partnership.answer("parent_carers", "2")
    assert submit(partnership, "parent_carers").status_code == 302
    assert is_submitted(partnership, "parent_carers")


def test_last_to_submit_reveals_all_scores(partnership):
    all_but(partnership, "health")
    response = submit(partnership)
    assert response.url == partnership.assessment.get_absolute_url()
    assessment = Assessment.objects.get()
    assert assessment.stage == Assessment.Stage.MODERATION
    assert assessment.revealed_by == partnership.people["health"]
    assert assessment.reveal_reason == ""
    who = "Moorland Health Contributor"
    assert sentences() == [
        f"{who} submitted scores for Moorland Health",
        f"{who} was the last to submit, which revealed all scores of ‘Autumn assessment’",
    ]
    page = text(partnership.client("schools").get(url(partnership, "schools", "submitted")))
    assert "All scores are revealed." in page


def test_submit_twice_is_refused(partnership):
    partnership.answer("health", "2")
    submit(partnership)
    response = submit(partnership)
    assert response.status_code == 409
    assert "These scores have been submitted." in text(response)
    assert len(sentences()) == 1


def test_submit_after_the_reveal_is_refused(partnership):
    all_but(partnership, "health")
    partnership.move_to(Assessment.Stage.MODERATION)
    assert submit(partnership).status_code == 409
    assert not is_submitted(partnership)


def test_withdraw_before_the_reveal_opens_the_return_again(partnership):
    partnership.answer("health", "2")
    submit(partnership)
    client = partnership.client("health")
    page = soup(client.get(url(partnership)))
    assert page.find("form", action=url(partnership, name="withdraw"))
    response = client.post(url(partnership, name="withdraw"), follow=True)
    assert "The scores of Moorland Health are open again." in text(response)
    assert not is_submitted(partnership)
    assert sentences()[-1] == "Moorland Health Contributor took back the scores of Moorland Health"


def test_withdraw_after_the_reveal_is_refused(partnership):
    partnership.reveal()
    response = partnership.client("health").post(url(partnership, name="withdraw"))
    assert response.status_code == 409
    assert is_submitted(partnership)
    assert sentences() == []


def test_withdraw_of_an_open_return_is_refused(partnership):
    with pytest.raises(NotNowError, match="These scores are not submitted"):
        withdraw_return(
            partner_return=partnership.returns["health"], by=partnership.people["health"]
        )


def test_withdraw_by_another_partner_is_not_found(partnership):
    partnership.answer("health", "2")
    partnership.mark_submitted("health")
    response = partnership.client("schools").post(url(partnership, name="withdraw"))
    assert response.status_code == 404
    assert is_submitted(partnership)


def test_withdraw_needs_a_post(partnership):
    assert partnership.client("health").get(url(partnership, name="withdraw")).status_code == 405


def test_return_after_the_reveal_is_read_only(partnership):
    partnership.reveal()
    page = soup(partnership.client("health").get(url(partnership)))
    assert page.main.find("form") is None
    assert "The scores of Moorland Health" in page.main.get_text()


def test_continue_leads_to_the_first_statement_without_an_answer(partnership):
    partnership.answer("health", {FIRST: "2"})
    response = partnership.client("health").get(f"{url(partnership)}?continue=1")
    row = partnership.returns["health"]
    assert response.url == reverse(
        "assessments:score", args=[row.assessment_id, row.pk, "agency-safe-learning"]
    )


def test_continue_with_everything_answered_stays_on_the_check(partnership):
    partnership.answer("health", "2")
    assert partnership.client("health").get(f"{url(partnership)}?continue=1").status_code == 200


def test_the_reveal_happens_once(partnership):
    all_but(partnership, "health")
    row, by = partnership.returns["health"], partnership.people["health"]
    assert submit_return(partner_return=row, by=by) is True
    with pytest.raises(NotNowError):
        submit_return(partner_return=row, by=by)
    assert len(sentences("assessment.reveal")) == 1


@pytest.mark.django_db(transaction=True)
@on_postgresql
def test_two_last_to_submit_at_once_reveal_once(partnership):
    all_but(partnership, "health", "schools")
    revealed = {}

    def second():
        revealed["schools"] = submit_return(
            partner_return=partnership.returns["schools"], by=partnership.people["schools"]
        )
        connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        revealed["health"] = submit_return(
            partner_return=partnership.returns["health"], by=partnership.people["health"]
        )
        thread.start()
        # Long enough for the second to get where it must wait for the first.
        time.sleep(0.4)
    thread.join(timeout=20)
    assert revealed == {"health": False, "schools": True}
    assert stage() == Assessment.Stage.MODERATION
    assert len(sentences("assessment.reveal")) == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_score_saved_while_scoring_is_being_closed_is_refused_in_words(partnership):
    all_but(partnership, "schools")
    refused = []

    def late():
        try:
            save_score(
                partner_return=partnership.returns["schools"],
                statement=partnership.statement(FIRST),
                answer="3",
                reason="Typed at the last moment.",
                version=0,
                by=partnership.people["schools"],
            )
        except NotNowError as error:
            refused.append(str(error))
        connection.close()

    thread = threading.Thread(target=late)
    with transaction.atomic():
        close_scoring(
            assessment=partnership.assessment,
            reason="We meet today.",
            by=partnership.people["lead"],
        )
        thread.start()
        time.sleep(0.4)
    thread.join(timeout=20)
    assert refused == ["Scoring is closed, so scores cannot be changed any more."]
