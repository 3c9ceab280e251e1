"""The lead cancels an assessment: nothing is lost, nothing changes any more, nothing opens."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from areas.models import AuditEvent
from assessments.actions.assessments import set_consent
from assessments.actions.errors import NotNowError
from assessments.actions.reopening import cancel_assessment
from assessments.actions.scoring import save_score
from assessments.models import Assessment, PartnerReturn, Score
from assessments.models.guards import SubmittedError
from tests.assessments.pages import held, problems, sentences, soup, text, words
from tests.assessments.shortcuts import agree, next_assessment, submit
from tests.conftest import client_of
from tests.databases import on_postgresql
from tests.factories import AgreedScoreFactory
from tests.test_access import PEOPLE, House, build, lines, methods_of, pages, said

REASON = "The council is being reorganised."
DATA = {"reason": REASON, "confirm": "on"}
SLUG = "agency-joint-design"


def url(partnership, name="cancel", *args):
    return reverse(f"assessments:{name}", args=[partnership.assessment.pk, *args])


def cancel(partnership):
    cancel_assessment(
        assessment=partnership.assessment, reason=REASON, by=partnership.people["lead"]
    )


@pytest.mark.parametrize("stage", ["setup", "scoring", "moderation", "sign_off"])
def test_lead_cancels_at_any_stage(partnership, stage):
    if stage in {"setup", "scoring"}:
        Assessment.objects.update(stage=stage)
    else:
        partnership.reveal()
        partnership.move_to(stage)
    response = partnership.client("lead").post(url(partnership), DATA, follow=True)
    assert "Autumn assessment is cancelled." in text(response)
    row = Assessment.objects.get()
    assert (row.stage, row.cancelled_from, row.reached) == ("cancelled", stage, stage)
    assert (row.cancelled_by, row.cancel_reason) == (partnership.people["lead"], REASON)
    assert sentences("assessment.cancel") == [
        f"Moorland Lead cancelled ‘Autumn assessment’: {REASON}"
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"reason": "", "confirm": "on"}, "Say why you are cancelling this assessment"),
        ({"reason": " \n", "confirm": "on"}, "Say why you are cancelling this assessment"),
        ({"reason": REASON}, "Confirm that you understand that it cannot be opened again"),
    ],
)
def test_without_reason_or_confirmation_nothing_is_cancelled(partnership, data, message):
    response = partnership.client("lead").post(url(partnership), data)
    assert problems(response) == [message]
    assert held(response, "reason").strip() == data["reason"].strip()
    assert not Assessment.objects.get().is_cancelled


def test_a_reason_that_is_too_long_is_refused_and_kept(partnership):
    data = DATA | {"reason": "a" * 501}
    response = partnership.client("lead").post(url(partnership), data)
    assert len(problems(response)) == 1
    assert held(response, "reason") == "a" * 501


def test_action_wants_a_reason_and_an_open_assessment(partnership):
    given = {"assessment": partnership.assessment, "by": partnership.people["lead"]}
    with pytest.raises(ValueError, match="reason: say why"):
        cancel_assessment(**given, reason="")
    cancel(partnership)
    with pytest.raises(NotNowError, match="is cancelled already"):
        cancel_assessment(**given, reason=REASON)
    assert AuditEvent.objects.count() == 1


def test_submitted_report_is_not_cancelled(partnership):
    partnership.reveal()
    submit(partnership)
    response = partnership.client("lead").post(url(partnership), DATA)
    assert response.status_code == 409
    assert "You can correct it." in text(response)
    assert REASON in text(response)


def test_page_says_that_hidden_scores_stay_hidden(partnership):
    hidden = "The scores stay hidden: nobody will ever see another partner’s."
    assert hidden in text(partnership.client("lead").get(url(partnership)))
    partnership.reveal()
    assert hidden not in text(partnership.client("lead").get(url(partnership)))


def test_everyone_who_scores_or_signs_is_told_once(partnership, letters):
    cancel(partnership)
    people = partnership.people
    expected = {p.email for who, p in people.items() if who not in {"lead", "viewer"}}
    sent = letters()
    assert sorted(letter.to[0] for letter in sent) == sorted(expected)
    assert {letter.subject for letter in sent} == {"Moorland: Autumn assessment is cancelled"}
    assert all(REASON in letter.body for letter in sent)


# ---- Afterwards --------------------------------------------------------------------------------


def test_it_frees_the_area_and_is_no_baseline(partnership):
    partnership.reveal()
    agree(partnership)
    first = submit(partnership)
    second = next_assessment(partnership)
    cancel(second)
    assert Assessment.objects.latest_submitted(partnership.area) == first
    home = partnership.client("lead").get(partnership.area.get_absolute_url())
    assert "Start the next assessment" in text(home)
    listed = partnership.client("lead").get(
        reverse("assessments:assessment-list", args=[partnership.area.dfe_code])
    )
    assert "Start an assessment" in text(listed)
    rows = [words(row) for row in soup(listed).select("tbody tr")]
    assert "Cancelled" in rows[0]
    assert "Never submitted" in rows[0]


def test_viewer_and_programme_never_see_it(partnership, programme):
    cancel(partnership)
    listed = reverse("assessments:assessment-list", args=[partnership.area.dfe_code])
    for client in (partnership.client("viewer"), client_of(programme)):
        assert client.get(url(partnership, "task-list")).status_code == 404
        assert "Autumn assessment" not in text(client.get(listed))


@pytest.mark.no_cover
@pytest.mark.once  # every page by everyone: minutes
@pytest.mark.parametrize("stage", ["scoring", "sign_off"])
def test_everyone_reads_what_they_read_at_the_stage_it_had_and_does_nothing(
    framework, programme, editor, stage
):
    """Every page by every person: read as before, or refused; and no act goes through."""
    house = build(stage, programme, editor)
    before = as_the_table_says(stage)
    cancel(house.partnership)
    after = statuses(house)
    assert after.keys() == before.keys()
    changed = {key: (before[key], now) for key, now in after.items() if now != before[key]}
    for (method, page, who), (was, now) in changed.items():
        # What is an act at that stage is not any more; what is read is read by the same people.
        act = was in {"200", "400", "302"} and now == "409"
        button = method == "POST" and was == "409"
        assert act or button, (method, page, who, was, now)
    reads = ["assessments:task-list", "assessments:moderation", "assessments:moderate",
             "assessments:report", "assessments:report-statements", "assessments:report-pdf",
             "assessments:score", "assessments:return of Health"]  # fmt: skip
    assert [key for key in changed if key[0] == "GET" and key[1] in reads] == []


WHO = ("lead", "contr", "board", "view", "progr", "other")


def as_the_table_says(stage: str) -> dict[tuple[str, str, str], str]:
    """What the test of the table sees, page by page, before anything is cancelled."""
    return {
        (line.method, line.page, who): line.answers[PEOPLE.index(who)]
        for line in lines()
        if line.page.startswith("assessments:") and {stage, "any"} & set(line.stages)
        for who in WHO
    }


def statuses(house: House) -> dict[tuple[str, str, str], str]:
    return {
        (method, page, who): said(house.ask(who, method, house.url(page)))
        for page in pages()
        if page.startswith("assessments:")
        for method in methods_of(page)
        for who in WHO
    }


def test_pages_say_that_it_is_cancelled(partnership):
    partnership.answer("health", {SLUG: "2"})
    cancel(partnership)
    row = partnership.returns["health"]
    client = partnership.client("health")
    tasks = text(client.get(url(partnership, "task-list")))
    assert "Cancelled on" in tasks
    assert f"The reason: “{REASON}”" in tasks
    assert "were cancelled" not in tasks
    assert "This assessment was cancelled" in text(client.get(url(partnership, "return", row.pk)))
    score = text(client.get(url(partnership, "score", row.pk, SLUG)))
    assert "This assessment was cancelled, so scores cannot be changed any more." in score
    assert "Other partners never saw your answers." in score


def test_a_late_answer_is_refused_with_the_reason_and_given_back(partnership):
    cancel(partnership)
    row = partnership.returns["health"]
    response = partnership.client("health").post(
        url(partnership, "score", row.pk, SLUG),
        {"answer": "3", "reason": "I was still typing.", "version": "0"},
    )
    assert response.status_code == 409
    assert "This assessment was cancelled on" in text(response)
    assert "I was still typing." in text(response)
    with pytest.raises(NotNowError):
        save_score(
            partner_return=row, statement=partnership.statement(SLUG), answer="3", reason="",
            version=0, by=partnership.people["health"],
        )  # fmt: skip


def test_consent_is_not_asked_of_a_cancelled_assessment(partnership):
    cancel(partnership)
    with pytest.raises(NotNowError):
        set_consent(
            assessment=partnership.assessment, dfe_sees_partners=True, by=partnership.people["lead"]
        )


# ---- Guards ------------------------------------------------------------------------------------


def test_model_refuses_every_change(partnership):
    partnership.answer("health", "2")
    AgreedScoreFactory(
        assessment=partnership.assessment,
        statement=partnership.statement(SLUG),
        saved_by=partnership.people["lead"],
    )
    cancel(partnership)
    for rows, value in (
        (Assessment.objects.all(), {"title": "Other"}),
        (PartnerReturn.objects.all(), {"name": "Other"}),
        (Score.objects.all(), {"answer": "4"}),
        (partnership.assessment.agreed_scores.all(), {"answer": "4"}),
    ):
        with pytest.raises(SubmittedError):
            rows.update(**value)
        with pytest.raises(SubmittedError):
            rows.first().save()
        with pytest.raises(SubmittedError):
            rows.delete()
        with pytest.raises(SubmittedError):
            rows.first().delete()
    row = PartnerReturn.objects.get(pk=partnership.returns["schools"].pk)
    new = Score(partner_return=row, statement=partnership.statement(SLUG), answer="2",
                saved_by=partnership.people["lead"])  # fmt: skip
    with pytest.raises(SubmittedError):
        new.save()


@pytest.mark.parametrize("table", ["assessment", "partnerreturn", "score", "agreedscore"])
@on_postgresql
def test_postgresql_refuses_raw_changes(partnership, table):
    partnership.answer("health", "2")
    agree(partnership)
    cancel(partnership)
    for act in ("UPDATE {} SET id = id + 100000", "DELETE FROM {}"):
        with (
            pytest.raises(DatabaseError, match="A cancelled assessment cannot be changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(act.format(f"assessments_{table}"))
