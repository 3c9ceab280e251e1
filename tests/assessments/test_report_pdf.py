"""The report as a PDF: tagged, the same as the page, made once."""

import io
import re
import subprocess
from itertools import pairwise
from types import SimpleNamespace

import page as validator
import pikepdf
import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from areas.models import Sector
from assessments.actions.assessments import build_returns
from assessments.actions.sign_off import freeze
from assessments.models import (
    AgreedScore,
    Assessment,
    Dissent,
    PartnerReturn,
    Score,
    SignOff,
    StoredReport,
)
from assessments.reports.build import contents_of
from assessments.reports.pdf import report_html, report_pdf
from assessments.reports.words import sentence_case
from assessments.tasks import store_report_pdf
from ingredients.actions import load_framework, publish
from ingredients.models.framework import forget_published
from send_portal.pdf import PdfError, read_drawing, render_pdf, without
from tests.assessments.pages import text
from tests.assessments.shortcuts import agree, lay_evidence, submit
from tests.assessments.tagged import HEADINGS, alternatives, below, tree_of
from tests.conftest import client_of, make_partnership
from tests.factories import AreaFactory, AssessmentFactory, PartnerFactory

# Also for the tests that only read: without it nothing lays a test database below `made`.
pytestmark = [pytest.mark.once, pytest.mark.django_db]

TEXTS = [
    "W" * 500,
    "<script>alert(1)</script> & <b>bold</b>",
    "שלום עולם, مرحبا بالعالم",
    "Łukasz Żółć, Ğözde Çelik, Dvořák",
    "Good 🙂👍, 中文, \x07bell",
    "Line one\nLine two\n\nLine four",
    "many words " * 45,
]
ANSWERS = ["1", "2", "3", "4", "cannot_say", "not_applicable", "not_agreed"]


def words_of(pdf, *options):
    found = subprocess.run(
        ["/usr/bin/pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True
    )
    return found.stdout.decode()


def squeezed(said):
    """Without spaces and hyphens at line ends: a PDF breaks lines where it likes."""
    return re.sub(r"[\s\u00ad]+", "", said)


def extreme():
    """Twelve partners, three sectors twice, and the worst texts that people can type."""
    area = AreaFactory(name="Łódź and Żory", dfe_code="777")
    assessment = AssessmentFactory(area=area, title="T" * 80)
    lead = assessment.started_by
    sectors = [*Sector, Sector.HEALTH, Sector.SCHOOLS, Sector.VOLUNTARY_SECTOR]
    partners = [
        PartnerFactory(area=area, sector=sector, name=f"{sector.label} {n} {'Łukasz W' * 14}")
        for n, sector in enumerate(sectors)
    ]
    returns = PartnerReturn.objects.bulk_create(build_returns(assessment, partners))
    statements = assessment.content.all_statements
    for n, row in enumerate(returns):
        Score.objects.bulk_create(
            Score(partner_return=row, statement=statement, answer=ANSWERS[(n + k) % 4], reason="PLANTED", saved_by=lead)
            for k, statement in enumerate(assessment.statements_for(row.sector))
        )  # fmt: skip
    AgreedScore.objects.bulk_create(
        AgreedScore(assessment=assessment, statement=statement, answer=ANSWERS[k % 7],
                    rationale=TEXTS[k % 7], outside_reason=TEXTS[(k + 1) % 7], saved_by=lead)
        for k, statement in enumerate(statements)
    )  # fmt: skip
    for row, statement, said in zip(returns, statements, TEXTS, strict=False):
        Dissent.objects.create(assessment=assessment, statement=statement, partner_return=row,
                               text=f"PLANTED {said}", recorded_by=lead)  # fmt: skip
        SignOff.objects.create(assessment=assessment, partner_return=row, decision="disagree",
                               text=said, name="N" * 120, role="R " * 60, signed_by=lead)  # fmt: skip
    PartnerReturn.objects.update(submitted_at=timezone.now(), submitted_by=lead)
    moment = timezone.now()
    Assessment.objects.update(
        stage="submitted", revealed_at=moment, revealed_by=lead, reveal_reason=TEXTS[0],
        submitted_at=moment, submitted_by=lead, submit_reason=TEXTS[2],
    )  # fmt: skip
    assessment.refresh_from_db()
    freeze(assessment)
    return assessment


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """PDFs take a second each, so the ones that many tests read are made once."""
    with django_db_blocker.unblock(), transaction.atomic():
        forget_published()
        framework, _ = load_framework(folder=settings.FIXTURES / "framework" / "1")
        publish(framework=framework)
        assessment = extreme()
        found = SimpleNamespace(
            report=contents_of(assessment),
            pdf=report_pdf(assessment, shows_partners=True),
            again=report_pdf(assessment, shows_partners=True),
            programme=report_pdf(assessment, shows_partners=False),
            html=report_html(contents_of(assessment)),
        )
        transaction.set_rollback(True)
    forget_published()
    found.said = squeezed(words_of(found.pdf, "-raw"))
    return found


@pytest.fixture
def opened(made):
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        yield pdf


def valid(pdf):
    found = validator.validate_pdf_bytes(pdf)
    return [str(failure) for failure in found.failures] if not found.is_compliant else []


# ---- Valid and tagged -----------------------------------------------------------------------------


def test_pdf_with_extreme_texts_is_valid_pdf_ua(made):
    assert valid(made.pdf) == []
    assert valid(made.programme) == []


def test_pdf_is_the_same_bytes_for_the_same_snapshot(made):
    assert made.pdf == made.again


def test_pdf_names_itself_and_its_language(opened, made):
    assert str(opened.docinfo.Title) == f"Łódź and Żory: readiness report, {'T' * 80}"
    assert str(opened.Root.Lang) == "en-GB"
    assert bool(opened.Root.ViewerPreferences.DisplayDocTitle) is True
    assert bool(opened.Root.MarkInfo.Marked) is True
    with opened.open_metadata() as meta:
        assert meta["pdfuaid:part"] == "1"


def elements(node, kind):
    """Every element of a kind in the structure tree."""
    if isinstance(node, pikepdf.Array):
        return [found for child in node for found in elements(child, kind)]
    if not isinstance(node, pikepdf.Dictionary):
        return []
    own = [node] if node.get("/S") == f"/{kind}" else []
    return own + (elements(node.K, kind) if "/K" in node else [])


def test_pdf_has_a_bookmark_for_each_heading(opened, made):
    page = BeautifulSoup(made.html, "html.parser")
    headings = [" ".join(node.get_text().split()) for node in page.find_all(["h1", "h2", "h3"])]
    with opened.open_outline() as outline:
        titles = []

        def walk(items):
            for item in items:
                titles.append(" ".join(item.title.split()))
                walk(item.children)

        walk(outline.root)
    assert titles == headings
    assert len(headings) > 15


def test_pdf_tables_have_headers_and_figures_have_words(opened, made):
    root = opened.Root.StructTreeRoot.K
    tables, figures = elements(root, "Table"), elements(root, "Figure")
    assert len(tables) > 10
    assert [table for table in tables if not elements(table, "TH")] == []
    said = alternatives(made.pdf)
    assert len(figures) == len(said) == 20
    assert [words for words in said if not words.endswith(".")] == []
    axis, *strips = said[:7]
    assert axis.startswith("Levels: 1 not yet in place, 2 started")
    for row, words in zip(made.report.ingredients, strips, strict=True):
        assert words.startswith(f"{row.short_title}. Level")
        assert re.search(r"(Agreed level \d|Not yet rated)\.$", words)
    # In words a partner has its name, not its code.
    assert [words for words in said if "H1" in words] == []


def test_pdf_has_headings_in_order(made):
    headings = [(node.kind, node.words) for node in tree_of(made.pdf).all(*HEADINGS)]
    assert [kind for kind, _ in headings].count("H1") == 1
    assert [words for kind, words in headings if kind == "H2"][1:] == [
        "The six ingredients",
        "Priorities and sign-off",
        "Annex A: all 32 statements",
        "Annex B: how it was worked out",
    ]
    levels = [int(kind[1]) for kind, _ in headings]
    assert max(after - before for before, after in pairwise(levels)) == 1


# ---- The same as the contents -----------------------------------------------------------------------


def test_pdf_says_what_the_contents_say(made):
    report = made.report
    expected = [report.band_sentence, report.band_label, *report.missing]
    expected += [
        f"{tile.figure} {tile.name}. {sentence_case(tile.words)}." for tile in report.tiles
    ]
    expected += [f"Rule {report.method.rule}", report.method.sha256, report.method.who_sees]
    expected += [report.method.framework_fingerprint]
    expected += [line.name for line in report.partners]
    expected += [row.widest.sentence for row in report.ingredients]
    expected += [f"{row.code} {row.title} {row.text}" for row in report.statements]
    expected += [priority.why for priority in report.priorities]
    expected += [line.words for line in report.signatures] + [
        reason.what for reason in report.reasons
    ]
    missing = [words for words in expected if squeezed(words) not in made.said]
    assert missing == []


def test_pdf_has_every_level_of_every_partner_in_the_annex(made):
    rows = [
        cells
        for table in below(tree_of(made.pdf), "Annex A")
        if table.kind == "Table"
        for cells in table.rows[1:]
    ]
    for statement, (_, *columns, _agreed, _why) in zip(made.report.statements, rows, strict=True):
        assert columns == [
            " ".join(answer.partner.code for answer in statement.answers if answer.level == level)
            for level in (1, 2, 3, 4)
        ]


def test_pdf_has_the_figures_of_each_chart_in_a_table(made):
    tables = [node for node in below(tree_of(made.pdf), "Annex B") if node.kind == "Table"]
    workings, places = tables[0].rows, tables[1].rows
    assert places[0][1:] == [line.code for line in made.report.partners] + ["Agreed"]
    for row, counts, stood in zip(made.report.ingredients, workings[1:], places[1:], strict=True):
        level = str(row.level or "–")
        assert (counts[0], counts[1], counts[-1]) == (row.short_title, row.coverage, level)
        assert stood[1:] == [str(place.level or "–") for place in row.places] + [level]


def test_pdf_prints_the_page_of_pages(made):
    pages = words_of(made.pdf).split("\f")[:-1]
    assert all(
        re.search(rf"Page {number} of {len(pages)}\b", page)
        for number, page in enumerate(pages, start=1)
    )


def test_pdf_prints_markup_as_it_was_typed_and_names_what_no_font_has(made):
    assert squeezed("<script>alert(1)</script> & <b>bold</b>") in made.said
    assert squeezed("Good [slightly smiling face][thumbs up sign], [?], [?]bell") in made.said
    assert "ŁukaszŻółć,ĞözdeÇelik,Dvořák" in made.said
    assert "W" * 500 in made.said


def test_pdf_for_dfe_has_nothing_that_a_partner_chose_or_wrote(made):
    said = squeezed(words_of(made.programme, "-raw"))
    assert "PLANTED" in made.said
    assert "PLANTED" not in said
    assert "Eachcodestands" not in said
    assert squeezed("Each partner’s levels, reasons and words stay in the area") in said
    assert "Contested." in said


def test_pdf_of_a_submitted_report_is_no_draft(made):
    assert "Draft" not in words_of(made.pdf)


# ---- Small and odd reports -----------------------------------------------------------------------------


def test_pdf_of_one_partner_with_nothing_agreed_is_a_valid_draft(framework):
    alone = make_partnership("Islet", [Sector.LOCAL_AUTHORITY])
    alone.reveal()
    pdf = report_pdf(alone.assessment, shows_partners=True)
    assert valid(pdf) == []
    said = squeezed(words_of(pdf, "-raw"))
    assert squeezed("Islet is not yet rated: none of the six ingredients can be rated yet.") in said
    assert squeezed(f"Draft of {timezone.localdate():%-d %B %Y}. Not signed") in said
    # Across each page, besides the words at its top.
    pages = words_of(pdf, "-raw").split("\f")[:-1]
    assert [page for page in pages if squeezed(page).count("Draft") < 2] == []


def test_pdf_of_a_ready_area_has_no_higher_band(partnership):
    partnership.reveal()
    agree(partnership, "4")
    lay_evidence(partnership)
    pdf = report_pdf(partnership.assessment, shows_partners=True)
    assert valid(pdf) == []
    assert squeezed("There is no higher band.") in squeezed(words_of(pdf, "-raw"))


def test_characters_without_a_glyph_are_named_or_marked():
    assert (
        without({"🙂"}, "<p>a🙂🙂b</p>")
        == "<p>a[slightly smiling face][slightly smiling face]b</p>"
    )
    assert without({"中", "文", "]"}, "中文]x") == "[?]x"


# ---- Made once, kept ----------------------------------------------------------------------------------


def pdf_url(assessment):
    return reverse("assessments:report-pdf", args=[assessment.pk])


def run_worker():
    """The job as the worker runs it."""
    worker = Worker(
        queue_names=["default"], interval=0, batch=True, backend_name="default",
        startup_delay=False, max_tasks=None, worker_id="test",
        excluded_queue_names=[],
    )  # fmt: skip
    worker.run()


@pytest.fixture
def submitted(partnership):
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    return partnership


def test_stored_pdfs_are_what_is_served(submitted, programme):
    store_report_pdf.call(submitted.assessment.pk)
    stored = StoredReport.objects.get()
    assert (stored.pdf_error, stored.pdf_made_at is not None) == ("", True)
    response = submitted.client("viewer").get(pdf_url(submitted.assessment))
    assert response.content == bytes(stored.pdf)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        'inline; filename="moorland-autumn-assessment-report.pdf"'
    )
    assert client_of(programme).get(pdf_url(submitted.assessment)).content == bytes(
        stored.programme_pdf
    )
    assert bytes(stored.pdf) != bytes(stored.programme_pdf)
    Assessment.objects.update(dfe_sees_partners=True)
    assert client_of(programme).get(pdf_url(submitted.assessment)).content == bytes(stored.pdf)
    before = stored.pdf_made_at
    store_report_pdf.call(submitted.assessment.pk)
    assert StoredReport.objects.get().pdf_made_at == before


def test_draft_is_marked_and_never_stored(partnership):
    partnership.reveal()
    response = partnership.client("lead").get(pdf_url(partnership.assessment))
    assert response["Content-Disposition"] == (
        'inline; filename="moorland-autumn-assessment-draft-report.pdf"'
    )
    assert "Not signed, and not for use outside the partnership." in words_of(response.content)
    assert StoredReport.objects.count() == 0


@pytest.mark.parametrize(("who", "status"), [("schools_board", 403), ("viewer", 404)])
def test_draft_pdf_is_not_for_everyone(partnership, who, status):
    partnership.reveal()
    assert partnership.client(who).get(pdf_url(partnership.assessment)).status_code == status


@pytest.fixture
def broken(monkeypatch, no_kept_pdf):
    """The library fails as it does on a text that it cannot lay out."""

    def fail(*args, **kwargs):
        raise RuntimeError("no room")

    monkeypatch.setattr("weasyprint.HTML.render", fail)
    return monkeypatch


def test_draft_pdf_that_cannot_be_made_is_said_on_a_page(partnership, broken):
    partnership.reveal()
    response = partnership.client("lead").get(pdf_url(partnership.assessment))
    assert response.status_code == 503
    assert "The PDF could not be made" in text(response)
    assert f"Moorland, Autumn assessment, number {partnership.assessment.pk}." in text(response)


def test_pdf_that_cannot_be_made_leaves_the_submission_as_it_is(submitted, broken):
    with pytest.raises(PdfError, match="The PDF could not be made"):
        store_report_pdf.call(submitted.assessment.pk)
    stored = StoredReport.objects.get()
    assert (stored.pdf, stored.pdf_error) == (None, "The PDF could not be made.")
    assert Assessment.objects.get().stage == Assessment.Stage.SUBMITTED
    broken.undo()
    store_report_pdf.call(submitted.assessment.pk)
    stored.refresh_from_db()
    assert (stored.pdf_error, stored.pdf is not None) == ("", True)


def test_pdf_of_a_text_that_is_no_unicode_cannot_be_made():
    with pytest.raises(PdfError):
        render_pdf("<p>\ud83d</p>")


def test_pdf_never_fetches_what_a_text_names():
    with pytest.raises(PdfError, match="The report tried to load https"):
        read_drawing("https://evil.example/x")


@pytest.mark.django_db(transaction=True)
def test_worker_stores_both_pdfs_once(submitted):
    job = DBTaskResult.objects.get(task_path="assessments.tasks.store_report_pdf")
    assert job.status == TaskResultStatus.READY
    run_worker()
    job.refresh_from_db()
    assert job.status == TaskResultStatus.SUCCESSFUL
    stored = StoredReport.objects.get()
    assert bytes(stored.pdf).startswith(b"%PDF")
    assert bytes(stored.programme_pdf).startswith(b"%PDF")
