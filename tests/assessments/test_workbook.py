"""The workbook that goes out: what it says, what it locks, and that no text in it is ever a formula."""

import io
import re
from datetime import date

import openpyxl
import pytest

from assessments.models import Assessment, Score
from assessments.models.scores import REASON_LENGTH
from tests.assessments.pages import text
from tests.assessments.workbooks import SCORES_XML, SHARED, address, downloaded, parts

FIRST = "agency-joint-design"
INJECTIONS = [
    "=cmd|' /C calc'!A0",
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "line\r=1",
    "line\r\n+1",
    '=HYPERLINK("http://evil.example","x")',
    "http://evil.example",
    "mailto:a@evil.example",
    "{=1+1}",
    "1",
    "3/4",
    "</t></is></c><c><f>1+1</f></c>",
]


def opened(partnership, sector="health"):
    return openpyxl.load_workbook(io.BytesIO(downloaded(partnership, sector)))


def rows(book):
    return [[cell.value for cell in row] for row in book["Scores"].iter_rows(min_row=2)]


def formulas(content):
    """Every formula in any sheet."""
    return [found for name, xml in content.items() if "worksheets" in name
            for found in re.findall(rb"<f[ />].{0,40}", xml)]  # fmt: skip


# ---- What it says -----------------------------------------------------------------------------


def test_workbook_is_an_attachment_named_after_area_assessment_and_partner(partnership):
    response = partnership.client("health").get(address(partnership, "workbook"))
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    assert response["Content-Disposition"] == (
        'attachment; filename="moorland-autumn-assessment-health-scores.xlsx"'
    )
    assert "no-store" in response["Cache-Control"]


def test_workbook_holds_every_statement_with_its_full_texts(partnership):
    book = opened(partnership)
    assert book.sheetnames == ["Read me", "Scores", "About"]
    head = [cell.value for cell in book["Scores"][1]]
    labels = partnership.assessment.content.level_labels
    assert head == [
        "Code", "Statement id", "Ingredient", "Statement", "In plain words",
        *(f"Level {value}: {label}" for value, label in labels.items()),
        "Your answer", "Why this answer?",
    ]  # fmt: skip
    found = rows(book)
    assert len(found) == 32
    for row, statement in zip(found, partnership.statements, strict=True):
        levels = ["\n".join(lines) for lines in statement.level_sentences.values()]
        assert row == [
            statement.code, statement.slug, statement.ingredient.short_title,
            f"{statement.title}\n{statement.text}", statement.plain, *levels, None, None,
        ]  # fmt: skip


@pytest.mark.parametrize("sector", ["parent_carers", "young_people"])
def test_workbook_of_families_asks_what_the_page_asks(partnership, sector):
    asked = [s.slug for s in partnership.assessment.statements_for(sector)]
    assert [row[1] for row in rows(opened(partnership, sector))] == asked
    assert len(asked) == 29


def test_workbook_holds_the_answers_that_are_saved(partnership):
    partnership.answer("health", {FIRST: "3", "family-every-stage": "cannot_say"}, "As we see it.")
    partnership.answer("health", {"culture-listening": "not_applicable"})
    found = {row[1]: row[9:] for row in rows(opened(partnership))}
    assert found[FIRST] == [3, "As we see it."]
    assert found["family-every-stage"] == ["Cannot say", "As we see it."]
    assert found["culture-listening"] == ["Does not apply", "It does not fit us."]
    assert found["agency-safe-learning"] == [None, None]


def test_workbook_never_holds_what_another_partner_scored(partnership):
    for sector in partnership.returns:
        if sector != "health":
            partnership.answer(sector, "4", "PLANTED by another partner")
    content = b"".join(parts(downloaded(partnership)).values())
    assert b"PLANTED" not in content
    assert all(row[9] is None for row in rows(opened(partnership)))


def test_read_me_says_how_where_until_when_and_nothing_about_a_child(partnership):
    sheet = opened(partnership)["Read me"]
    said = "\n".join(str(row[0].value) for row in sheet.iter_rows())
    closes = partnership.assessment.scoring_closes_on
    assert f"Scoring closes on {closes.day} {closes:%B %Y}" in said
    assert f"http://testserver{address(partnership, 'upload-workbook')}" in said
    assert "Never write anything about a child" in said
    assert "There is no password" in said
    assert "500 characters" in said


def test_read_me_of_a_closed_assessment_calls_it_a_copy(partnership):
    partnership.reveal()
    said = "\n".join(str(row[0].value) for row in opened(partnership)["Read me"].iter_rows())
    assert "a copy to keep" in said
    assert "Upload this file" not in said


def test_about_names_framework_area_return_and_each_saved_version(partnership):
    partnership.answer("health", {FIRST: "3"})
    Score.objects.filter(statement__slug=FIRST).update(version=7)
    sheet = opened(partnership)["About"]
    about = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=2)}
    framework = partnership.assessment.content
    row = partnership.returns["health"]
    assert about["Format"] == "1"
    assert about["Framework"] == f"{framework.slug} {framework.version}"
    assert about["Framework fingerprint"] == framework.fingerprint
    assert about["Area code"] == partnership.area.dfe_code
    assert about["Assessment"] == str(row.assessment_id)
    assert about["Partner return"] == str(row.pk)
    assert about[f"Saved answer of {FIRST}"].startswith("version 7, mark ")
    assert about["Saved answer of agency-safe-learning"].startswith("version 0, mark ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", about["Downloaded at"])
    assert sheet.sheet_state == "visible"


# ---- What it locks and how it prints ----------------------------------------------------------


def test_only_the_two_answer_columns_can_be_filled_in(partnership):
    book = opened(partnership)
    assert all(sheet.protection.sheet for sheet in book)
    assert all(sheet.protection.password is None for sheet in book)
    open_cells = {
        cell.column_letter for row in book["Scores"].iter_rows() for cell in row
        if not cell.protection.locked
    }  # fmt: skip
    assert open_cells == {"J", "K"}
    assert book["Scores"]["J1"].protection.locked


def test_drop_down_and_length_guard_both_columns(partnership):
    rules = {str(rule.sqref): rule for rule in opened(partnership)["Scores"].data_validations.dataValidation}  # fmt: skip
    assert rules["J2:J33"].formula1 == '"1,2,3,4,Cannot say,Does not apply"'
    assert (rules["K2:K33"].type, rules["K2:K33"].formula1) == ("textLength", str(REASON_LENGTH))


def test_sheet_is_a_table_with_a_frozen_repeated_header_on_wide_paper(partnership):
    book = opened(partnership)
    sheet = book["Scores"]
    assert sheet.tables["Scores"].ref == "A1:K33"
    assert sheet.freeze_panes == "E2"
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet["F2"].alignment.wrap_text
    assert book.properties.title == "Scores of Moorland Health: Autumn assessment"
    assert book.custom_doc_props["Language"].value == "en-GB"


# ---- Injection --------------------------------------------------------------------------------


@pytest.mark.parametrize("said", INJECTIONS)
def test_a_reason_stays_a_text_in_the_workbook(partnership, said):
    partnership.answer("health", {FIRST: "3"}, said)
    content = parts(downloaded(partnership))
    sheet = content[SCORES_XML].decode()
    assert "<hyperlink" not in sheet
    assert re.search(r'<c r="K2" s="\d+" t="s"><v>\d+</v></c>', sheet)
    assert formulas(content) == []
    assert not any("externalLink" in name for name in content)
    assert opened(partnership)["Scores"]["K2"].data_type == "s"


def test_names_that_look_like_formulas_stay_texts(partnership):
    row = partnership.returns["health"]
    type(row).objects.filter(pk=row.pk).update(name="=1+1 & Partners")
    Assessment.objects.filter(pk=row.assessment_id).update(title="@SUM(1)")
    type(partnership.area).objects.filter(pk=partnership.area.pk).update(name="+cmd|' /C calc'!A0")
    content = parts(downloaded(partnership))
    assert formulas(content) == []
    assert b"+cmd|" in content[SHARED]


def test_a_text_that_xml_cannot_hold_does_not_break_the_workbook(partnership):
    partnership.answer("health", {FIRST: "3"}, "bell\x07, \ufffe, \x1b[31m, _x0041_ and ]]>")
    assert opened(partnership)["Scores"]["K2"].value == "bell, , [31m, _x0041_ and ]]>"


# ---- When -------------------------------------------------------------------------------------


def test_return_page_leads_to_scoring_away_from_the_screen(partnership):
    page = partnership.client("health").get(address(partnership, "return"))
    assert "Score away from the screen , in Excel or on paper." in text(page)


def test_workbook_can_be_kept_after_submission(partnership):
    partnership.answer("health", "2")
    partnership.mark_submitted("health")
    client = partnership.client("health")
    page = client.get(address(partnership, "return"))
    assert "Download these scores (Excel)" in text(page)
    assert client.get(address(partnership, "workbook")).status_code == 200


def test_closing_date_is_written_out(partnership):
    Assessment.objects.filter(pk=partnership.assessment.pk).update(
        scoring_closes_on=date(2031, 3, 2), moderation_on=date(2031, 3, 9), sign_off_by=date(2031, 4, 1)
    )  # fmt: skip
    said = "\n".join(str(row[0].value) for row in opened(partnership)["Read me"].iter_rows())
    assert "Scoring closes on 2 March 2031." in said
