"""Programme notes: written, corrected and withdrawn by DfE staff, and read by nobody else."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from areas.actions.errors import NoteMovedOnError
from areas.actions.programme_notes import correct_note, withdraw_note, write_note
from areas.models import AppendOnlyError, AuditEvent, ProgrammeNote, ProgrammeNoteVersion
from areas.permissions import Role
from tests.assessments.pages import heading, held, problems, sentences, soup, text, words
from tests.conftest import client_of
from tests.databases import on_postgresql
from tests.factories import (
    AreaFactory,
    MembershipFactory,
    ProgrammeNoteFactory,
    ProgrammeNoteVersionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
SECRET = "The lead sounded worn out."
DAY = {"follow_up_on_day": "1", "follow_up_on_month": "3", "follow_up_on_year": "2031"}
SAID = {"text": SECRET, "category": "concern", "follow_up_on": None}


@pytest.fixture
def area():
    return AreaFactory(name="Ashby", dfe_code="901")


@pytest.fixture
def note(area, programme):
    return write_note(area=area, by=programme, **SAID)


def url(name, area, *more):
    return reverse(f"assessments:{name}", args=[area.dfe_code, *more])


def notes(who, area, query=""):
    """The notes on the area's page, each in one line."""
    page = soup(client_of(who).get(url("programme-area", area) + query))
    return [words(node) for node in page.select("article")]


# ---- Writing -------------------------------------------------------------------------------------


def test_a_note_is_written_and_read_by_all_programme_staff(area, programme):
    client = client_of(programme)
    day = timezone.localdate() + timedelta(days=20)
    parts = {"day": day.day, "month": day.month, "year": day.year}
    sent = {f"follow_up_on_{part}": value for part, value in parts.items()}
    answer = client.post(url("add-note", area), {"text": SECRET, "category": "concern", **sent})
    assert answer.status_code == 302
    assert answer.url == f"{url('programme-area', area)}#notes"
    colleague = MembershipFactory(role=Role.PROGRAMME, area=None).user
    (said,) = notes(colleague, area)
    assert said.startswith("Programme Person, ")
    assert f"Concern {SECRET} Follow up on {day:%-d %B %Y} Withdraw" in said


def test_the_form_says_what_never_to_write_and_who_may_read_it_after_all(area, programme):
    said = text(client_of(programme).get(url("add-note", area)))
    assert "Never name or describe a child." in said
    assert "Write as if Ashby will read it too" in said
    assert "freedom of information" in said


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"text": " "}, "Write the note"),
        ({"text": "x" * 2001}, "What you want to note must be 2000 characters or fewer"),
        ({"category": "gossip"}, "Select a valid choice. gossip is not one of the available choices."),
        ({"follow_up_on_year": "2001"}, "Follow-up day must be today or later"),
        ({"follow_up_on_year": "2999"}, "Follow-up day must be in the next five years"),
        ({"follow_up_on_day": "31", "follow_up_on_month": "2"}, "Follow-up day must be a real date"),
        ({"follow_up_on_day": ""}, "Follow-up day must include a day"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_and_nothing_typed_is_lost(area, programme, sent, problem):
    whole = {"text": SECRET, "category": "contact", **DAY} | sent
    response = client_of(programme).post(url("add-note", area), whole)
    assert problems(response) == [problem]
    assert held(response, "text").strip() == whole["text"].strip()
    assert held(response, "follow_up_on_year") == whole["follow_up_on_year"]
    assert not ProgrammeNote.objects.exists()


def test_a_note_needs_a_text(area, programme, note):
    with pytest.raises(ValueError, match="text"):
        write_note(area=area, text="", category="", follow_up_on=None, by=programme)
    with pytest.raises(ValueError, match="reason"):
        withdraw_note(note=note, number=1, reason="", by=programme)


def test_a_follow_up_day_that_has_come_is_marked(area, programme, note):
    ProgrammeNoteVersionFactory(note=note, number=2, follow_up_on=timezone.localdate())
    assert f"Follow-up was due on {timezone.localdate():%-d %B %Y}" in notes(programme, area)[0]


# ---- Correcting and withdrawing ------------------------------------------------------------------


def test_a_correction_keeps_what_it_said_before(area, programme, note):
    client = client_of(programme)
    page = client.get(url("correct-note", area, note.pk))
    assert held(page, "text") == SECRET
    sent = {"text": "The lead asked for time.", "number": held(page, "number")}
    assert client.post(url("correct-note", area, note.pk), sent).status_code == 302
    (said,) = notes(programme, area)
    assert said.index("The lead asked for time.") < said.index("What it said before")
    assert said.index("What it said before") < said.index(SECRET)
    assert [row.number for row in note.versions.all()] == [2, 1]


def test_a_note_whose_day_is_over_is_corrected_without_another_day(area, programme, note):
    past = timezone.localdate() - timedelta(days=9)
    ProgrammeNoteVersionFactory(note=note, number=2, follow_up_on=past)
    page = client_of(programme).get(url("correct-note", area, note.pk))
    sent = {"text": "More", "number": "2"}
    sent |= {f"follow_up_on_{part}": getattr(past, part) for part in ("day", "month", "year")}
    assert held(page, "follow_up_on_day") == str(past.day)
    answer = client_of(programme).post(url("correct-note", area, note.pk), sent)
    assert answer.status_code == 302


def test_only_whoever_wrote_a_note_corrects_it(area, programme, note):
    colleague = MembershipFactory(role=Role.PROGRAMME, area=None).user
    client = client_of(colleague)
    assert client.get(url("correct-note", area, note.pk)).status_code == 403
    assert client.post(url("correct-note", area, note.pk), {"text": "x"}).status_code == 403
    assert "Correct" not in notes(colleague, area)[0]
    with pytest.raises(ValueError, match="by"):
        correct_note(note=note, number=1, by=colleague, **SAID)


def test_any_of_the_staff_withdraws_a_note_with_a_reason(area, programme, note):
    colleague = MembershipFactory(role=Role.PROGRAMME, area=None, user__name="Ann Other").user
    client = client_of(colleague)
    address = url("withdraw-note", area, note.pk)
    assert problems(client.post(address, {"number": "1"})) == ["Say why you withdraw it"]
    page = client.get(address)
    assert SECRET in text(page)
    sent = {"number": held(page, "number"), "reason": "It was about another area."}
    assert client.post(address, sent).status_code == 302
    (said,) = notes(programme, area)
    assert "Withdrawn by Ann Other" in said
    assert "It was about another area." in said
    assert SECRET in said.split("What it said before")[1]
    assert "Correct" not in said


def test_two_at_once_do_not_overwrite_each_other(area, programme, note):
    client = client_of(programme)
    client.post(url("correct-note", area, note.pk), {"text": "First", "number": "1"})
    answer = client.post(url("correct-note", area, note.pk), {"text": "Second", "number": "1"})
    assert answer.status_code == 409
    assert heading(answer) == "This cannot be done now"
    assert "Second" in text(answer)
    assert note.current.text == "First"
    withdraw_note(note=note, number=2, reason="No.", by=programme)
    answer = client.post(url("withdraw-note", area, note.pk), {"reason": "Why", "number": "2"})
    assert answer.status_code == 409
    assert "has been withdrawn" in text(answer)
    with pytest.raises(NoteMovedOnError):
        correct_note(note=note, number=3, by=programme, **SAID)


@pytest.mark.parametrize("number", ["", "x", "0", "99999999999999999999"])
def test_a_form_that_was_tampered_with_is_refused(area, programme, note, number):
    for name in ("correct-note", "withdraw-note"):
        sent = {"text": "More", "reason": "Why", "number": number}
        answer = client_of(programme).post(url(name, area, note.pk), sent)
        assert answer.status_code == 400
    assert note.versions.count() == 1


def test_an_address_of_another_area_leads_nowhere(programme, note):
    other = AreaFactory(name="Beeley", dfe_code="902")
    for name in ("correct-note", "withdraw-note"):
        assert client_of(programme).get(url(name, other, note.pk)).status_code == 404


def test_notes_are_paged_the_newest_first(area, programme):
    for number in range(12):
        write_note(area=area, text=f"Note {number}.", category="", follow_up_on=None, by=programme)
    first = notes(programme, area)
    assert ["Note 11." in first[0], "Note 2." in first[-1], len(first)] == [True, True, 10]
    page = soup(client_of(programme).get(url("programme-area", area)))
    older = page.find("a", rel="next")["href"]
    rest = notes(programme, area, older.partition("#")[0])
    assert ["Note 1." in rest[0], "Note 0." in rest[1], len(rest)] == [True, True, 2]
    assert len(notes(programme, area, "?before=99999999999999999999999")) == 10
    assert len(notes(programme, area, "?before=x")) == 10
    assert notes(programme, area, "?before=1") == []


# ---- Private to programme staff ------------------------------------------------------------------


def everyone_else(area):
    """One person of each role that is not programme staff; those of the area are of this area."""
    area_roles = (Role.LEAD, Role.VIEWER)
    people = [MembershipFactory(area=area, role=role).user for role in area_roles]
    editor = MembershipFactory(role=Role.EDITOR, area=None, user__is_staff=True).user
    lead_and_editor = MembershipFactory(area=area, role=Role.LEAD, user__is_staff=True).user
    MembershipFactory(user=lead_and_editor, role=Role.EDITOR, area=None)
    superuser = UserFactory(is_staff=True, is_superuser=True)
    return [*people, editor, lead_and_editor, superuser]


def test_no_other_role_sees_a_note(area, note):
    for person in everyone_else(area):
        assert list(ProgrammeNote.objects.visible_to(person)) == []
        for name, more in (
            ("add-note", []),
            ("correct-note", [note.pk]),
            ("withdraw-note", [note.pk]),
        ):
            client = client_of(person)
            assert client.get(url(name, area, *more)).status_code in {403, 404}
            assert client.post(url(name, area, *more), {"text": "x"}).status_code in {403, 404}
    assert Client().get(url("add-note", area)).status_code == 302


def test_neither_the_history_nor_the_admin_site_tells_that_there_is_one(area, programme, note):
    lead = MembershipFactory(area=area, role=Role.LEAD).user
    editor = MembershipFactory(role=Role.EDITOR, area=None, user__is_staff=True).user
    for name in ("history", "history-csv", "history-json"):
        answer = client_of(lead).get(url(name, area))
        said = b"".join(answer) if answer.streaming else answer.content
        for told in (SECRET, "programme note", "note.write", programme.name):
            assert told.encode() not in said
    for person in everyone_else(area):
        assert not AuditEvent.objects.visible_to(person).filter(verb__startswith="note.").exists()
        assert not AuditEvent.objects.told_to_programme(person).exists()
    answer = client_of(editor).get("/admin/areas/auditevent/")
    assert answer.status_code == 200
    assert "programme note" not in answer.content.decode()


def test_the_log_tells_programme_staff_that_there_is_one_and_not_a_word_of_it(programme, note):
    correct_note(note=note, number=1, by=programme, **SAID)
    withdraw_note(note=note, number=2, reason=SECRET, by=programme)
    assert sentences() == [
        f"Programme Person {act} a programme note" for act in ("wrote", "corrected", "withdrew")
    ]
    for event in AuditEvent.objects.all():
        assert SECRET not in f"{event.sentence} {event.details}"
    colleague = MembershipFactory(role=Role.PROGRAMME, area=None).user
    page = soup(client_of(colleague).get(url("programme-area", note.area)))
    log = next(node for node in page.select("details") if "What the log holds" in words(node))
    acts = [words(line).partition("Person ")[2] for line in log.select("li")]
    assert acts == [f"{act} a programme note" for act in ("withdrew", "corrected", "wrote")]


def test_a_lead_who_is_also_of_the_programme_has_no_note_in_the_history(area, programme, note):
    both = MembershipFactory(area=area, role=Role.LEAD).user
    MembershipFactory(user=both, role=Role.PROGRAMME, area=None)
    answer = client_of(both).get(url("history-csv", area))
    assert "programme note" not in b"".join(answer).decode()
    assert "wrote a programme note" in text(client_of(both).get(url("programme-area", area)))


# ---- In the database -----------------------------------------------------------------------------


def test_notes_and_their_versions_are_never_changed(note):
    for row in (note, note.current):
        with pytest.raises(AppendOnlyError, match="never changed"):
            row.save()
        with pytest.raises(AppendOnlyError, match="never deleted"):
            row.delete()
    with pytest.raises(AppendOnlyError):
        ProgrammeNoteVersion.objects.update(text="x")


@on_postgresql
@pytest.mark.parametrize("table", ["areas_programmenote", "areas_programmenoteversion"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_postgresql_itself_refuses_a_change(note, table, sql):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL portal.may_truncate = ''")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql.format(table))


def test_a_version_of_a_note_is_there_once(note):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgrammeNoteVersionFactory(note=note, number=1)


def test_a_withdrawal_has_no_text(note):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgrammeNoteVersionFactory(note=note, number=2, withdrawn_because="No.")
    said = ProgrammeNoteVersionFactory(note=note, number=2, text="", withdrawn_because="No.")
    assert str(said).endswith(", version 2")
    assert str(ProgrammeNoteFactory(area=note.area)).startswith("Ashby: note of ")
