"""The sheet for paper: every statement to tick, tagged, and always empty."""

import io
import re

import page as validator
import pikepdf
import pytest

from tests.assessments.test_report_pdf import elements, squeezed, words_of
from tests.assessments.workbooks import address

pytestmark = pytest.mark.once


def sheet(partnership, sector="health"):
    response = partnership.client(sector).get(address(partnership, "sheet", sector))
    assert response["Content-Type"] == "application/pdf"
    return response


@pytest.fixture
def pdf(partnership):
    partnership.answer("health", "3", "PLANTED")
    return sheet(partnership).content


def test_sheet_is_valid_tagged_and_of_a_length_people_print(pdf):
    found = validator.validate_pdf_bytes(pdf)
    assert found.is_compliant, [str(failure) for failure in found.failures]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert 10 <= len(opened.pages) <= 14
        assert str(opened.Root.Lang) == "en-GB"
        assert str(opened.docinfo.Title) == "Scoring sheet of Moorland Health: Autumn assessment"
        root = opened.Root.StructTreeRoot.K
        tables = elements(root, "Table")
        assert len(tables) == 32
        assert all(len(elements(table, "TH")) == 4 for table in tables)


def test_sheet_holds_every_statement_and_level_and_no_answer(partnership, pdf):
    said = squeezed(words_of(pdf, "-raw"))
    for statement in partnership.statements:
        wanted = [statement.title, statement.text, statement.plain]
        wanted += [line for lines in statement.level_sentences.values() for line in lines]
        assert [text for text in wanted if squeezed(text) not in said] == []
    assert "PLANTED" not in said
    assert len(re.findall("Cannotsay", said)) == 33
    assert "Neverwriteanythingaboutachild" in said


def test_sheet_is_shown_in_the_browser_under_a_telling_name(partnership):
    assert sheet(partnership)["Content-Disposition"] == (
        'inline; filename="moorland-autumn-assessment-health-sheet.pdf"'
    )


def test_sheet_of_families_asks_what_the_page_asks(partnership):
    said = squeezed(words_of(sheet(partnership, "parent_carers").content, "-raw"))
    assert squeezed(partnership.statement("agency-joint-design").text) in said
    assert squeezed(partnership.statement("agency-safe-learning").text) not in said


def test_sheet_that_cannot_be_made_says_so(partnership, settings, no_kept_pdf):
    # A style sheet that is not there is what a broken installation looks like.
    settings.BASE_DIR = settings.BASE_DIR / "nowhere"
    from send_portal import pdf

    pdf._stylesheet.cache_clear()
    response = partnership.client("health").get(address(partnership, "sheet"))
    assert response.status_code == 503
    assert "The sheet could not be made" in response.content.decode()
