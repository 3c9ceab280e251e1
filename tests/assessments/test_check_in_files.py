"""A check-in as an accessible PDF, and as an entry of a calendar."""

import io
from datetime import date

import pikepdf
import pytest
from django.urls import reverse
from icalendar import Calendar

from assessments.actions import check_ins as actions
from assessments.reports.check_in import check_in_pdf, contents_of_check_in
from assessments.views import check_in_files
from send_portal.pdf import PdfError
from tests.assessments.pages import heading
from tests.assessments.shortcuts import agree, submit
from tests.assessments.test_minutes_pdf import valid
from tests.assessments.test_report_pdf import TEXTS, elements, squeezed, words_of
from tests.factories import ActionFactory, EvidenceFactory

pytestmark = pytest.mark.once


@pytest.fixture
def check_in(framework, time_machine, request):
    """With the worst texts that people can type, and nothing on the last priority."""
    time_machine.move_to("2026-03-01T12:00Z", tick=False)
    own = request.getfixturevalue("partnership")
    own.reveal()
    agree(own)
    submit(own)
    lead, health = own.people["lead"], own.partners["health"]
    made = actions.plan_check_in(area=own.area, kind="dfe", on=date(2026, 4, 1), by=lead)
    item = EvidenceFactory(owner=health, title="Board minutes")
    for number, row in enumerate(made.priorities.select_related("statement")[:5]):
        row.check_in = made
        actions.record_priority(
            priority=row, version=1, level="3", what_changed=TEXTS[number],
            how_we_know=TEXTS[number + 1], evidence=item if number else None,
            blocker=TEXTS[number + 2], next_step=TEXTS[number][:300], body=health,
            next_on=date(2026, 5, 1), by=lead,
        )  # fmt: skip
    ActionFactory(body=health, what=TEXTS[2][:300], due_on=date(2026, 3, 20))
    made.own = own
    return made


def url(check_in, name):
    return reverse(f"assessments:{name}", args=[check_in.pk])


def test_pdf_is_valid_pdf_ua_and_says_what_the_page_says(check_in):
    found = contents_of_check_in(check_in)
    pdf = check_in_pdf(found)
    assert valid(pdf) == []
    said = squeezed(words_of(pdf, "-raw"))
    expected = [found.title, found.pace, found.sentence, "Not agreed yet", "Moorland Health"]
    expected += [f"{row.code} {row.title}" for row in found.priorities]
    expected += [row.words for row in found.priorities]
    assert [text for text in expected if squeezed(text) not in said] == []


def test_every_strip_of_the_pdf_says_what_it_shows(check_in):
    with pikepdf.open(io.BytesIO(check_in_pdf(contents_of_check_in(check_in)))) as file:
        strips = [str(figure.Alt) for figure in elements(file.Root.StructTreeRoot, "Figure")]
    assert len(strips) == 6
    assert strips[1] == "1.2 Safe space to learn together. Recorded. Up from 2 to 3."


def test_a_record_on_which_all_agreed_gives_the_same_bytes_again(check_in, time_machine):
    time_machine.move_to("2026-04-02T12:00Z")
    lead = check_in.own.people["lead"]
    closed = actions.agree_check_in(check_in=check_in, by=lead)
    closed = actions.agree_check_in(check_in=closed, by=lead, for_programme=True)
    first = check_in_pdf(contents_of_check_in(closed))
    assert check_in_pdf(contents_of_check_in(closed)) == first
    assert squeezed("Not agreed yet. As things stand") not in squeezed(words_of(first, "-raw"))


def test_pdf_is_offered_with_its_name(check_in):
    response = check_in.own.client("health").get(url(check_in, "check-in-pdf"))
    assert response["Content-Type"] == "application/pdf"
    name = "moorland-check-in-2026-04-01-draft.pdf"
    assert response["Content-Disposition"] == f'inline; filename="{name}"'


def test_a_pdf_that_cannot_be_made_says_so(check_in, monkeypatch):
    def fail(found):
        raise PdfError("No.")

    monkeypatch.setattr(check_in_files, "check_in_pdf", fail)
    response = check_in.own.client("health").get(url(check_in, "check-in-pdf"))
    assert response.status_code == 503
    assert heading(response) == "The PDF could not be made"


def entry(check_in):
    response = check_in.own.client("health").get(url(check_in, "check-in-ics"))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert 'filename="moorland-check-in-2026-04-' in response["Content-Disposition"]
    calendar = Calendar.from_ical(response.content)
    [event] = calendar.walk("VEVENT")
    return calendar, event


def test_calendar_entry_is_the_day_and_leads_to_the_record(check_in):
    calendar, event = entry(check_in)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 4, 1), date(2026, 4, 2))
    assert event["SUMMARY"] == "Moorland: SEND check-in (With DfE or NHS England)"
    assert event["URL"].endswith(f"/check-ins/{check_in.pk}/")
    assert (event["STATUS"], calendar["METHOD"]) == ("CONFIRMED", "PUBLISH")
    assert TEXTS[0][:9] not in event.to_ical().decode()


def test_calendar_entry_moves_with_the_day_and_goes_when_it_is_called_off(check_in):
    _, before = entry(check_in)
    lead = check_in.own.people["lead"]
    actions.change_check_in(check_in=check_in, version=1, kind="dfe", on=date(2026, 4, 9), by=lead)
    _, after = entry(check_in)
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt == date(2026, 4, 9)
    actions.cancel_check_in(check_in=check_in, by=lead)
    calendar, event = entry(check_in)
    assert (event["STATUS"], calendar["METHOD"]) == ("CANCELLED", "CANCEL")
