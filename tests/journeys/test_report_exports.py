"""Taking a report away: each file is fetched from the report page and opens."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest

from tests.assessments.shortcuts import agree, lay_evidence
from tests.conftest import Partnership
from tests.journeys.conftest import Visit, everywhere
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def met(partnership: Partnership) -> Partnership:
    partnership.reveal()
    agree(partnership, "3")
    lay_evidence(partnership, "agency-joint-design")
    return partnership


@everywhere
def test_lead_takes_the_draft_report_away(visit: Visit, met: Partnership):
    lead = visit(met.people["lead"])
    lead.go(f"/assessments/{met.assessment.pk}/report/")
    lead.at("Draft readiness report, Autumn assessment", shot="report-files")
    workbook = fetched(lead, "Excel workbook", "xlsx")
    assert openpyxl.load_workbook(workbook)["Summary"]["B2"].value == "Draft"
    with fetched(lead, "CSV, a row for each statement", "csv").open(encoding="utf-8-sig") as file:
        assert [row["agreed_level"] for row in csv.DictReader(file)] == ["3"] * 32
    said = json.loads(fetched(lead, "JSON, for other programs", "json").read_bytes())
    assert said["evidence_coverage"] == {"evidenced": 1, "claimed": 32}


def fetched(lead: Visitor, link: str, kind: str) -> Path:
    """By keyboard, as the link is a link."""
    with lead.page.expect_download() as found:
        lead.page.get_by_role("link", name=link).press("Enter")
    name = found.value.suggested_filename
    assert name == f"moorland-autumn-assessment-draft-report.{kind}"
    # The browser's own copy has no ending, by which programs know a file.
    kept = found.value.path().with_suffix(f".{kind}")
    found.value.save_as(kept)
    return kept
