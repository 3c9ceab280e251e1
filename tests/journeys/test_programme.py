"""A morning of DfE programme staff: areas side by side, filtered, and taken away as a file."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from areas.models import User
from tests.assessments.kept import picture
from tests.assessments.shortcuts import agree, lay_evidence, submit
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def compared(partnership: Partnership, other_partnership: Partnership) -> Partnership:
    """Moorland has submitted, with levels that lack evidence; Fenland is still scoring."""
    partnership.reveal()
    by = {row.slug: row.ingredient.number for row in partnership.statements}
    answers = {slug: "3" if number < 3 else "2" for slug, number in by.items()}
    answers[partnership.statements[-1].slug] = "not_agreed"
    agree(partnership, answers)
    lay_evidence(partnership, *[slug for slug in by if by[slug] == 1])
    submit(partnership)
    return partnership


@everywhere
def test_staff_compare_areas_and_take_them_away(
    visit: Visit, compared: Partnership, programme: User
):
    staff = visit(programme)
    staff.go("/")
    staff.follow("Compare areas")
    staff.at("Areas and the six ingredients", shot="programme")
    grid = staff.page.get_by_role("table")
    row = grid.get_by_role("row").filter(has=staff.page.get_by_role("link", name="Moorland"))
    expect(row).to_contain_text("Limited by 5 ingredients at level 2")
    expect(row).to_contain_text("contested")
    expect(grid).to_contain_text("No submitted assessment")
    staff.page.get_by_text("More filters").click()
    staff.page.get_by_label("At level").select_option("3")
    staff.press("Apply")
    staff.at("Areas and the six ingredients", shot="programme-filtered")
    expect(staff.page.get_by_role("status")).to_contain_text("Showing 1 of 2 areas.")
    assert "level=3" in staff.page.url
    with staff.page.expect_download() as download:
        staff.page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename.startswith("areas-")
    staff.fill("Similar to area", "Atlantis")
    staff.press("Apply")
    staff.at("Areas and the six ingredients", status=400, shot="programme-errors")
    staff.is_told("No area has this name or code. Type it as the list has it")
    looks_closer(staff)


def looks_closer(staff: Visitor) -> None:
    staff.go("/programme/distributions/")
    staff.at("Distributions", shot="distributions")
    staff.sees("Counts of areas, from 1 assessment", "No averages and no ranks", "by region")
    staff.page.get_by_text("Show these numbers as a table").first.click()
    expect(staff.page.get_by_role("region", name="The six ingredients, as a table")).to_be_visible()
    staff.go("/programme/trends/")
    staff.at("Trends", shot="trends")
    staff.sees("Readiness bands by term", "No area had submitted by the end of the term before.")
    staff.go("/programme/side-by-side/")
    staff.page.get_by_label("First area").select_option("Moorland")
    staff.page.get_by_label("Second area").select_option("Fenland")
    staff.press("Show")
    staff.at("Side by side", shot="side-by-side")
    expect(staff.page.get_by_role("table")).to_contain_text("Nothing submitted")


@everywhere
def test_an_area_looks_at_itself_beside_others(visit: Visit, compared: Partnership):
    for number in range(5):
        picture(compared.assessment.framework, f"Other {number}", [2] * 6)
    board = visit(compared.people["viewer"])
    board.go(compared.area.get_absolute_url())
    board.follow("See your levels beside other areas")
    board.at("Moorland beside other areas", shot="compare")
    board.sees("5 other areas, as they stand today.", "You: level 3.")
