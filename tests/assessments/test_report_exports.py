"""A report as Excel workbook, CSV and JSON: what is in each, for whom, and that nothing in it runs."""

import dataclasses
import io
import json
import re
import zipfile
from datetime import date, datetime

import jsonschema
import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.safestring import SafeString

from assessments.models import Assessment
from assessments.reports.build import contents_of
from assessments.reports.exports.csv import COLUMNS, report_rows
from assessments.reports.exports.excel import LONGEST, make_report_workbook
from assessments.reports.exports.how import HOW, PLACES
from assessments.reports.exports.json import report_json, structure
from assessments.reports.pdf import report_html
from send_portal.exports import csv_file
from tests.assessments.pages import soup, words
from tests.assessments.report_readers import book_of, fetched, rows_of
from tests.assessments.shortcuts import agree, lay_evidence, next_assessment, submit
from tests.conftest import client_of
from tests.factories import (
    ActionFactory,
    CheckInFactory,
    DissentFactory,
    QuorumReasonFactory,
    SignOffFactory,
    SupportRequestFactory,
)

SLUG = "agency-joint-design"
KINDS = ["xlsx", "csv", "json"]
# SQL queries, whatever the size: no more than the page takes.
DRAFT, SUBMITTED = 12, 4
ADDRESS = "https://portal.example/report.schema.json"


@pytest.fixture
def meeting(partnership):
    """Revealed, with a reason from each partner, evidence and dissent on the first statement."""
    for sector in partnership.returns:
        partnership.answer(sector, "4" if sector == "health" else "2", reason=f"PLANTED {sector}")
    partnership.reveal()
    agree(partnership, {s.slug: "3" for s in partnership.statements[:-1]}, rationale="PLANTED why")
    lay_evidence(partnership, SLUG, review_on=date(2031, 5, 4))
    DissentFactory(
        partner_return=partnership.returns["schools"], statement=partnership.statement(SLUG),
        text="PLANTED dissent", recorded_by=partnership.people["schools"],
    )  # fmt: skip
    QuorumReasonFactory(assessment=partnership.assessment)
    return partnership


@pytest.fixture
def second(meeting):
    """Compared with an earlier report, signed by one partner."""
    submit(meeting)
    own = next_assessment(meeting)
    own.reveal()
    agree(own, {s.slug: "2" for s in own.statements}, rationale="PLANTED why")
    lay_evidence(own, SLUG)
    DissentFactory(
        partner_return=own.returns["schools"], statement=own.statement(SLUG), text="PLANTED dissent",
        recorded_by=own.people["schools"],
    )  # fmt: skip
    own.move_to(Assessment.Stage.SIGN_OFF)
    SignOffFactory(partner_return=own.returns["health"], decision="disagree", text="PLANTED no")
    ActionFactory(body=own.partners["health"], what="Fill two posts", due_on=date(2026, 1, 2))
    SupportRequestFactory(area=own.area, why="Our board is new.")
    CheckInFactory(baseline=meeting.assessment)
    return own


def files(client, assessment):
    return {kind: fetched(client, assessment, f"report-{kind}") for kind in KINDS}


def texts(files):
    """All words of each file: those of the workbook are packed."""
    with zipfile.ZipFile(io.BytesIO(files["xlsx"])) as package:
        said = "".join(package.read(name).decode() for name in package.namelist())
    return {"xlsx": said, "csv": files["csv"].decode(), "json": files["json"].decode()}


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


# ---- Served --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("csv", "text/csv; charset=utf-8"),
        ("json", "application/json"),
    ],
)
def test_file_is_an_attachment_named_as_the_pdf_is(meeting, kind, content_type):
    address = reverse(f"assessments:report-{kind}", args=[meeting.assessment.pk])
    draft = meeting.client("lead").get(address)
    assert draft["Content-Disposition"] == (
        f'attachment; filename="moorland-autumn-assessment-draft-report.{kind}"'
    )
    submit(meeting)
    response = meeting.client("viewer").get(address)
    assert response["Content-Disposition"] == (
        f'attachment; filename="moorland-autumn-assessment-report.{kind}"'
    )
    assert response["Content-Type"] == content_type
    assert "no-store" in response["Cache-Control"]
    assert meeting.client("lead").post(address).status_code == 405


def test_report_page_offers_every_file(meeting):
    page = soup(
        meeting.client("lead").get(reverse("assessments:report", args=[meeting.assessment.pk]))
    )
    links = {a["href"].rpartition(".")[2]: words(a) for a in page.select(".app-files a")}
    assert {kind: links[kind] for kind in KINDS} == {
        "xlsx": "Excel workbook",
        "csv": "CSV, a row for each statement",
        "json": "JSON, for other programs",
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("statements", [1, 32])
def test_file_asks_the_database_as_often_for_much_as_for_little(
    partnership, django_assert_num_queries, kind, statements
):
    partnership.reveal()
    agree(partnership, {s.slug: "3" for s in partnership.statements[:statements]})
    lay_evidence(partnership, *[s.slug for s in partnership.statements[:statements]])
    client = partnership.client("lead")
    fetched(client, partnership.assessment, f"report-{kind}")
    with django_assert_num_queries(DRAFT):
        fetched(client, partnership.assessment, f"report-{kind}")
    submit(partnership)
    fetched(client, partnership.assessment, f"report-{kind}")
    with django_assert_num_queries(SUBMITTED):
        fetched(client, partnership.assessment, f"report-{kind}")


# ---- For whom ------------------------------------------------------------------------------------


def test_dfe_reads_no_partner_s_level_or_word_unless_the_area_consents(second, programme):
    submit(second)
    client = client_of(programme)
    found = texts(files(client, second.assessment))
    assert {kind: "PLANTED" in said for kind, said in found.items()} == dict.fromkeys(KINDS, False)
    Assessment.objects.update(dfe_sees_partners=True)
    found = texts(files(client, second.assessment))
    assert {kind: "PLANTED" in said for kind, said in found.items()} == dict.fromkeys(KINDS, True)


def test_files_for_dfe_say_that_partners_stay_in_the_area(second, programme):
    submit(second)
    found = files(client_of(programme), second.assessment)
    assert list(book_of(found["xlsx"])) == [
        "Summary", "Ingredients", "Statements", "Evidence", "Priorities", "Actions",
        "Support asked for", "Signatures", "How it was worked out",
    ]  # fmt: skip
    rows = rows_of(found["csv"])
    assert {row["shows_partners"] for row in rows} == {"no"}
    assert {row["partner_levels"] + row["rationale"] + row["dissent"] for row in rows} == {""}
    said = json.loads(found["json"])
    assert said["shows_partners"] is False
    for ingredient in said["ingredients"]:
        assert (ingredient["places"], ingredient["places_in_words"]) == ([], None)
        for statement in ingredient["statements"]:
            assert (statement["answers"], statement["dissent"], statement["rationale"]) == (
                [],
                [],
                None,
            )
    assert "which does not share them" in said["method"]["who_sees"]


def test_contested_stays_visible_to_dfe(second, programme):
    submit(second)
    found = files(client_of(programme), second.assessment)
    contested = [
        row["Code"] for row in book_of(found["xlsx"])["Statements"] if row["Contested"] == "Yes"
    ]
    assert contested == ["1.1"]


def test_files_have_the_plan_of_the_area(second):
    found = files(second.client("lead"), second.assessment)
    book = book_of(found["xlsx"])
    (action,) = book["Actions"]
    assert (action["Action"], action["Responsible body"], action["Late"]) == (
        "Fill two posts", second.partners["health"].name, "Yes",
    )  # fmt: skip
    assert [row["Why"] for row in book["Support asked for"]] == ["Our board is new."]
    plan = json.loads(found["json"])["plan"]
    assert (plan["actions"][0]["due"], plan["actions"][0]["is_late"]) == ("2026-01-02", True)
    assert plan["support"][0]["why"] == "Our board is new."
    assert plan["next_check_in"]["kind"] == "board"


# ---- The workbook --------------------------------------------------------------------------------


def test_workbook_has_a_sheet_for_each_part(meeting):
    book = book_of(files(meeting.client("lead"), meeting.assessment)["xlsx"])
    assert {name: len(rows) for name, rows in book.items()} == {
        "Summary": len(book["Summary"]),
        "Ingredients": 6, "Statements": 32, "Places": 6, "Partners": 32, "Reasons": 192,
        "Dissent": 1, "Evidence": 1, "Priorities": 6, "Signatures": 6,
        "How it was worked out": len(book["How it was worked out"]),
    }  # fmt: skip


def test_workbook_says_first_that_a_draft_is_a_draft(meeting):
    content = files(meeting.client("lead"), meeting.assessment)["xlsx"]
    first = book_of(content)["Summary"][0]
    assert (first["What"], first["Value"]) == ("Status", "Draft")
    assert "Not signed, and not for use outside the partnership." in first["In words"]
    assert opened(content).properties.title.startswith("Draft: Moorland: readiness report")
    submit(meeting)
    content = files(meeting.client("lead"), meeting.assessment)["xlsx"]
    assert book_of(content)["Summary"][0]["Value"] == "Submitted"
    assert "Draft" not in opened(content).properties.title


def test_workbook_has_levels_as_numbers_and_days_as_dates(meeting):
    submit(meeting)
    book = book_of(files(meeting.client("lead"), meeting.assessment)["xlsx"])
    first, *_, last = book["Statements"]
    assert (first["Agreed level"], first["Counts as"], first["Evidence"]) == (3, 3, 1)
    assert (last["Agreed level"], last["In words"], last["Counts as"]) == (
        None,
        "Not decided",
        None,
    )
    assert book["Evidence"][0]["Review on"] == datetime(2031, 5, 4)  # noqa: DTZ001
    assert isinstance(book["Dissent"][0]["Recorded on"], datetime)
    assert isinstance(book["Signatures"][0]["Scores submitted on"], datetime)
    said = {row["What"]: row["Value"] for row in book["Summary"]}
    assert isinstance(said["Submitted on"], datetime)
    assert said["Statements agreed"] == 31


def test_workbook_has_each_partner_s_level_and_why_there_is_none(meeting):
    statement = next(s for s in meeting.statements if not s.families_can_score)
    book = book_of(files(meeting.client("lead"), meeting.assessment)["xlsx"])
    row = next(row for row in book["Partners"] if row["Code"] == statement.code)
    assert (row["Health (H)"], row["Council (C)"], row["Parent carers (PC)"]) == (4, 2, None)
    assert row["Without a level"] == "Parent carers: not asked; Young people: not asked"
    found = [row for row in book["Reasons"] if row["Code"] == "1.1" and row["Partner code"] == "H"]
    assert [(row["Level"], row["Reason"], row["Far from the others"]) for row in found] == [
        (4, "PLANTED health", "Yes")
    ]


def test_each_sheet_is_one_table_from_its_first_cell(second):
    for sheet in opened(files(second.client("lead"), second.assessment)["xlsx"]):
        (table,) = sheet.tables.values()
        assert table.ref == sheet.dimensions
        assert table.ref.startswith("A1:")
        heads = [cell.value for cell in sheet[1]]
        assert None not in heads
        assert len(set(heads)) == len(heads)
        assert list(sheet.merged_cells) == []
        assert table.autoFilter is not None


def test_each_sheet_is_ready_to_read_and_to_print(second):
    for sheet in opened(files(second.client("lead"), second.assessment)["xlsx"]):
        assert sheet.freeze_panes in {"B2", "C2"}
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.orientation == "landscape"
        # One page wide, as many long as it takes.
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]]
        assert min(widths) >= 7
        assert all(cell.alignment.wrap_text for row in sheet for cell in row)


def test_workbook_names_its_language_and_its_title(meeting):
    properties = opened(files(meeting.client("lead"), meeting.assessment)["xlsx"])
    assert properties.properties.creator == "Moorland local area SEND partnership"
    assert {row.name: row.value for row in properties.custom_doc_props.props} == {
        "Language": "en-GB"
    }


def test_workbook_explains_the_rule_in_the_words_of_the_pdf(meeting):
    submit(meeting)
    report = contents_of(meeting.assessment)
    said = words(soup_of(report_html(report)))
    rows = {
        row["What"]: row["Value or rule"]
        for row in book_of(make_report_workbook(report))["How it was worked out"]
    }
    for head, text in (*HOW, PLACES):
        assert rows[head] == text
        for sentence in re.split(r"(?<=\.) ", text):
            # Annex B has some words between.
            assert sentence.rstrip(".").removeprefix("It is ").removeprefix("Derived") in said
    assert rows["Snapshot, sha256"] == report.method.sha256


def soup_of(html):
    from bs4 import BeautifulSoup

    return BeautifulSoup(html, "html.parser")


def test_same_contents_give_the_same_workbook(meeting):
    submit(meeting)
    report = contents_of(meeting.assessment)
    assert make_report_workbook(report) == make_report_workbook(report)


def test_text_longer_than_a_cell_is_cut(meeting):
    meeting.assessment.agreed_scores.filter(statement__slug=SLUG).update(rationale="x" * 40_000)
    row = book_of(make_report_workbook(contents_of(meeting.assessment)))["Statements"][0]
    assert len(row["Why"]) == LONGEST


def test_workbook_says_what_changed(second):
    book = book_of(files(second.client("lead"), second.assessment)["xlsx"])
    said = {row["What"]: (row["Value"], row["In words"]) for row in book["Summary"]}
    assert said["Compared with"][0] == "Autumn assessment"
    assert "went up" in said["Compared with"][1]
    assert book["Statements"][0]["Change"] == "Down from 3 to 2."
    assert book["Ingredients"][0]["Earlier level"] == 2


# ---- CSV -----------------------------------------------------------------------------------------


def test_csv_opens_in_excel_and_has_a_row_for_each_statement(second):
    content = files(second.client("lead"), second.assessment)["csv"]
    assert content.startswith(b"\xef\xbb\xbfarea_code,area,")
    rows = rows_of(content)
    assert tuple(rows[0]) == tuple(COLUMNS)
    assert [row["statement"] for row in rows] == [s.slug for s in second.statements]
    first = rows[0]
    assert (first["status"], first["submitted_on"], first["rule"]) == ("draft", "", "floor-count-1")
    assert (first["demonstration"], first["shows_partners"]) == ("no", "yes")
    assert (first["framework_version"], first["evidence_in_date"]) == ("1", "1")
    assert first["dissent"] == "Schools: PLANTED dissent"
    assert first["partner_levels"].split("\n")[0] == "Council: 2"
    assert first["change"] == "Down from 3 to 2."


# ---- JSON ----------------------------------------------------------------------------------------


def strict(schema):
    """The published schema lets newer versions add names; what we write has no others."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: strict(part) for name, part in schema.items()}
    return found | {"additionalProperties": False} if "required" in schema else found


def validator():
    schema = json.loads(Client().get("/report.schema.json").content)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(
        strict(schema), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def test_schema_is_open_to_all_and_named_in_each_file(meeting, settings):
    response = Client().get("/report.schema.json")
    assert response["Content-Type"] == "application/schema+json"
    said = json.loads(files(meeting.client("lead"), meeting.assessment)["json"])
    assert said["schema"] == f"{settings.PORTAL_URL}/report.schema.json"


def test_every_name_in_the_schema_says_what_it_means():
    def unsaid(part, path):
        if not isinstance(part, dict):
            return []
        here = [] if "description" in part or "$ref" in part else [path]
        return here + [
            found
            for name, inner in part.get("properties", {}).items()
            for found in unsaid(inner, f"{path}.{name}")
        ]

    schema = json.loads(Client().get("/report.schema.json").content)
    found = unsaid(schema, "report")
    for name, part in schema["$defs"].items():
        found += unsaid(part, name)
    assert found == []


@pytest.mark.parametrize("shows_partners", [True, False])
def test_json_of_every_kind_of_report_holds_to_the_schema(meeting, shows_partners):
    check = validator()

    def holds(own):
        report = contents_of(own.assessment, shows_partners=shows_partners)
        check.validate(json.loads(report_json(report, ADDRESS)))

    holds(meeting)
    submit(meeting)
    holds(meeting)
    second = next_assessment(meeting)
    holds(second)
    second.reveal()
    holds(second)
    agree(second, "4")
    lay_evidence(second)
    holds(second)


def leaves(value, path="report"):
    """Every figure and text of the contents, with where it stands. Drawings are none."""
    if isinstance(value, SafeString):
        return
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, tuple):
        for inner in value:
            yield from leaves(inner, path)
    elif isinstance(value, dict):
        yield from ((path, inner) for inner in value.values())
    elif value is not None and not isinstance(value, bool):
        yield path, value


def values(value):
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from values(inner)
    else:
        yield value


def test_json_leaves_nothing_out(second):
    report = contents_of(second.assessment)
    said = set(map(str, values(structure(report, ADDRESS))))
    # Said as numbers: coverage of an ingredient, and the tiles.
    left = {
        path: value
        for path, value in leaves(report)
        if str(value) not in said and not re.search(r"\.tiles\.|ingredients\.coverage$", path)
    }
    assert left == {}


# ---- Nothing runs --------------------------------------------------------------------------------

DANGERS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1+1", "\u00a0=1", "＝1", "＋1", "－1", "＠A1",
    "=cmd|' /C calc'!A0", '=HYPERLINK("https://evil.example","x")', "{=1+1}", "https://evil.example",
    "internal:Summary!A1", "mailto:x@evil.example", "</t></si><si><t>=1</t>", "_x003D_1+1", "\x07=1",
]  # fmt: skip


def poisoned(value, danger, kept=("slug", "band", "code", "id", "short_name")):
    """The same contents with this in every text that there is."""
    if dataclasses.is_dataclass(value):
        found = {
            field.name: poisoned(getattr(value, field.name), danger)
            for field in dataclasses.fields(value)
            if field.name not in kept
        }
        if hasattr(value, "short_name"):
            found["short_name"] = f"{danger}{value.code}"
        return dataclasses.replace(value, **found)
    if isinstance(value, tuple):
        return tuple(poisoned(inner, danger) for inner in value)
    return danger if isinstance(value, str) and not isinstance(value, SafeString) else value


@pytest.mark.parametrize("danger", DANGERS)
def test_no_text_in_the_workbook_is_a_formula_or_a_link(second, danger):
    content = make_report_workbook(poisoned(contents_of(second.assessment), danger))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheets = b"".join(package.read(n) for n in package.namelist() if "worksheets/" in n)
        names = " ".join(package.namelist())
        relations = b"".join(package.read(n) for n in package.namelist() if n.endswith(".rels"))
    assert re.findall(rb"<f[ />]|<hyperlink|<calculatedColumnFormula", sheets) == []
    assert "externalLink" not in names
    assert b"External" not in relations
    for sheet in opened(content):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                # What looks like a formula is marked as text, so it stays one when it is edited.
                if str(cell.value or "").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")):
                    assert cell.quotePrefix or cell.row == 1


@pytest.mark.parametrize("danger", DANGERS)
def test_no_cell_of_the_csv_is_a_formula(second, danger):
    report = poisoned(contents_of(second.assessment), danger)
    response = csv_file("report.csv", list(COLUMNS), report_rows(report))
    for row in rows_of(response.getvalue()):
        for cell in row.values():
            assert not cell.lstrip(" \u00a0").startswith(
                ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
            )


@pytest.mark.parametrize("danger", DANGERS)
def test_json_keeps_texts_as_they_were_typed(second, danger):
    report = poisoned(contents_of(second.assessment), danger)
    said = json.loads(report_json(report, ADDRESS))
    assert said["ingredients"][0]["statements"][0]["rationale"] == danger
    assert said["assessment"]["title"] == danger
