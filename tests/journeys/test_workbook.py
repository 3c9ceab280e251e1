"""Scoring away from the screen: out, filled in by another program, back, looked at, saved."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from assessments.actions.scoring import save_score
from assessments.models import Score
from tests import factories
from tests.assessments.workbooks import filled
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
CHECK = "Check your scores before you submit"
AWAY = "Score away from the screen"
PREVIEW = "What your workbook would change"
UPLOAD = "Upload and see what would change"
FIRST, SECOND, THIRD, FOURTH = (
    "agency-joint-design", "agency-safe-learning", "agency-shared-language", "agency-legal-duties",
)  # fmt: skip


@everywhere
def test_contributor_scores_in_a_workbook(visit: Visit, partnership: Partnership):
    colleague = a_colleague(partnership)
    partnership.answer("health", {SECOND: "1", THIRD: "2"}, "It was so.")
    health = visit(partnership.people["health"])
    address = (
        f"/assessments/{partnership.assessment.pk}/returns/{partnership.returns['health'].pk}/"
    )
    health.go(address)
    health.at(CHECK, shot="away-check")
    health.follow(AWAY)
    health.at(AWAY, shot="away")
    data = download(health)

    sends_the_wrong_file(health)
    sends(health, filled(data, {
        FIRST: (3, "Each term, since 2024."), SECOND: (2, "It is better."), THIRD: (4, "As we see it."),
        FOURTH: ("Does not apply", None),
    }))  # fmt: skip
    health.at(PREVIEW, shot="away-preview")
    health.sees(
        "1 new answer",
        "2 changed answers",
        "1 row that cannot be used",
        "It was so.",
        "It is better.",
    )
    health.sees("K5: ‘Does not apply’ needs a reason. Write it there.")
    statement = partnership.statement(THIRD)
    save_score(
        partner_return=partnership.returns["health"], statement=statement, answer="3",
        reason="Theirs.", version=1, by=colleague,
    )  # fmt: skip
    health.press("Save these answers")
    health.at(PREVIEW, status=409, shot="away-conflict")
    health.sees(
        "Someone changed an answer while you were reading this page.", "saved by Priya Nair"
    )
    health.tick("1.3 A common language")
    health.press("Save these answers")
    health.at(CHECK, shot="away-done")
    health.sees(
        "3 answers are saved from your workbook.", "Each term, since 2024.", "As we see it."
    )
    found = {
        row.statement.slug: (row.answer, row.reason)
        for row in Score.objects.filter(partner_return=partnership.returns["health"])
    }
    assert found == {
        FIRST: ("3", "Each term, since 2024."), SECOND: ("2", "It is better."), THIRD: ("4", "As we see it."),
    }  # fmt: skip


def a_colleague(partnership: Partnership):
    colleague = factories.UserFactory(name="Priya Nair")
    factories.MembershipFactory(
        user=colleague, role="contributor", area=partnership.area, partner=partnership.partners["health"]
    )  # fmt: skip
    return colleague


def download(health: Visitor) -> bytes:
    with health.page.expect_download() as found:
        health.page.get_by_role("link", name="Download the workbook (Excel)").click()
    assert re.fullmatch(r"moorland-.*-health-scores\.xlsx", found.value.suggested_filename)
    return found.value.path().read_bytes()


def sends(health: Visitor, data: bytes, name: str = "scores.xlsx") -> None:
    health.page.get_by_label("Upload your workbook").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )
    health.press(UPLOAD)


def sends_the_wrong_file(health: Visitor) -> None:
    health.press(UPLOAD)
    health.at(AWAY, status=400, shot="away-errors")
    health.is_told("Select the workbook that you filled in")
    sends(health, b"a,b,c", "scores.csv")
    health.at(AWAY, status=400)
    health.is_told(
        "The selected file is not an Excel workbook. Select the file that you downloaded, "
        "saved as an Excel workbook (.xlsx)"
    )
    expect(health.page.get_by_label("Upload your workbook")).to_be_visible()
