"""How four reports lie on their sheets: ordinary, sparse, crowded, and with extreme texts.

Every sheet of them was looked at; what was right then is kept here as facts, not as pictures.
"""

import io
import subprocess
from itertools import groupby

import pikepdf
import pytest
from bs4 import BeautifulSoup

from areas.models import Sector
from assessments.reports.pdf import report_pdf
from tests.assessments.shortcuts import agree, lay_evidence, next_assessment, submit
from tests.assessments.test_report_pdf import extreme
from tests.assessments.test_same_numbers import crowded, ordinary  # noqa: F401 -- fixtures
from tests.conftest import make_partnership

pytestmark = pytest.mark.once

POINTS_IN_MM = 72 / 25.4
SIX = [
    "Agency co-production", "Family co-production", "Leadership", "Workforce", "Culture",
    "Accountability",
]  # fmt: skip
SUMMARY = [
    "What holds the area back",
    "The smallest change that lifts the band",
    "Where partners’ own scores place us, and what we agreed",
]
NOT_RATED = ["What is missing for a band", SUMMARY[-1]]
ANNEX_B = [
    "Annex B: how it was worked out",
    "From statements to ingredients",
    "Where partners stand: the figures behind the chart on page 1",
    "From ingredients to the band",
    "Smallest change, and confidence",
    "Versions",
]


def headings(pdf):
    """The headings that begin on each sheet, as the bookmarks name them."""
    with pikepdf.open(io.BytesIO(pdf)) as opened, opened.open_outline() as outline:
        found = {number: [] for number in range(1, len(opened.pages) + 1)}

        def walk(items):
            for item in items:
                sheet = pikepdf.Page(item.destination[0]).index + 1
                found[sheet].append(" ".join(item.title.split()))
                walk(item.children)

        walk(outline.root)
    return found


def words_by_sheet(pdf):
    """Each word with its left, top, right and bottom edge in points."""
    found = subprocess.run(
        ["/usr/bin/pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True
    )
    pages = BeautifulSoup(found.stdout, "html.parser").find_all("page")
    return [
        [
            (node.get_text(), *(float(node[edge]) for edge in ("xmin", "ymin", "xmax", "ymax")))
            for node in page.find_all("word")
        ]
        for page in pages
    ]


def outside(pdf):
    """Words that leave the sheet's type area, besides the mark that lies across a draft."""
    left, right, bottom = 19 * POINTS_IN_MM, 191 * POINTS_IN_MM, 290 * POINTS_IN_MM
    return [
        (number, word)
        for number, words in enumerate(words_by_sheet(pdf), start=1)
        for word, x, _, end, foot in words
        if (x < left or end > right or foot > bottom) and word != "Draft"
    ]


def lonely(pdf):
    """Headings below which nothing more stands on their sheet but its foot."""
    found = []
    for number, (words, titles) in enumerate(
        zip(words_by_sheet(pdf), headings(pdf).values(), strict=True), start=1
    ):
        body = [word for word in words if word[4] < 277 * POINTS_IN_MM and word[0] != "Draft"]
        lines = [
            " ".join(word[0] for word in line)
            for _, line in groupby(body, key=lambda word: round(word[4]))
        ]
        found += [(number, title) for title in titles if lines and title.endswith(lines[-1])]
    return found


def test_ordinary_report_has_four_sheets_and_its_annexes(partnership):
    partnership.reveal()
    agree(partnership)
    lay_evidence(partnership)
    submit(partnership)
    again = next_assessment(partnership)
    again.reveal({"schools": "3", "health": "3", "social_care": "1"})
    agree(again, {s.slug: "1" if s.code < "3" else "3" for s in again.statements})
    lay_evidence(again)
    submit(again)
    pdf = report_pdf(again.assessment, shows_partners=True)
    assert outside(pdf) == lonely(pdf) == []
    found = headings(pdf)
    assert found[1][0] == "Moorland local area SEND partnership"
    assert found[1][2:] == [*SUMMARY[:2], f"{SUMMARY[-1]}, and what changed"]
    assert found[2] == ["The six ingredients", *SIX[:3]]
    assert found[3] == SIX[3:]
    assert found[4][:3] == [
        "Priorities and sign-off",
        "Priorities, proposed by rule",
        "Who signed",
    ]
    assert found[5][0] == "Annex A: all 32 statements"
    assert found[9] == ANNEX_B
    assert len(found) == 10


def test_report_with_gaps_has_as_many_sheets(ordinary):  # noqa: F811
    submit(ordinary)
    pdf = report_pdf(ordinary.assessment, shows_partners=True)
    assert outside(pdf) == lonely(pdf) == []
    found = headings(pdf)
    assert found[1][2:] == NOT_RATED
    assert found[2] == ["The six ingredients", *SIX[:3]]
    assert found[4][0] == "Priorities and sign-off"
    assert found[9] == ANNEX_B


def test_report_of_partners_who_all_say_the_same_runs_on(partnership):
    partnership.reveal()
    agree(partnership)
    lay_evidence(partnership)
    submit(partnership)
    pdf = report_pdf(partnership.assessment, shows_partners=True)
    assert outside(pdf) == lonely(pdf) == []
    assert headings(pdf)[2][0] == "The six ingredients"
    assert words_by_sheet(pdf)[1][10][0] != "The"


def test_sparse_report_of_one_partner(framework):
    alone = make_partnership("Islet", [Sector.LOCAL_AUTHORITY])
    alone.reveal()
    pdf = report_pdf(alone.assessment, shows_partners=True)
    assert outside(pdf) == lonely(pdf) == []
    found = headings(pdf)
    assert found[1][2:] == NOT_RATED
    assert found[2] == ["The six ingredients", *SIX]
    assert found[3][0] == "Priorities and sign-off"
    assert found[4][0] == "Annex A: all 32 statements"
    assert found[len(found)] == ANNEX_B


def test_crowded_report_runs_on_where_the_first_sheet_is_full(crowded):  # noqa: F811
    pdf = report_pdf(crowded.assessment, shows_partners=True)
    assert outside(pdf) == lonely(pdf) == []
    found = headings(pdf)
    assert found[1][2:] == NOT_RATED
    assert found[2] == ["The six ingredients", *SIX[:2]]
    assert found[3] == SIX[2:5]
    assert found[len(found)] == ANNEX_B


def test_report_with_extreme_texts_stays_on_its_sheets(framework):
    pdf = report_pdf(extreme(), shows_partners=True)
    assert outside(pdf) == lonely(pdf) == []
    found = headings(pdf)
    assert [title for titles in found.values() for title in titles if title in SIX] == SIX
    assert found[len(found)] == ANNEX_B
