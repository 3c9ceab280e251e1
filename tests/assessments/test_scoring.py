"""Score apart: one partner's answers."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from areas.models import AuditEvent
from areas.permissions import Role
from assessments.actions.errors import NotNowError
from assessments.actions.scoring import save_score
from assessments.models import Assessment, PartnerReturn, Score
from assessments.models.guards import SubmittedError
from tests.assessments.pages import chosen, heading, held, problems, sentences, soup, text, title
from tests.databases import on_postgresql
from tests.factories import MembershipFactory

FIRST, SECOND, LAST = "agency-joint-design", "agency-safe-learning", "accountability-equality"


def url(partnership, sector="health", statement=FIRST):
    row = partnership.returns[sector]
    return reverse("assessments:score", args=[row.assessment_id, row.pk, statement])


def check_url(partnership, sector="health"):
    row = partnership.returns[sector]
    return reverse("assessments:return", args=[row.assessment_id, row.pk])


def saved(partnership, sector="health", statement=FIRST):
    row = Score.objects.get(partner_return=partnership.returns[sector], statement__slug=statement)
    return row.answer, row.reason, row.version, row.saved_by.name


def post(partnership, sector="health", statement=FIRST, who=None, **data):
    client = partnership.client(who or sector)
    return client.post(url(partnership, sector, statement), {"version": 0, "then": "next"} | data)


# ---- The page ---------------------------------------------------------------------------------


def test_statement_page_asks_one_statement_with_four_described_levels(partnership):
    statement = partnership.statement(FIRST)
    response = partnership.client("health").get(url(partnership))
    page = soup(response)
    assert heading(response) == statement.title
    assert statement.plain in text(response)
    values = [radio["value"] for radio in page.find_all("input", {"name": "answer"})]
    assert values == ["1", "2", "3", "4", "cannot_say", "not_applicable"]
    said = [[li.get_text() for li in ul.find_all("li")] for ul in page.select(".app-sentences")]
    assert said == list(statement.level_sentences.values())
    assert chosen(response, "answer") == []
    assert "Not answered yet" in text(response)
    assert title(response).startswith(f"{statement.title}, statement 1 of 32")


def test_statement_page_holds_what_was_saved(partnership):
    post(partnership, answer="3", reason="We do it.\r\nEach term.")
    response = partnership.client("health").get(url(partnership))
    assert chosen(response, "answer") == ["3"]
    assert held(response, "reason") == "We do it.\nEach term."
    assert held(response, "version") == "1"
    assert "1 answered, 31 left" in text(response)


def test_statement_page_shows_scores_that_were_written_on_an_earlier_day(partnership, time_machine):
    time_machine.move_to("2026-11-02 10:00+00:00")
    post(partnership, answer="3")
    time_machine.move_to("2026-11-05 10:00+00:00")
    assert "Saved on 2 November" in text(partnership.client("health").get(url(partnership)))


@pytest.mark.parametrize("answer", ["1", "2", "3", "4", "cannot_say", "not_applicable"])
def test_score_of_each_kind_is_saved_and_leads_to_the_next_statement(partnership, answer):
    response = post(partnership, answer=answer, reason="It is so.")
    assert response.url == url(partnership, statement=SECOND)
    assert saved(partnership) == (answer, "It is so.", 1, "Moorland Health Contributor")
    assert sentences("score.save") == [
        f"Moorland Health Contributor scored ‘{partnership.statement(FIRST).title}’ for Moorland Health"
    ]


def test_score_of_the_last_statement_leads_to_the_check(partnership):
    assert post(partnership, statement=LAST, answer="2").url == check_url(partnership)


def test_score_changed_counts_versions(partnership):
    post(partnership, answer="2")
    post(partnership, answer="3", version=1)
    assert saved(partnership)[:3] == ("3", "", 2)


def test_score_saved_again_unchanged_is_no_new_version(partnership):
    for version in (0, 0, 1):
        assert post(partnership, answer="2", reason="Same.", version=version).status_code == 302
    assert saved(partnership)[:3] == ("2", "Same.", 1)
    assert len(sentences("score.save")) == 1


def test_score_stopped_half_way_keeps_the_reason_and_leads_to_the_task_list(partnership):
    response = post(partnership, then="stop", reason="To be continued")
    assert response.url == partnership.assessment.get_absolute_url()
    assert saved(partnership)[:2] == ("", "To be continued")
    page = text(partnership.client("health").get(check_url(partnership)))
    assert "32 statements still need an answer." in page


def test_score_stopped_with_nothing_written_saves_nothing(partnership):
    response = post(partnership, then="stop")
    assert response.url == partnership.assessment.get_absolute_url()
    assert (Score.objects.count(), sentences()) == (0, [])


def test_score_then_evidence_leads_to_adding_it(partnership):
    response = post(partnership, then="evidence", answer="3")
    row = partnership.returns["health"]
    assert response.url == reverse(
        "assessments:add-evidence", args=[row.assessment_id, row.pk, FIRST]
    )
    assert saved(partnership)[:2] == ("3", "")


# ---- Bad input --------------------------------------------------------------------------------


def test_score_without_an_answer_is_refused_and_keeps_the_reason(partnership):
    response = post(partnership, reason="Half a thought")
    assert problems(response) == [
        "Select a level, or say that you cannot say or that it does not apply"
    ]
    assert held(response, "reason") == "Half a thought"
    assert Score.objects.count() == 0


def test_score_does_not_apply_needs_a_reason(partnership):
    response = post(partnership, answer="not_applicable", reason="  ")
    assert problems(response) == ["Say why this statement does not apply"]
    assert chosen(response, "answer") == ["not_applicable"]


def test_score_does_not_apply_needs_a_reason_also_when_stopping(partnership):
    response = post(partnership, answer="not_applicable", then="stop")
    assert problems(response) == ["Say why this statement does not apply"]


def test_score_reason_of_500_characters_is_saved_and_501_are_refused_but_kept(partnership):
    assert post(partnership, answer="2", reason="ß" * 500).status_code == 302
    response = post(partnership, statement=SECOND, answer="not_applicable", reason="W" * 501)
    assert problems(response) == ["Why this answer must be 500 characters or fewer"]
    assert held(response, "reason") == "W" * 501
    assert chosen(response, "answer") == ["not_applicable"]


@pytest.mark.parametrize("answer", ["5", "0", "not_agreed", "3 ", "<b>"])
def test_score_with_an_unknown_answer_is_refused(partnership, answer):
    response = post(partnership, answer=answer, reason="Kept")
    assert problems(response) == ["Select a level, or why there is none"]
    assert held(response, "reason") == "Kept"


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999"])
def test_score_with_a_broken_version_is_refused_and_keeps_the_text(partnership, version):
    response = post(partnership, answer="2", reason="Kept", version=version)
    assert response.status_code == 400
    assert held(response, "reason") == "Kept"
    assert Score.objects.count() == 0


def test_score_reason_with_a_zero_byte_is_refused(partnership):
    response = post(partnership, answer="2", reason="a\x00b")
    assert problems(response) == ["Null characters are not allowed."]


# ---- Families ---------------------------------------------------------------------------------


@pytest.mark.parametrize("sector", ["parent_carers", "young_people"])
def test_families_are_asked_29_statements(partnership, sector):
    response = partnership.client(sector).get(url(partnership, sector))
    assert "statement 1 of 29" in text(response)
    assert "1.2" not in text(response)


@pytest.mark.parametrize("sector", ["parent_carers", "young_people"])
@pytest.mark.parametrize("statement", [SECOND, "workforce-retention", "workforce-wellbeing"])
def test_families_cannot_score_what_they_are_not_asked(partnership, sector, statement):
    assert post(partnership, sector, statement, answer="2").url == check_url(partnership, sector)
    assert Score.objects.count() == 0


def test_save_score_of_a_statement_that_is_not_asked_is_refused(partnership):
    with pytest.raises(ValueError, match="statement: this partner is not asked it"):
        save_score(
            partner_return=partnership.returns["parent_carers"],
            statement=partnership.statement(SECOND),
            answer="2", reason="", version=0, by=partnership.people["parent_carers"],
        )  # fmt: skip


def test_save_score_does_not_apply_without_reason_is_refused(partnership):
    with pytest.raises(ValueError, match="reason: ‘Does not apply’ needs a reason"):
        save_score(
            partner_return=partnership.returns["health"],
            statement=partnership.statement(FIRST),
            answer="not_applicable", reason="", version=0, by=partnership.people["health"],
        )  # fmt: skip


# ---- Whose scores -----------------------------------------------------------------------------


def test_return_of_another_partner_is_not_found(partnership):
    client = partnership.client("schools")
    assert client.get(url(partnership)).status_code == 404
    assert client.post(url(partnership), {"version": 0, "answer": "1"}).status_code == 404
    assert client.get(check_url(partnership)).status_code == 404
    assert Score.objects.count() == 0


@pytest.mark.parametrize("who", ["health_board", "viewer"])
def test_return_by_someone_who_does_not_score_is_not_found(partnership, who):
    assert partnership.client(who).get(url(partnership)).status_code == 404


def test_return_in_the_url_of_another_assessment_is_not_found(partnership, other_partnership):
    row = partnership.returns["health"]
    wrong = reverse("assessments:score", args=[other_partnership.assessment.pk, row.pk, FIRST])
    assert partnership.client("health").get(wrong).status_code == 404


def test_unknown_statement_is_not_found(partnership):
    assert (
        partnership.client("health").get(url(partnership, statement="no-such")).status_code == 404
    )


def test_two_tabs_on_two_areas_never_mix(partnership, other_partnership):
    person = partnership.people["health"]
    MembershipFactory(
        user=person, role=Role.CONTRIBUTOR, area=other_partnership.area,
        partner=other_partnership.partners["health"],
    )  # fmt: skip
    client = partnership.client("health")
    client.get(url(partnership))
    client.get(url(other_partnership))
    client.post(url(partnership), {"version": 0, "answer": "1", "reason": "Moorland"})
    client.post(url(other_partnership), {"version": 0, "answer": "4", "reason": "Fenland"})
    client.post(url(partnership, statement=SECOND), {"version": 0, "answer": "2"})
    found = Score.objects.order_by("pk").values_list(
        "partner_return__assessment__area__name", "statement__slug", "answer"
    )
    assert list(found) == [
        ("Moorland", FIRST, "1"), ("Fenland", FIRST, "4"), ("Moorland", SECOND, "2"),
    ]  # fmt: skip


# ---- Moved on ---------------------------------------------------------------------------------


def test_score_of_a_submitted_return_is_refused_with_the_text(partnership):
    partnership.answer("health", "2")
    partnership.mark_submitted("health")
    response = post(partnership, answer="4", reason="Typed too late", version=1)
    assert response.status_code == 409
    assert "These scores have been submitted. Take them back first" in text(response)
    assert "Typed too late" in text(response)
    assert saved(partnership)[0] == "2"


def test_score_after_the_reveal_is_refused_with_the_text(partnership):
    partnership.reveal()
    response = post(partnership, answer="4", reason="Typed too late", version=1)
    assert response.status_code == 409
    assert "Scoring is closed, so scores cannot be changed any more." in text(response)
    assert "Typed too late" in text(response)
    assert saved(partnership)[0] == "2"
    assert sentences("score.save") == []


def test_statement_page_after_the_reveal_has_no_button(partnership):
    partnership.reveal()
    page = soup(partnership.client("health").get(url(partnership)))
    assert page.find("button", {"name": "then"}) is None
    assert "Scoring is closed, so scores cannot be changed any more." in page.get_text()


def test_statement_page_of_a_submitted_return_says_so(partnership):
    partnership.answer("health", "2")
    partnership.mark_submitted("health")
    page = soup(partnership.client("health").get(url(partnership)))
    assert page.find("button", {"name": "then"}) is None
    assert "These scores are submitted, so they cannot be changed now." in page.get_text()


def test_save_score_that_is_refused_leaves_no_event(partnership):
    partnership.reveal()
    with pytest.raises(NotNowError):
        save_score(
            partner_return=partnership.returns["health"],
            statement=partnership.statement(FIRST),
            answer="4", reason="", version=1, by=partnership.people["health"],
        )  # fmt: skip
    assert AuditEvent.objects.count() == 0


def test_log_before_the_reveal_holds_no_level_and_no_reason(partnership):
    for sector, answer in (("health", "1"), ("schools", "4"), ("parent_carers", "cannot_say")):
        post(partnership, sector, answer=answer, reason=f"Planted-{sector}")
    sector_of = {row.partner_id: sector for sector, row in partnership.returns.items()}
    for event in AuditEvent.objects.all():
        kept = f"{event.sentence} {event.details} {event.verb} {event.statement}"
        assert "Planted" not in kept
        assert event.details == {}
        name = partnership.partners[sector_of[event.partner_id]].name
        title = partnership.statement(FIRST).title
        assert event.sentence.endswith(f" scored ‘{title}’ for {name}")


# ---- The models and the database refuse too ----------------------------------------------------


@pytest.fixture
def revealed(partnership):
    partnership.reveal()
    return Score.objects.filter(partner_return=partnership.returns["health"])


def test_score_model_after_the_reveal_refuses_every_change(revealed):
    row = revealed[0]
    row.answer = "4"
    with pytest.raises(SubmittedError):
        row.save()
    with pytest.raises(SubmittedError):
        row.delete()
    with pytest.raises(SubmittedError):
        revealed.update(answer="4")
    with pytest.raises(SubmittedError):
        revealed.delete()
    with pytest.raises(SubmittedError), transaction.atomic():
        Score.objects.bulk_update([row], ["answer"])
    new = {
        "partner_return": row.partner_return,
        "statement": row.statement,
        "saved_by": row.saved_by,
    }
    with pytest.raises(SubmittedError):
        Score.objects.create(**new)
    with pytest.raises(SubmittedError):
        Score.objects.bulk_create([Score(**new)])
    assert set(revealed.values_list("answer", flat=True)) == {"2"}


def test_score_model_before_the_reveal_may_change(partnership):
    partnership.answer("health", {FIRST: "2"})
    row = Score.objects.get()
    row.answer = "3"
    row.save()
    assert saved(partnership)[0] == "3"
    row.delete()
    assert Score.objects.count() == 0
    partnership.answer("health", {FIRST: "2", SECOND: "2"})
    assert Score.objects.filter(statement__slug=SECOND).delete()[0] == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE assessments_score SET answer = '4' WHERE id = %s",
        "DELETE FROM assessments_score WHERE id = %s",
        """INSERT INTO assessments_score (partner_return_id, statement_id, answer, reason, version,
           saved_at, saved_by_id) SELECT partner_return_id, statement_id, '4', '', 1, saved_at,
           saved_by_id FROM assessments_score WHERE id = %s""",
    ],
)
@on_postgresql
def test_postgresql_refuses_raw_changes_of_scores_after_the_reveal(revealed, sql):
    with (
        pytest.raises(DatabaseError, match="Scores cannot be changed after the reveal"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [revealed[0].pk])


# ---- The check ---------------------------------------------------------------------------------


def test_check_page_has_each_answer_with_its_reason(partnership):
    partnership.answer("health", {FIRST: "3"}, reason="We do.")
    partnership.answer("health", {SECOND: "cannot_say"})
    partnership.answer("health", {"agency-shared-language": "not_applicable"})
    page = soup(partnership.client("health").get(check_url(partnership)))
    lines = {
        row["id"]: " ".join(row.dd.get_text(" ").split())
        for row in page.select("[id].govuk-summary-list__row")
    }
    assert lines[FIRST] == "Level 3 In routine use We do. No evidence linked"
    assert lines[SECOND] == "? Cannot say"
    assert lines["agency-shared-language"] == "– Does not apply It does not fit us."
    assert lines["agency-legal-duties"] == "Not answered yet"
    assert "29 statements still need an answer." in page.get_text()


def test_task_list_sends_a_contributor_to_the_first_open_statement(partnership):
    partnership.answer("health", {FIRST: "3"})
    page = soup(partnership.client("health").get(partnership.assessment.get_absolute_url()))
    links = [link["href"] for link in page.select(".govuk-task-list__link")]
    assert links[0] == url(partnership, statement=SECOND)
    assert "Finish scoring for Moorland Health. 1 of 32 statements answered." in text_of(page)


def text_of(page):
    return " ".join(page.main.get_text(" ").split())


def test_task_list_shows_progress_but_no_scores_of_others(partnership):
    partnership.answer("schools", {FIRST: "4"}, reason="Planted")
    page = text(partnership.client("health").get(partnership.assessment.get_absolute_url()))
    assert "Moorland Schools 1 of 32 In progress" in page
    assert "Planted" not in page
    assert Assessment.objects.get().stage == Assessment.Stage.SCORING


def test_partners_stand_in_their_order_also_where_their_answers_are_counted(db):
    """Django leaves a model's order out of a query that counts; PostgreSQL then gives any."""
    assert PartnerReturn.objects.with_progress().ordered
