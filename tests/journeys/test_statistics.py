"""Statistics for DfE programme staff: a data set to take away, sector gaps, and support asked for."""

from __future__ import annotations

import zipfile

import pytest
from playwright.sync_api import expect

from areas.models import User
from assessments.models import Assessment
from ingredients.models import Framework
from tests.assessments.kept import picture
from tests.factories import (
    AreaFactory,
    SectorGapFactory,
    SupportPackageFactory,
    SupportRequestFactory,
)
from tests.journeys.conftest import Visit, everywhere

pytestmark = pytest.mark.browser


@pytest.fixture
def six(framework: Framework) -> list[Assessment]:
    """Six areas of London that consented. In five of them parent carers sit lower throughout."""
    found = []
    for number in range(6):
        area = AreaFactory(name=f"Borough {number}", region="London", dfe_code=f"90{number}")
        kept = picture(framework, area, [2] * 6)
        Assessment.objects.filter(pk=kept.pk).update(dfe_sees_partners=True)
        sits = "lower" if number else "higher"
        for row in framework.all_ingredients:
            SectorGapFactory(picture=kept, ingredient=row, statement=None, sits=sits)
        for row in framework.all_statements:
            if row.families_can_score:
                SectorGapFactory(picture=kept, statement=row, sits=sits)
        found.append(kept.assessment)
    return found


@everywhere
def test_staff_take_the_statistics_away(visit: Visit, six: list[Assessment], programme: User):
    staff = visit(programme)
    staff.go("/programme/")
    staff.page.get_by_label("Region", exact=True).select_option("London")
    staff.press("Apply")
    staff.at("Areas and the six ingredients", shot="statistics")
    staff.sees("The file of areas in the ZIP is not for publication.")
    with staff.page.expect_download() as download:
        staff.page.get_by_role("link", name="statistics (ZIP)").click()
    assert download.value.suggested_filename == "send-readiness.zip"
    with zipfile.ZipFile(download.value.path()) as file:
        rows = file.read("send-readiness.csv").decode().splitlines()
        assert {"send-readiness.meta.csv", "data-guidance.txt"} <= set(file.namelist())
    assert rows[1].split(",")[2:7] == ["Regional", "E92000001", "England", "E12000007", "London"]
    assert rows[1].endswith("Region: London,Total,Total,6,0,0")


@everywhere
def test_staff_see_sector_gaps_until_an_area_takes_its_consent_back(
    visit: Visit, six: list[Assessment], programme: User
):
    staff = visit(programme)
    staff.go("/programme/sector-gaps/")
    staff.at("Sector gaps", shot="sector-gaps")
    staff.sees("Counts of areas, from 6 of 6 assessments", "Rule sector-gap-1.")
    staff.sees("Parent carers sit lower in 5 of 6 areas, level in 0 and higher in 1.")
    staff.page.get_by_text("Show these numbers as a table").first.click()
    name = "Parent carers: The six ingredients, as a table"
    expect(staff.page.get_by_role("region", name=name)).to_be_visible()
    staff.check()
    for row in six[:2]:
        Assessment.objects.filter(pk=row.pk).update(dfe_sees_partners=False)
    staff.go("/programme/sector-gaps/")
    staff.at("Sector gaps", shot="sector-gaps-few")
    staff.sees("Fewer than 5 of the areas that fit")
    expect(staff.page.get_by_role("table")).to_have_count(0)


@everywhere
def test_staff_see_what_support_areas_ask_for(visit: Visit, six: list[Assessment], programme: User):
    coaching = SupportPackageFactory(title="Board coaching", term="long")
    for row in six[:3]:
        SupportRequestFactory(area=row.area, package=coaching, why="Our board is new.")
    staff = visit(programme)
    staff.go("/programme/support/")
    staff.at("Support that areas ask for", shot="support-demand")
    staff.sees("3 requests from 3 of 6 areas", "Our board is new.", "3 areas ask.")
    staff.page.get_by_label("Kind of package").select_option("short")
    staff.press("Apply")
    staff.at("Support that areas ask for", shot="support-demand-none")
    expect(staff.page.get_by_role("status")).to_contain_text("No area asks for support that fits")
    staff.follow("Clear the filters")
    with staff.page.expect_download() as download:
        staff.page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("support-")
    staff.go("/programme/support/?as_at_day=x")
    staff.at("Support that areas ask for", status=400, shot="support-demand-errors")
    staff.is_told("As at must include a month and year")
