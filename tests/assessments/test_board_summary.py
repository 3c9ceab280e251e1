"""The board summary: four sheets at most, whatever people wrote, and nothing else than the report."""

import io
import re

import pikepdf
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from areas.models import Sector
from assessments.models import Assessment, QuorumReason
from assessments.reports.board import (
    IN_FULL,
    MOST_SHEETS,
    MOST_STEPS,
    ROOMS,
    board_summary_html,
    board_summary_pdf,
    cut,
)
from assessments.reports.build import contents_of
from assessments.reports.layout import lift_lines
from send_portal.pdf import kept_fitted_pdf
from tests.assessments.pages import text
from tests.assessments.shortcuts import agree, lay_evidence, next_assessment, submit
from tests.assessments.test_report_pdf import TEXTS, elements, extreme, squeezed, valid, words_of
from tests.conftest import client_of, make_partnership
from tests.factories import QuorumReasonFactory

pytestmark = pytest.mark.once

CROWD = [*Sector, Sector.HEALTH, Sector.SCHOOLS, Sector.VOLUNTARY_SECTOR]


def url(partnership):
    return reverse("assessments:board-summary-pdf", args=[partnership.assessment.pk])


def sheets(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def made(assessment, *, shows_partners=True):
    """Checked as every summary must be: valid, short, and each statement on it once."""
    pdf = board_summary_pdf(assessment, shows_partners=shows_partners)
    assert valid(pdf) == []
    assert 1 < sheets(pdf) <= MOST_SHEETS
    report = contents_of(assessment, shows_partners=shows_partners)
    raw = squeezed(words_of(pdf, "-raw"))
    # What is drawn twice where a sheet ends would also be read twice.
    assert raw.count("statementsagreed.") == len(report.ingredients)
    # Never levels: each statement stands with its own.
    for row in report.statements:
        said = "" if row.level else f", {row.agreed_words.lower()}"
        assert squeezed(f"{row.level or '–'}{row.code} {row.title}{said}") in raw
    return pdf


# ---- Never more than four sheets -----------------------------------------------------------------


def test_with_twelve_partners_and_the_worst_texts_it_has_four_sheets(framework):
    assessment = extreme()
    pdf, for_dfe = made(assessment), made(assessment, shows_partners=False)
    assert squeezed("PLANTED") not in squeezed(words_of(for_dfe))
    # Nobody's name is cut; at the tightest it is left to the report.
    assert squeezed("Health 1: does not agree") in squeezed(words_of(pdf, "-raw"))


def test_with_every_reason_that_can_be_recorded_it_has_four_sheets(partnership):
    partnership.reveal()
    ingredients = ["", *(row.slug for row in partnership.assessment.content.all_ingredients)]
    for number, ingredient in enumerate(ingredients):
        for sector in (row for row in Sector if row.is_required):
            QuorumReasonFactory(
                assessment=partnership.assessment, sector=sector, ingredient=ingredient,
                reason=f"{number}. {TEXTS[6][:440]}", recorded_by=partnership.people["lead"],
            )  # fmt: skip
    assert QuorumReason.objects.count() == 28
    made(partnership.assessment)


def crowd(name="Crowdshire"):
    found = make_partnership(name, list(Sector))
    found.reveal({"health": "4", "schools": "1"})
    return found


@pytest.mark.parametrize("level", ["1", "4", "not_agreed"])
def test_whatever_everyone_agreed_it_has_four_sheets(framework, level):
    everyone = crowd()
    agree(everyone, level, rationale=f"Because. {TEXTS[6][:480]}.")
    made(everyone.assessment)


def test_a_long_list_of_steps_is_told_by_ingredient(framework):
    everyone = crowd()
    agree(everyone, "1")
    said = squeezed(words_of(made(everyone.assessment), "-raw"))
    assert re.search(squeezed(r"Leadership: \d statements \(3.1, 3.2"), said)


def test_with_one_partner_and_nothing_agreed_it_is_a_valid_draft(framework):
    alone = make_partnership("Islet", [Sector.LOCAL_AUTHORITY])
    alone.reveal()
    pdf = made(alone.assessment)
    said = squeezed(words_of(pdf, "-raw"))
    assert squeezed("Islet is not yet rated: none of the six ingredients can be rated yet.") in said
    assert squeezed("Why stands with each ingredient on the pages that follow.") in said
    assert [page for page in words_of(pdf).split("\f")[:-1] if page.count("Draft") < 1] == []


# ---- What it says --------------------------------------------------------------------------------


@pytest.fixture
def check_in(partnership):
    """Submitted after a baseline, with a level that rose, dissent from nobody, and evidence."""
    partnership.reveal()
    agree(partnership, "2")
    submit(partnership)
    later = next_assessment(partnership)
    later.reveal({"health": "4"})
    agree(later, {s.slug: "3" if s.number == 1 else "2" for s in later.statements})
    lay_evidence(later)
    submit(later)
    return later


def test_its_first_sheet_has_the_message(check_in):
    report = contents_of(check_in.assessment)
    pdf = made(check_in.assessment)
    first = squeezed(words_of(pdf, "-raw", "-l", "1"))
    expected = [report.band_sentence, report.band_label, report.limits, report.baseline.summary]
    expected += [f"{tile.name}{tile.figure}{tile.words}" for tile in report.tiles]
    expected += [line for group in lift_lines(report, MOST_STEPS) for line in group.lines]
    expected += [row.sentence for row in report.ingredients]
    expected += [row.change for row in report.ingredients]
    assert [said for said in expected if squeezed(said) not in first] == []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        figures = elements(opened.Root.StructTreeRoot.K, "Figure")
        assert [str(figure.Alt) for figure in figures] == [
            re.search("<title>(.*)</title>", row.strip)[1] for row in report.ingredients
        ]


def test_the_other_sheets_have_what_it_rests_on_and_no_annex(check_in):
    report = contents_of(check_in.assessment)
    said = squeezed(words_of(made(check_in.assessment), "-raw"))
    expected = [priority.why for priority in report.priorities]
    expected += [f"{reason.what}: {reason.why}" for reason in report.reasons]
    expected += [f"{row.coverage} statements agreed" for row in report.ingredients]
    expected += [line.partner.name for line in report.signatures]
    expected += ["The others signed on paper.", f"snapshot {report.method.sha256[:8]}"]
    assert [words for words in expected if squeezed(words) not in said] == []
    assert "Annex" not in said


def test_it_names_itself_and_has_its_headings_in_order(check_in):
    with pikepdf.open(io.BytesIO(made(check_in.assessment))) as opened:
        assert str(opened.docinfo.Title) == "Moorland: board summary, Spring check-in"
        assert str(opened.Root.Lang) == "en-GB"
        root = opened.Root.StructTreeRoot.K
        assert (len(elements(root, "H1")), len(elements(root, "H2"))) == (1, 3)
        tables = elements(root, "Table")
        assert [table for table in tables if not elements(table, "TH")] == []


# ---- Cut at the end of a sentence ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "letters", "expected"),
    [
        ("", 0, ""),
        ("We agreed.", 10, "We agreed."),
        ("We agreed. It took long.", 12, f"We agreed. {IN_FULL}"),
        ("We agreed. It took long.", 9, IN_FULL),
        ("He said “yes.” She did not agree with it.", 20, f"He said “yes.” {IN_FULL}"),
        ("Is it so? Yes! And 2.5 of 3.", 17, f"Is it so? Yes! {IN_FULL}"),
        ("one long sentence without an end", 10, IN_FULL),
    ],
)
def test_a_text_is_cut_at_the_end_of_a_sentence(said, letters, expected):
    assert cut(said, letters) == expected


@given(st.text(alphabet="ab .!?”\n", max_size=80), st.integers(0, 60))
def test_a_cut_text_is_the_start_of_it_and_never_longer(said, letters):
    found = cut(said, letters)
    if found != said:
        kept = found.removesuffix(IN_FULL).rstrip()
        assert said.startswith(kept)
        assert len(kept) <= letters + 1
        assert kept == "" or kept[-1] in ".!?”"


def test_each_version_of_it_says_less(partnership):
    partnership.reveal()
    agree(partnership, "2", rationale="Said. " * 50)
    lengths = [len(html) for html in board_summary_html(contents_of(partnership.assessment))]
    assert len(lengths) == len(ROOMS)
    assert lengths == sorted(lengths, reverse=True)


# ---- Who gets which ---------------------------------------------------------------------------------


def test_dfe_gets_it_without_anything_of_a_partner_until_the_area_consents(partnership, programme):
    partnership.reveal({"health": "4"})
    agree(partnership, rationale="PLANTED by the meeting.")
    submit(partnership)
    said = squeezed(words_of(client_of(programme).get(url(partnership)).content, "-raw"))
    assert squeezed("Each partner’s levels, reasons and words stay in the area") in said
    assert "PLANTED" not in said
    assert "Wherepartnersstand" not in said
    assert squeezed("5 chose 2") not in said
    Assessment.objects.update(dfe_sees_partners=True)
    told = squeezed(words_of(client_of(programme).get(url(partnership)).content, "-raw"))
    assert "PLANTED" in told
    assert "Wherepartnersstand" in told


def test_for_dfe_it_is_the_same_whatever_partners_chose(framework):
    found = []
    for levels in ({"health": "4", "parent_carers": "1"}, {"health": "1", "schools": "3"}):
        own = make_partnership("Moorland")
        own.reveal(levels)
        agree(own)
        found.append(board_summary_html(contents_of(own.assessment, shows_partners=False)))
    assert found[0] == found[1]


def test_it_is_named_after_its_report_and_a_draft_says_so(partnership):
    partnership.reveal()
    draft = partnership.client("lead").get(url(partnership))
    assert draft["Content-Type"] == "application/pdf"
    assert draft["Content-Disposition"] == (
        'inline; filename="moorland-autumn-assessment-draft-board-summary.pdf"'
    )
    assert "Not signed, and not for use outside the partnership." in words_of(draft.content)
    agree(partnership)
    submit(partnership)
    fixed = partnership.client("viewer").get(url(partnership))
    assert fixed["Content-Disposition"] == (
        'inline; filename="moorland-autumn-assessment-board-summary.pdf"'
    )
    assert "Draft" not in words_of(fixed.content)


def test_the_report_page_offers_it(partnership):
    partnership.reveal()
    page = partnership.client("lead").get(
        reverse("assessments:report", args=[partnership.assessment.pk])
    )
    assert url(partnership) in page.content.decode()
    assert "Board summary, four pages (PDF)" in text(page)


def test_what_cannot_be_made_is_said_on_a_page(partnership, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no room")

    partnership.reveal()
    kept_fitted_pdf.cache_clear()
    monkeypatch.setattr("weasyprint.HTML.render", fail)
    response = partnership.client("lead").get(url(partnership))
    assert response.status_code == 503
    assert "The PDF could not be made" in text(response)
