"""The minutes as a PDF: tagged like the report, and saying what the page says."""

import io
import re

import page as validator
import pikepdf
import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from assessments.reports.minutes import minutes_html, minutes_of, minutes_pdf
from tests.assessments.shortcuts import agree, lay_evidence, open_sign_off, submit
from tests.assessments.test_report_pdf import TEXTS, elements, squeezed, words_of
from tests.factories import AgreedScoreVersionFactory, DissentFactory, QuorumReasonFactory

pytestmark = pytest.mark.once


def valid(pdf):
    found = validator.validate_pdf_bytes(pdf)
    return [str(failure) for failure in found.failures] if not found.is_compliant else []


@pytest.fixture
def long_meeting(partnership):
    """Everything that minutes can hold, with the worst texts that people can type."""
    partnership.reveal()
    lead, statements = partnership.people["lead"], partnership.statements
    half = statements[:16]
    agree(partnership, {s.slug: "2" for s in half}, rationale=TEXTS[0])
    for number, statement in enumerate(half[:7]):
        AgreedScoreVersionFactory(
            assessment=partnership.assessment, statement=statement, version=2, answer="not_agreed",
            rationale=TEXTS[number], outside_reason=TEXTS[(number + 1) % 7], saved_by=lead,
        )  # fmt: skip
        DissentFactory(
            partner_return=partnership.returns["schools"], statement=statement,
            text=TEXTS[number], recorded_by=partnership.people["schools"],
        )  # fmt: skip
    AgreedScoreVersionFactory(
        assessment=partnership.assessment, statement=statements[20], in_one_step=True, saved_by=lead
    )
    DissentFactory(
        partner_return=partnership.returns["schools"], statement=statements[25],
        recorded_by=partnership.people["schools"],
    )  # fmt: skip
    QuorumReasonFactory(assessment=partnership.assessment, reason=TEXTS[1], recorded_by=lead)
    lay_evidence(partnership)
    return partnership


def test_pdf_of_long_minutes_is_valid_pdf_ua_and_says_what_they_say(long_meeting):
    minutes = minutes_of(long_meeting.assessment)
    pdf = minutes_pdf(long_meeting.assessment)
    assert valid(pdf) == []
    said = squeezed(words_of(pdf, "-raw"))
    expected = [minutes.name, minutes.report.band_label, "The meeting is not finished"]
    expected += [line.name for line in minutes.partners]
    expected += [f"{row.code} {row.title}" for row in minutes.report.statements]
    expected += [row.sentence for row in minutes.report.statements]
    expected += ["changed it from level 2 to not agreed", "Accepted in one step: 1 statement"]
    expected += ["No level from health", "<script>alert(1)</script> & <b>bold</b>"]
    assert [words for words in expected if squeezed(words) not in said] == []
    assert re.search(r"Page 1 of \d", words_of(pdf))


def test_pdf_names_itself_and_has_its_headings_in_order(long_meeting):
    html = minutes_html(minutes_of(long_meeting.assessment))
    with pikepdf.open(io.BytesIO(minutes_pdf(long_meeting.assessment))) as opened:
        assert str(opened.docinfo.Title) == (
            "Moorland: minutes of the meeting to agree levels, Autumn assessment"
        )
        assert str(opened.Root.Lang) == "en-GB"
        assert bool(opened.Root.MarkInfo.Marked) is True
        root = opened.Root.StructTreeRoot.K
        assert len(elements(root, "H1")) == 1
        page = BeautifulSoup(html, "html.parser")
        for level in ("h2", "h3", "h4"):
            assert len(elements(root, level.upper())) == len(page.find_all(level)) > 0
        tables = elements(root, "Table")
        assert [table for table in tables if not elements(table, "TH")] == []


def test_pdf_of_empty_minutes_is_valid(partnership):
    partnership.reveal()
    assert valid(minutes_pdf(partnership.assessment)) == []


def test_pdf_is_served_and_named_after_its_meeting(long_meeting):
    open_sign_off(long_meeting)
    address = reverse("assessments:minutes-pdf", args=[long_meeting.assessment.pk])
    response = long_meeting.client("health_board").get(address)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        'inline; filename="moorland-autumn-assessment-minutes.pdf"'
    )
    assert "Partners can record dissent until the report is submitted." in words_of(
        response.content
    )
    submit(long_meeting)
    fixed = long_meeting.client("health_board").get(address)
    assert "As things stand" not in words_of(fixed.content)


def test_pdf_that_cannot_be_made_is_said_on_a_page(long_meeting, monkeypatch, no_kept_pdf):
    def fail(*args, **kwargs):
        raise RuntimeError("no room")

    monkeypatch.setattr("weasyprint.HTML.render", fail)
    address = reverse("assessments:minutes-pdf", args=[long_meeting.assessment.pk])
    assert long_meeting.client("lead").get(address).status_code == 503
