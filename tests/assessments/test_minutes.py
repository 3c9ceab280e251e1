"""Minutes of the meeting: from what was recorded, in the order in which it was decided."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, models, transaction
from django.urls import reverse

from areas.models import AppendOnlyError
from assessments.actions import evidence, moderation
from assessments.models import AgreedScore, AgreedScoreVersion, Assessment, Dissent, SubmittedError
from assessments.reports.minutes import minutes_of
from assessments.views.moderation import Meeting
from tests.assessments.pages import soup, text, words
from tests.assessments.shortcuts import agree, lay_evidence, open_sign_off, submit
from tests.databases import on_postgresql
from tests.factories import AgreedScoreFactory, AgreedScoreVersionFactory

APART, SECOND, THIRD = "agency-joint-design", "agency-safe-learning", "agency-shared-language"
START = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


@pytest.fixture
def meeting(partnership):
    """Revealed: parent carers see one statement two levels lower than all others."""
    for sector, row in partnership.returns.items():
        levels = {s.slug: "3" for s in partnership.assessment.statements_for(row.sector)}
        levels[APART] = "1" if sector == "parent_carers" else "3"
        partnership.answer(sector, levels)
    partnership.reveal()
    return partnership


class Clock:
    """Each act of the meeting happens four minutes after the one before."""

    def __init__(self):
        self.now = START

    def tick(self):
        self.now += timedelta(minutes=4)
        return time_machine.travel(self.now, tick=False)


@pytest.fixture
def clock():
    return Clock()


def save(own, slug, answer, rationale="So it is.", outside_reason="", version=0):
    statement = own.statement(slug)
    agreement = Meeting(own.assessment).picture.statements[slug].agreement
    return moderation.save_agreed(
        assessment=own.assessment, statement=statement, agreement=agreement, answer=answer,
        rationale=rationale, outside_reason=outside_reason, version=version, by=own.people["lead"],
    )  # fmt: skip


def accept(own, *slugs):
    levels = {own.statement(slug): 3 for slug in slugs}
    moderation.accept_aligned(assessment=own.assessment, levels=levels, by=own.people["lead"])


def dissent(own, slug, words_="We are not heard."):
    return moderation.record_dissent(
        partner_return=own.returns["parent_carers"], statement=own.statement(slug), text=words_,
        by=own.people["parent_carers"],
    )  # fmt: skip


def url(own, name="minutes"):
    return reverse(f"assessments:{name}", args=[own.assessment.pk])


def read(own, who="lead"):
    response = own.client(who).get(url(own))
    assert response.status_code == 200
    return response


def entries(response, section="decided"):
    """The statements of a section as texts, in order."""
    found = soup(response).select_one(f"section[aria-labelledby={section}]")
    return [words(node) for node in found.select("h3, h4, .app-minute p, ul li")]


# ---- The order, and what each entry says -----------------------------------------------------------


def test_minutes_tell_what_was_decided_in_the_order_of_deciding(meeting, clock):
    with clock.tick():
        save(meeting, THIRD, "3", rationale="")
    with clock.tick():
        save(meeting, APART, "2", rationale="We met in the middle.")
    response = read(meeting)
    first, second = meeting.statement(THIRD), meeting.statement(APART)
    assert entries(response) == [
        f"1.3 {first.title}",
        "4 March 2026, 10:04, Moorland Lead",
        "All 6 partners chose level 3.",
        "Agreed: level 3.",
        f"1.1 {second.title}",
        "4 March 2026, 10:08, Moorland Lead",
        "5 of 6 partners within one level; parent carers two below.",
        "Agreed: level 2. We met in the middle.",
    ]
    page = text(response)
    assert "Recorded on 4 March 2026 Recorded by Moorland Lead" in page
    assert "The meeting is not finished." in page


def test_a_change_of_mind_is_told_from_and_to_when_and_by_whom(meeting, clock):
    with clock.tick():
        save(meeting, APART, "3", rationale="Most of us say so.")
    with clock.tick():
        save(meeting, APART, "2", rationale="Families convinced us.", version=1)
    clock.now += timedelta(minutes=10)
    with clock.tick():
        save(meeting, APART, "2", rationale="Families convinced all of us.", version=2)
    said = entries(read(meeting))
    assert said[3:] == [
        "Agreed: level 2. Families convinced all of us.",
        "What changed",
        "4 March 2026, 10:04: Moorland Lead recorded level 3 “Most of us say so.”",
        "4 March 2026, 10:08: Moorland Lead changed it from level 3 to level 2 “Families convinced us.”",
        (
            "4 March 2026, 10:22: Moorland Lead kept level 2 and wrote the reasons anew "
            "“Families convinced all of us.”"
        ),
    ]


def test_what_was_saved_while_typing_is_told_once(meeting, clock):
    for version, typed in enumerate(["Fam", "Families convi", "Families convinced us."]):
        with clock.tick():
            save(meeting, APART, "2", rationale=typed, version=version)
    assert entries(read(meeting))[3:] == ["Agreed: level 2. Families convinced us."]


def test_the_reason_outside_the_range_is_told_also_where_it_was_given_up(meeting, clock):
    with clock.tick():
        save(meeting, SECOND, "1", outside_reason="The register is empty.")
    with clock.tick():
        save(meeting, SECOND, "not_agreed", rationale="We cannot settle it.", version=1)
    page = text(read(meeting))
    assert "“Outside the range because: The register is empty.”" in page
    assert "changed it from level 1 to not agreed “We cannot settle it.”" in page
    assert "Not agreed. We cannot settle it." in page


def test_statements_accepted_in_one_step_stand_together(meeting, clock):
    with clock.tick():
        accept(meeting, SECOND, THIRD, "agency-legal-duties")
    with clock.tick():
        dissent(meeting, SECOND)
    with clock.tick():
        save(meeting, THIRD, "2", outside_reason="On reflection.", version=1)
    response = read(meeting)
    said = entries(response)
    duties = meeting.statement("agency-legal-duties")
    assert said[:2] == ["Accepted in one step: 1 statement", f"Level 3 1.4 {duties.title}"]
    assert f"1.2 {meeting.statement(SECOND).title}" in said
    assert "4 March 2026, 10:04, Moorland Lead, accepted in one step with others" in said
    assert "4 March 2026, 10:04: Moorland Lead accepted, with others, level 3" in said


def test_dissent_is_told_word_for_word_with_its_end(meeting, clock):
    with clock.tick():
        save(meeting, APART, "3", rationale="Most of us say so.")
    with clock.tick():
        row = dissent(meeting, APART, "Nobody asked <us>.")
    with clock.tick():
        moderation.withdraw_dissent(dissent=row, by=meeting.people["parent_carers"])
    page = text(read(meeting))
    assert "Moorland Parent carers, dissent, withdrawn: “Nobody asked <us>.”" in page
    assert (
        "Moorland Parent carers Contributor recorded it on 4 March 2026, 10:08. "
        "Moorland Parent carers Contributor withdrew it on 4 March 2026, 10:12." in page
    )


def test_evidence_of_the_meeting_is_told_and_what_was_taken_away_again(meeting, clock):
    lead = meeting.people["lead"]
    item = lay_evidence(meeting, SECOND, sector="health", title="Linked before")
    with clock.tick():
        save(meeting, APART, "3", rationale="The minutes show it.")
    with clock.tick():
        link = evidence.link_evidence(
            assessment=meeting.assessment, statement=meeting.statement(APART), evidence=item,
            partner_return=None, by=lead,
        )  # fmt: skip
    with clock.tick():
        evidence.unlink_evidence(link=link, by=lead)
    said = entries(read(meeting))
    title = meeting.statement(APART).title
    assert said[-3:] == [
        "Evidence",
        f"4 March 2026, 10:08: Moorland Lead linked ‘Linked before’ to ‘{title}’",
        f"4 March 2026, 10:12: Moorland Lead removed ‘Linked before’ from ‘{title}’",
    ]


def test_statements_left_undecided_are_named(meeting, clock):
    with clock.tick():
        accept(meeting, *[s.slug for s in meeting.statements if s.slug not in {APART, SECOND}])
    with clock.tick():
        dissent(meeting, SECOND)
    said = entries(read(meeting), "undecided")
    assert said[0] == (
        f"1.1 {meeting.statement(APART).title}. "
        "5 of 6 partners within one level; parent carers two below."
    )
    assert said[1] == f"1.2 {meeting.statement(SECOND).title}"
    assert len(said) == 5


def test_sectors_without_a_level_are_told_once_for_each_reason(meeting, clock):
    with clock.tick():
        moderation.record_quorum_reason(
            assessment=meeting.assessment, sector="health", ingredients=["leadership", "workforce"],
            reason="The post is vacant.", by=meeting.people["lead"],
        )  # fmt: skip
    page = text(read(meeting))
    assert (
        "No level from health in leadership and workforce “The post is vacant.” "
        "Moorland Lead, 4 March 2026, 10:04" in page
    )


def test_minutes_tell_how_the_meeting_went_and_how_it_ended(meeting, clock):
    lead = meeting.people["lead"]
    with clock.tick():
        moderation.finish_moderation(assessment=meeting.assessment, by=lead)
    with clock.tick():
        moderation.return_to_moderation(assessment=meeting.assessment, reason="One more.", by=lead)
    with clock.tick():
        moderation.finish_moderation(assessment=meeting.assessment, by=lead)
    page = text(read(meeting))
    assert (
        "4 March 2026, 10:04: Moorland Lead opened ‘Autumn assessment’ for sign-off "
        "4 March 2026, 10:08: Moorland Lead went back to moderation: One more. "
        "4 March 2026, 10:12: Moorland Lead opened ‘Autumn assessment’ for sign-off" in page
    )
    assert "The meeting is finished. Partners can still record dissent" in page
    assert "Readiness after the meeting Not yet rated" in page


def test_minutes_of_an_empty_meeting_say_so(meeting):
    page = text(read(meeting))
    assert "Recorded on Nothing is decided yet" in page
    assert "What was decided Nothing yet." in page
    assert len(entries(read(meeting), "undecided")) == 32


def test_a_score_saved_before_versions_were_kept_says_what_is_lost(meeting):
    lead, statement = meeting.people["lead"], meeting.statement(APART)
    AgreedScoreFactory(assessment=meeting.assessment, statement=statement, version=3, saved_by=lead)
    AgreedScoreVersionFactory(
        assessment=meeting.assessment, statement=statement, version=3, saved_by=lead
    )
    assert "It had been saved 2 times before changes were kept." in text(read(meeting))


def test_after_submission_the_minutes_stay_as_they_are(meeting, clock):
    with clock.tick():
        save(meeting, APART, "2", rationale="We met in the middle.")
    submit(meeting)
    before = minutes_of(meeting.assessment)
    page = text(read(meeting, "health_board"))
    assert "The meeting is" not in page
    assert before.report.submitted_on is not None
    assert minutes_of(Assessment.objects.get(pk=meeting.assessment.pk)) == before


# ---- Who reads them ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "links"), [("moderation", 1), ("report", 1)])
def test_minutes_are_reached_from_the_agenda_and_the_report(meeting, page, links):
    response = meeting.client("health").get(url(meeting, page))
    assert len(soup(response).find_all("a", href=url(meeting))) == links


def test_minutes_are_reached_from_sign_off_by_the_board(meeting):
    open_sign_off(meeting)
    response = meeting.client("health_board").get(url(meeting, "sign-off"))
    assert soup(response).find("a", href=url(meeting)).text == "minutes of the meeting"
    assert meeting.client("health_board").get(url(meeting)).status_code == 200


@pytest.mark.parametrize("who", ["viewer", "programme"])
def test_readers_outside_find_no_link_in_the_report(meeting, programme, who):
    submit(meeting)
    meeting.people["programme"] = programme
    response = meeting.client(who).get(url(meeting, "report"))
    assert response.status_code == 200
    assert soup(response).find("a", href=url(meeting)) is None
    assert meeting.client(who).get(url(meeting)).status_code == 403


@pytest.mark.parametrize("rows", [1, 3, 32])
def test_minutes_queries(meeting, django_assert_num_queries, rows):
    slugs = [s.slug for s in meeting.statements[:rows]]
    agree(meeting, dict.fromkeys(slugs, "2"))
    for slug in slugs:
        dissent(meeting, slug)
    lay_evidence(meeting, *slugs)
    client = meeting.client("lead")
    client.get(url(meeting))
    with django_assert_num_queries(13):
        assert client.get(url(meeting)).status_code == 200


# ---- Versions ----------------------------------------------------------------------------------------


def versions():
    rows = AgreedScoreVersion.objects.order_by("pk")
    return [(row.version, row.answer, row.rationale, row.in_one_step) for row in rows]


def test_every_save_keeps_a_version_and_saving_the_same_keeps_none(meeting):
    save(meeting, APART, "3", rationale="One.")
    save(meeting, APART, "3", rationale="One.", version=1)
    save(meeting, APART, "2", rationale="Two.", version=1)
    accept(meeting, SECOND)
    assert versions() == [
        (1, "3", "One.", False),
        (2, "2", "Two.", False),
        (1, "3", "", True),
    ]
    row, last = AgreedScore.objects.get(statement__slug=APART), AgreedScoreVersion.objects.all()[1]
    assert (row.saved_at, row.saved_by_id) == (last.saved_at, last.saved_by_id)


def test_a_refused_save_keeps_no_version(meeting):
    save(meeting, APART, "3", rationale="One.")
    with pytest.raises(moderation.ConflictError):
        save(meeting, APART, "2", rationale="Two.", version=0)
    assert len(versions()) == 1


def test_a_version_is_never_changed_or_removed(meeting):
    save(meeting, APART, "3", rationale="One.")
    row = AgreedScoreVersion.objects.get()
    row.answer = "4"
    rows = AgreedScoreVersion.objects.all()
    with pytest.raises(AppendOnlyError, match="Versions of agreed scores are never changed"):
        row.save()
    with pytest.raises(AppendOnlyError):
        rows.update(answer="4")
    with pytest.raises(AppendOnlyError):
        AgreedScoreVersion.objects.bulk_create([row], ignore_conflicts=True)
    with pytest.raises(AppendOnlyError, match="never deleted"):
        row.delete()
    with pytest.raises(AppendOnlyError):
        rows.delete()
    with pytest.raises(models.ProtectedError):
        meeting.assessment.delete()
    assert versions() == [(1, "3", "One.", False)]


def test_no_version_joins_a_submitted_assessment(meeting):
    agree(meeting)
    submit(meeting)
    row = AgreedScore.objects.select_related("assessment").first()
    row.version = 2
    with pytest.raises(SubmittedError):
        AgreedScoreVersion.of(row).save()
    with pytest.raises(SubmittedError):
        AgreedScoreVersion.objects.bulk_create([AgreedScoreVersion.of(row)])


@on_postgresql
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE assessments_agreedscoreversion SET answer = '4'",
        "DELETE FROM assessments_agreedscoreversion",
        "TRUNCATE assessments_agreedscoreversion",
        "TRUNCATE assessments_assessment CASCADE",
    ],
)
def test_the_database_itself_refuses_to_change_a_version(meeting, sql):
    save(meeting, APART, "3", rationale="One.")
    # What is still to be checked at the end of the transaction would refuse TRUNCATE before us.
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL portal.may_truncate = ''")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql)
    assert versions() == [(1, "3", "One.", False)]


@on_postgresql
def test_the_database_itself_refuses_a_version_after_submission(meeting):
    agree(meeting)
    submit(meeting)
    row = AgreedScoreVersion.of(AgreedScore.objects.first())
    row.version = 2
    with pytest.raises(DatabaseError, match="submitted"), transaction.atomic():
        models.QuerySet(AgreedScoreVersion).bulk_create([row])
    assert Dissent.objects.count() == 0
