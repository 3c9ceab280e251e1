"""The summary for families: plain words, and nothing that tells who said what."""

import io
import re
from dataclasses import replace

import pikepdf
import pytest
from django.urls import reverse

from areas.models import Sector
from areas.permissions import Role
from assessments.models.summaries import CONTACT_LENGTH
from assessments.reports.build import contents_of
from assessments.reports.families import (
    WHO,
    family_summary,
    family_summary_html,
    family_summary_pdf,
    kept_summary_pdf,
    plain,
)
from tests.assessments.pages import soup, text, words
from tests.assessments.shortcuts import agree, lay_evidence, next_assessment, submit
from tests.assessments.test_board_summary import crowd, sheets
from tests.assessments.test_report_pdf import elements, extreme, squeezed, valid, words_of
from tests.conftest import client_of, make_partnership
from tests.factories import DissentFactory, MembershipFactory, PublishedSummaryFactory
from tests.readability import readability, sentences, syllables

pytestmark = pytest.mark.once

MOST_SHEETS = 3
PLANTED = "Zebrafinch"


def url(partnership, name="family-summary"):
    return reverse(f"assessments:{name}", args=[partnership.assessment.pk])


@pytest.fixture
def mixed(partnership):
    """Every kind of answer, and PLANTED in everything that people write."""
    partnership.reveal({"health": "4", "parent_carers": "1"})
    answers = ["3", "1", "2", "cannot_say", "not_agreed", "not_applicable"]
    agree(
        partnership,
        {s.slug: answers[n % 6] for n, s in enumerate(partnership.statements)},
        rationale=f"{PLANTED} said so.",
    )
    lay_evidence(partnership, partnership.statements[0].slug, title=f"{PLANTED} minutes")
    DissentFactory(
        partner_return=partnership.returns["parent_carers"], statement=partnership.statements[1],
        text=f"{PLANTED} disagrees.", recorded_by=partnership.people["parent_carers"],
    )  # fmt: skip
    return partnership


# ---- What it says --------------------------------------------------------------------------------


def test_it_has_the_six_parts_in_the_plain_words_of_the_framework(mixed):
    summary, report = family_summary(mixed.assessment), contents_of(mixed.assessment)
    framework = mixed.assessment.content
    assert [part.title for part in summary.parts] == [
        row.plain_title for row in framework.all_ingredients
    ]
    assert [part.level for part in summary.parts] == [row.level for row in report.ingredients]
    assert summary.message == framework.bands[report.band]["plain"]
    for part in summary.parts:
        known = (
            framework.levels[part.level]["plain"]
            if part.level
            else "We have not finished scoring yet."
        )
        assert part.words == known


def test_each_statement_is_told_as_far_as_it_is_kept(mixed):
    summary = family_summary(mixed.assessment)
    assert [line.text for line in summary.well] == [mixed.statements[0].plain]
    said = {line.words for line in summary.not_yet}
    assert "Not yet. We have not started this together." in said
    everything = len(
        [s for s in contents_of(mixed.assessment).statements if s.agreed_words != "Does not apply"]
    )
    told = len(summary.well) + summary.more_well + len(summary.not_yet) + summary.more_not_yet
    assert told == everything == 27


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("1", "Not yet. We have not started this together."),
        ("2", "Not yet. We have made a start."),
        ("3", "Not yet. We say that we do this. Now we must show it."),
        ("cannot_say", "Not yet. We do not know enough to say."),
        ("not_agreed", "Not yet. We do not all agree about this."),
        ("", "Not yet. We still have to talk about this."),
    ],
)
def test_what_does_not_go_well_yet_says_why(partnership, answer, said):
    partnership.reveal()
    if answer:
        agree(partnership, answer)
    summary = family_summary(partnership.assessment)
    assert {line.words for line in summary.not_yet} == {said}
    assert (len(summary.not_yet), summary.more_not_yet, summary.well) == (6, 26, ())


def test_when_all_goes_well_it_says_so(partnership):
    partnership.reveal()
    agree(partnership, "4")
    lay_evidence(partnership)
    summary = family_summary(partnership.assessment)
    assert summary.message == "We are ready for a big change."
    assert {line.words for line in summary.well} == {"We can show that it helps."}
    assert (summary.more_well, summary.not_yet, summary.start_with) == (26, (), ())
    said = text(partnership.client("lead").get(url(partnership)))
    assert "We can say everything on our list." in said
    assert "All six parts go well. We want to keep it that way." in said


def test_it_says_what_comes_first_and_what_changed(partnership):
    partnership.reveal()
    agree(partnership, "2")
    submit(partnership)
    later = next_assessment(partnership)
    later.reveal()
    agree(later, {s.slug: "1" if s.slug.startswith("workforce") else "2" for s in later.statements})
    summary = family_summary(later.assessment)
    assert summary.start_with == ("The people who help",)
    changed = {part.title: part.change for part in summary.parts}
    assert changed["The people who help"] == "Last time it was step 2."
    assert changed["Keeping our promises"] == "This is the same as last time."


def test_it_says_who_took_part_without_telling_who_did_not(partnership):
    partnership.answer("health", "2")
    partnership.answer("young_people", "2")
    partnership.mark_submitted("health", "young_people")
    partnership.move_to("moderation")
    said = text(partnership.client("lead").get(url(partnership)))
    assert "These groups gave their view: health services young people We asked" in said
    assert "We asked 6 groups, and 2 answered." in said
    assert set(WHO) == set(Sector)


# ---- What it never says --------------------------------------------------------------------------


def test_it_has_no_partner_s_level_no_word_of_a_person_and_no_name(mixed):
    submit(mixed, reason=f"{PLANTED} is away.")
    page = mixed.client("lead").get(url(mixed))
    assert PLANTED in mixed.client("lead").get(url(mixed, "report-statements")).content.decode()
    everything = words_of(mixed.client("lead").get(url(mixed, "family-summary-pdf")).content)
    for said in (soup(page).article or soup(page).main).get_text(), everything:
        assert PLANTED not in said
        assert "documents.example" not in said
        for person in mixed.people.values():
            assert person.name not in said
        for row in contents_of(mixed.assessment).ingredients:
            assert row.sentence not in said


def test_whatever_partners_chose_it_is_the_same(framework):
    """Two areas that agreed the same have the same summary, though their partners stood elsewhere."""
    found = []
    for levels in ({"health": "4", "parent_carers": "1"}, {"health": "1", "schools": "3"}):
        own = make_partnership("Moorland")
        own.reveal(levels)
        agree(own)
        html = family_summary_html(family_summary(own.assessment))
        found.append(html)
    assert found[0] == found[1]


def test_it_is_the_same_for_everyone_who_may_read_it(mixed, programme):
    submit(mixed)
    summaries = [
        words(soup(client.get(url(mixed))).select_one(".govuk-grid-column-two-thirds"))
        for client in (mixed.client("viewer"), mixed.client("health"), client_of(programme))
    ]
    assert summaries[0] == summaries[1] == summaries[2]


# ---- Easy to read --------------------------------------------------------------------------------


def whole(partnership):
    """All its words, one block a line."""
    html = family_summary_html(family_summary(partnership.assessment), contact="")
    page = re.sub(
        r"<head>.*</head>|<div class=\"(running|footing)\".*?</div>", "", html, flags=re.DOTALL
    )
    blocks = re.sub(r"</(p|h1|h2|h3|li|div)>", "\n", page)
    return re.sub(r"<[^>]+>|[ \t]+", " ", blocks)


# The proper name of a service that families ask for, and the one term that the page explains.
NAMES = (
    "SEND information, advice and support service",
    "special educational needs and disabilities",
)


@pytest.mark.parametrize("level", ["1", "2", "3", "4", "cannot_say", "not_agreed"])
def test_a_child_of_ten_can_read_it(partnership, level):
    partnership.reveal()
    agree(partnership, level)
    lay_evidence(partnership)
    said = whole(partnership)
    for name in NAMES:
        assert name in said
        said = said.replace(name, "help")
    found = readability(said)
    assert found.jargon == []
    assert found.words_a_sentence < 10
    assert len(found.longest.split()) <= 26, found.longest
    assert found.long_words < 0.06
    assert found.grade < 5


def test_the_measure_tells_hard_from_easy():
    hard = readability(
        "Strategic commissioning arrangements are embedded across multi-agency partnership governance."
    )
    assert hard.grade > 15
    assert hard.long_words > 0.5
    assert "strategic" in hard.jargon
    assert [syllables(word) for word in ("help", "families", "moved", "agree")] == [1, 3, 1, 2]
    assert sentences("One. Two? Three:\nfour") == ["One.", "Two?", "Three:", "four"]


def test_it_explains_its_one_abbreviation_before_it_is_used_again(mixed):
    said = whole(mixed)
    first = said.index("SEND")
    assert said.index("SEND is short for special educational needs and disabilities.") - first < 60
    assert set(re.findall(r"\b[A-Z]{2,}\d*\b", said)) == {"SEND"}


# ---- The PDF -------------------------------------------------------------------------------------


def checked(pdf):
    assert valid(pdf) == []
    assert sheets(pdf) <= MOST_SHEETS
    return squeezed(words_of(pdf, "-raw"))


def test_with_twelve_partners_and_the_worst_texts_it_has_three_sheets(framework):
    assessment = extreme()
    contact = "Łukasz\n" * 9 + "W" * (CONTACT_LENGTH - 63)
    said = checked(family_summary_pdf(family_summary(assessment), contact=contact))
    assert "PLANTED" not in said
    assert "W" * 300 in said


@pytest.mark.parametrize("level", ["1", "4", "not_agreed"])
def test_whatever_everyone_agreed_it_has_three_sheets(framework, level):
    everyone = crowd()
    agree(everyone, level)
    lay_evidence(everyone)
    summary = family_summary(everyone.assessment)
    forums = (*summary.forums, "Forum " * 20)
    checked(family_summary_pdf(replace(summary, forums=forums), contact="Write to us. " * 30))


def test_of_one_partner_with_nothing_agreed_it_is_a_valid_draft(framework):
    alone = make_partnership("Islet", [Sector.LOCAL_AUTHORITY])
    alone.reveal()
    said = checked(family_summary_pdf(family_summary(alone.assessment)))
    assert squeezed("We have not finished scoring yet.") in said
    assert squeezed("It can still change. Please do not share it.") in said
    assert squeezed("Ask the council if there is one near you.") in said


def test_the_pdf_says_what_the_page_says(mixed):
    submit(mixed)
    page = soup(mixed.client("lead").get(url(mixed)))
    pdf = mixed.client("lead").get(url(mixed, "family-summary-pdf"))
    assert pdf["Content-Disposition"] == (
        'inline; filename="moorland-autumn-assessment-summary-for-families.pdf"'
    )
    said = checked(pdf.content)
    blocks = [
        words(node) for node in page.select("main section p, main section li, main h2, main h3")
    ]
    sections = [block for block in blocks if block not in words(page.select_one(".app-card"))]
    assert len(sections) > 40
    assert [block for block in sections if squeezed(block) not in said] == []
    with pikepdf.open(io.BytesIO(pdf.content)) as opened:
        assert str(opened.docinfo.Title).startswith("Moorland: summary for families, ")
        root = opened.Root.StructTreeRoot.K
        assert [len(elements(root, kind)) for kind in ("H1", "H2", "H3")] == [1, 7, 6]


# ---- Who reads it before it is public -----------------------------------------------------------------


def test_a_draft_is_for_whoever_reads_the_draft_report(partnership, programme):
    partnership.reveal()
    viewer = MembershipFactory(area=partnership.area, role=Role.VIEWER).user
    assert "This is a draft." in text(partnership.client("lead").get(url(partnership)))
    assert client_of(viewer).get(url(partnership)).status_code == 404
    assert client_of(programme).get(url(partnership)).status_code == 404


def test_page_says_who_can_see_it(mixed):
    before = text(mixed.client("lead").get(url(mixed)))
    assert "Whoever can read this report. It is not public." in before
    assert "A draft is never published. Submit the report first." in before
    submit(mixed)
    assert "Show it to everyone" in text(mixed.client("lead").get(url(mixed)))
    assert "Show it to everyone" not in text(mixed.client("viewer").get(url(mixed)))
    PublishedSummaryFactory(assessment=mixed.assessment, place="moorland", contact="Ring us.")
    after = text(mixed.client("viewer").get(url(mixed)))
    assert "Everyone, at http://testserver/areas/moorland/summary/" in after
    assert "Get in touch Ring us." in after


def test_the_contents_for_families_are_those_of_the_report(mixed):
    summary = plain(contents_of(mixed.assessment), mixed.assessment.content)
    assert summary == family_summary(mixed.assessment)


def test_what_cannot_be_made_is_said_on_a_page(mixed, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no room")

    kept_summary_pdf.cache_clear()
    monkeypatch.setattr("weasyprint.HTML.render", fail)
    response = mixed.client("lead").get(url(mixed, "family-summary-pdf"))
    assert response.status_code == 503
    assert "The PDF could not be made" in text(response)
