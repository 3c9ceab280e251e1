"""Files that nobody should send, and files sent to the wrong place. Each gets a plain answer."""

import io
import os
import resource
import struct
import time
import zipfile

import pytest

from assessments.models import Assessment, Score
from assessments.workbook.cells import MAX_DEPTH, place
from assessments.workbook.layout import WorkbookError
from assessments.workbook.package import OLE2, open_safely
from assessments.workbook.read import read_answer, read_reason
from ingredients.models import Framework
from tests.assessments.pages import problems, text
from tests.assessments.workbooks import (
    ABOUT_XML,
    SCORES_XML,
    SHARED,
    address,
    changed,
    downloaded,
    parts,
    patched,
    read,
    upload,
    with_cell,
    zipped,
)

FIRST = "agency-joint-design"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NOT_A_WORKBOOK = "The selected file is not an Excel workbook."
DAMAGED = "The selected file is damaged."
TOO_MUCH = "The selected file unpacks to far more than a workbook of the portal."
PASSWORD = "The selected file has a password."
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(10))
    + f']><sst xmlns="{MAIN}"><si><t>&k;</t></si></sst>'
)


def replaced(data, **content):
    """The workbook with whole parts replaced; None takes one away."""
    names = {"scores": SCORES_XML, "about": ABOUT_XML, "shared": SHARED, "book": "xl/workbook.xml",
             "rels": "xl/_rels/workbook.xml.rels", "styles": "xl/styles.xml",
             "types": "[Content_Types].xml"}  # fmt: skip
    found = parts(data)
    for key, text_of in content.items():
        if text_of is None:
            del found[names[key]]
        else:
            found[names[key]] = text_of
    return zipped(found)


def added(data, name, content=b"x"):
    return zipped({**parts(data), name: content})


def twice(data):
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as made, pytest.warns(UserWarning, match="Duplicate name"):
        made.writestr(SCORES_XML, b"<worksheet/>")
    return file.getvalue()


def lying_size(data):
    """The directory says that a part is small; unpacked it is not."""
    packed = bytearray(zipped({**parts(data), SHARED: b"A" * 4_000_000}))
    with zipfile.ZipFile(io.BytesIO(bytes(packed))) as file:
        entry = file.getinfo(SHARED)
    old, new = struct.pack("<L", entry.file_size), struct.pack("<L", 1000)
    return bytes(packed).replace(old, new)


def encrypted_flag(data):
    packed = bytearray(data)
    start = packed.index(b"PK\x01\x02")
    packed[start + 8] |= 1
    return bytes(packed)


def compressed_otherwise(data):
    return zipped(parts(data), zipfile.ZIP_LZMA)


def deep(tag="a", levels=200_000):
    return f"<{tag}>" * levels + f"</{tag}>" * levels


def many_rows(number):
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, number))
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def far_cell(address_of):
    row = "".join(c for c in address_of if c.isdecimal())
    return (
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="{row}">'
        f'<c r="{address_of}"><v>1</v></c></row></sheetData></worksheet>'
    )


HOSTILE = {
    "nothing but text": (lambda d: b"Code,Answer\n1.1,3\n", NOT_A_WORKBOOK),
    "a web page": (lambda d: b"<html><table><tr><td>1.1</td></tr></table></html>", NOT_A_WORKBOOK),
    "a PDF": (lambda d: b"%PDF-1.7 ...", NOT_A_WORKBOOK),
    "zeros": (lambda d: b"\0" * 5000, NOT_A_WORKBOOK),
    "a zip of something else": (lambda d: zipped({"letter.txt": "Dear"}), NOT_A_WORKBOOK),
    "a Word file": (lambda d: zipped({"word/document.xml": "<w/>"}), NOT_A_WORKBOOK),
    "a binary workbook": (lambda d: zipped({"xl/workbook.bin": b"\x83"}), NOT_A_WORKBOOK),
    "half a zip": (lambda d: d[: len(d) // 2], DAMAGED),
    "two letters": (lambda d: b"PK", DAMAGED),
    "rubbish after PK": (lambda d: b"PK\x03\x04" + b"\xff" * 4000, DAMAGED),
    "a flipped byte": (lambda d: d[:3000] + bytes([d[3000] ^ 0xFF]) + d[3001:], DAMAGED),
    "an old workbook": (lambda d: OLE2 + b"\0" * 600, "The selected file is in an older Excel format."),
    "a workbook with a password": (lambda d: OLE2 + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), PASSWORD),
    "an encrypted zip": (encrypted_flag, PASSWORD),
    "an OpenDocument file": (lambda d: zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<o/>"}), "The selected file is an OpenDocument file."),
    "macros": (lambda d: added(d, "xl/vbaProject.bin"), "The selected file can hold macros."),
    "macros by type": (lambda d: patched(d, "[Content_Types].xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "The selected file can hold macros."),
    "too large": (lambda d: d + b"\0" * (2 * 1024 * 1024), "The selected file must be 2 MB or smaller."),
    "a zip bomb": (lambda d: added(d, "xl/media/a.bin", b"\0" * 30_000_000), TOO_MUCH),
    "a zip bomb in a part that is read": (lambda d: replaced(d, shared=b" " * 9_000_000), TOO_MUCH),
    "a thousand members": (lambda d: zipped({**parts(d), **{f"x/{n}": "" for n in range(1000)}}), TOO_MUCH),
    "a part that lies about its size": (lying_size, DAMAGED),
    "a part twice": (twice, DAMAGED),
    "another compression": (compressed_otherwise, DAMAGED),
    "laughing XML in the texts": (lambda d: replaced(d, shared=LAUGHS), DAMAGED),
    "laughing XML in the sheet": (lambda d: replaced(d, scores=LAUGHS), DAMAGED),
    "laughing XML in the styles": (lambda d: replaced(d, styles=LAUGHS), DAMAGED),
    "laughing XML in the list of sheets": (lambda d: replaced(d, book=LAUGHS), DAMAGED),
    "an external entity": (lambda d: replaced(d, shared=f'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst xmlns="{MAIN}"><si><t>&x;</t></si></sst>'), DAMAGED),
    "an external document type": (lambda d: replaced(d, about='<!DOCTYPE w SYSTEM "http://evil.example/x.dtd"><worksheet/>'), DAMAGED),
    "XML that does not end": (lambda d: replaced(d, scores="<worksheet><sheetData>"), DAMAGED),
    "XML in no known encoding": (lambda d: replaced(d, shared='<?xml version="1.0" encoding="klingon"?><sst/>'), DAMAGED),
    "XML that is nested deeply": (lambda d: replaced(d, shared=deep(levels=MAX_DEPTH + 2)), TOO_MUCH),
    "a sheet that is nothing": (lambda d: replaced(d, scores=b""), DAMAGED),
    "a missing part": (lambda d: replaced(d, scores=None), DAMAGED),
    "a cell at no address": (lambda d: patched(d, SCORES_XML, '<c r="A2"', '<c r="2A"'), DAMAGED),
    "a row without a number": (lambda d: patched(d, SCORES_XML, '<row r="2"', '<row r="two"'), DAMAGED),
    "a text that is not there": (lambda d: with_cell(d, "K2", '<c r="K2" t="s"><v>99999</v></c>'), DAMAGED),
    "a million rows": (lambda d: replaced(d, scores=many_rows(60_000)), TOO_MUCH),
    "empty rows without end": (lambda d: replaced(d, scores=f'<worksheet xmlns="{MAIN}"><sheetData>{"<row/>" * 6000}</sheetData></worksheet>'), TOO_MUCH),
    "empty cells without end": (lambda d: replaced(d, scores=f'<worksheet xmlns="{MAIN}"><sheetData><row>{"<c/>" * 60_000}</row></sheetData></worksheet>'), TOO_MUCH),
    "a large part that packs badly": (lambda d: replaced(d, shared=b"".join(os.urandom(150) + b" " * 4000 for _ in range(1400))), TOO_MUCH),
    "a cell in the last corner": (lambda d: replaced(d, scores=far_cell("XFD1048576")), TOO_MUCH),
    "a cell far to the right": (lambda d: replaced(d, scores=far_cell("ZZ2")), TOO_MUCH),
    "a renamed sheet": (lambda d: changed(d, lambda b: setattr(b["Scores"], "title", "Results")), "The sheet ‘Scores’ is missing or was renamed."),
    "no About": (lambda d: changed(d, lambda b: b.remove(b["About"])), "The sheet ‘About’ is missing or was renamed."),
    "two sheets of one name": (lambda d: patched(d, "xl/workbook.xml", 'name="Read me"', 'name="Scores"'), "The sheet ‘Scores’ is missing or was renamed."),
    "a sheet outside the file": (lambda d: patched(d, "xl/_rels/workbook.xml.rels", "worksheets/sheet2.xml", "../../../etc/passwd"), DAMAGED),
    "moved columns": (lambda d: changed(d, lambda b: b["Scores"].insert_cols(3)), "Columns of the sheet ‘Scores’ were moved or renamed."),
    "a renamed column": (lambda d: changed(d, lambda b: b["Scores"].__setitem__("J1", "Level")), "Columns of the sheet ‘Scores’ were moved or renamed."),
    "an empty sheet": (lambda d: changed(d, lambda b: b["Scores"].delete_rows(1, 99)), "Columns of the sheet ‘Scores’ were moved or renamed."),
    "a statement twice": (lambda d: changed(d, lambda b: b["Scores"].__setitem__("B3", FIRST)), f"The statement id ‘{FIRST}’ stands in more than one row"),
    "an older format": (lambda d: changed(d, lambda b: b["About"].__setitem__("B2", "0")), "This workbook was made by another version of the portal."),
    "a newer format": (lambda d: changed(d, lambda b: b["About"].__setitem__("B2", "2")), "This workbook was made by another version of the portal."),
    "an emptied About": (lambda d: changed(d, lambda b: b["About"].delete_rows(2, 99)), "The sheet ‘About’ was changed"),
    "an item of About without a value": (lambda d: changed(d, lambda b: b["About"].__setitem__("B3", None)), "The sheet ‘About’ was changed"),
    "an item of About twice": (lambda d: changed(d, lambda b: b["About"].__setitem__("A9", "Format")), "The sheet ‘About’ was changed"),
    "a formula in About": (lambda d: changed(d, lambda b: b["About"].__setitem__("B3", "=1+1")), "The sheet ‘About’ was changed"),
    "a mark that was made up": (lambda d: changed(d, lambda b: b["About"].__setitem__("B9", "version x")), "The sheet ‘About’ was changed"),
}  # fmt: skip


@pytest.fixture
def data(partnership):
    return downloaded(partnership)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_file_is_refused_with_what_to_do(partnership, data, kind):
    make, message = HOSTILE[kind]
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = upload(partnership, make(data))
    (said,) = problems(answer)
    assert said.startswith(message)
    assert any(word in said for word in ("Select", "Save", "save", "Download", "Delete", "smaller"))
    assert Score.objects.count() == 0
    assert time.perf_counter() - start < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_no_file_and_an_empty_file_are_refused(partnership):
    client = partnership.client("health")
    url = address(partnership, "upload-workbook")
    assert problems(client.post(url, {})) == ["Select the workbook that you filled in"]
    assert problems(upload(partnership, b"")) == ["The selected file is empty"]


# ---- The wrong place --------------------------------------------------------------------------


def test_workbook_of_another_area_is_refused(partnership, other_partnership):
    answer = upload(partnership, downloaded(other_partnership))
    assert problems(answer) == [
        "This workbook is for another area. Select the workbook of this one"
    ]


def test_workbook_of_another_partner_is_refused(partnership):
    answer = upload(partnership, downloaded(partnership, "schools"))
    assert problems(answer) == [
        "This workbook is for another organisation. Select the workbook of yours"
    ]


def test_workbook_of_another_assessment_is_refused(partnership, data):
    row = str(partnership.assessment.pk)
    other = changed(data, lambda b: b["About"].__setitem__("B4", f"{row}9"))
    assert problems(upload(partnership, other)) == [
        "This workbook is for another assessment. Select the workbook of this one"
    ]


def test_workbook_of_another_framework_is_refused(partnership, data):
    for cell in ("B6", "B7"):
        other = changed(data, lambda b, cell=cell: b["About"].__setitem__(cell, "something else"))
        (said,) = problems(upload(partnership, other))
        assert said.startswith("This workbook has another version of the statements. Download")


def test_workbook_from_before_a_new_framework_version_is_refused(partnership, data):
    copy = Framework.objects.create(
        slug="send-ingredients", version=2, title="T", plain_title="T", summary="S",
        plain_summary="S", content=partnership.assessment.framework.content, fingerprint="f" * 64,
    )  # fmt: skip
    Assessment.objects.filter(pk=partnership.assessment.pk).update(framework=copy)
    (said,) = problems(upload(partnership, data))
    assert said.startswith("This workbook has another version of the statements.")


# ---- Cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("", ""), ("  ", ""), ("\u00a0", ""), (1, "1"), (4.0, "4"), ("3", "3"), ("3.0", "3"), ("2.000", "2"),
        (" 3 ", "3"), ("\u00a03\u00a0", "3"), ("cannot say", "cannot_say"), ("CANNOT  SAY", "cannot_say"),
        ("Cannot\u00a0say ", "cannot_say"), ("does NOT apply", "not_applicable"),
    ],
)  # fmt: skip
def test_answers_are_read_as_people_write_them(value, answer):
    assert read_answer(value) == (answer, "")


@pytest.mark.parametrize(
    "value",
    [
        0, 5, -1, 2.5, "2.5", "0", "5", "-1", "3.5", "03", "+3", "1e0", "३", "３", "²", True, False, "TRUE", "yes",
        "not agreed", "cannot_say", "n/a", "x" * 32_000, "=3", 1e308, float("inf"), float("nan"), "3,0", "Level 3 ",
    ],
)  # fmt: skip
def test_anything_else_is_no_answer(value):
    answer, wrong = read_answer(value)
    assert answer == ""
    assert wrong.endswith("is not an answer. Choose 1, 2, 3, 4, Cannot say or Does not apply.")
    assert len(wrong) < 140


@pytest.mark.parametrize("said", ["=1+1", "+1", "-1", "@SUM(1)", "=cmd|' /C calc'!A0"])
def test_reason_that_looks_like_a_formula_is_a_text(said):
    assert read_reason(said) == (said, "")


def test_reason_is_cleaned_but_not_reworded():
    assert read_reason("  a\r\nb\rc\x07\x00\t\u202ed\u00a0 ") == ("a\nb\nc\t\u202ed", "")
    assert read_reason(3.0) == ("3", "")
    assert read_reason(True) == ("", "‘True’ is not a text. Write the reason in words.")
    assert read_reason("x" * 32_767)[1] == (
        "the reason has 32,767 characters. Shorten it to 500 or fewer."
    )


CELLS = {
    "a formula": ('<c r="J2"><f>1+1</f><v>2</v></c>', "J2: this cell holds a formula."),
    "a formula that gives a text": ('<c r="J2" t="str"><f>"3"</f><v>3</v></c>', "J2: this cell holds a formula."),
    "a formula without a value": ('<c r="J2"><f>RAND()</f></c>', "J2: this cell holds a formula."),
    "a shared formula": ('<c r="J2"><f t="shared" si="0"/><v>2</v></c>', "J2: this cell holds a formula."),
    "a formula filling two cells": ('<c r="J2"><f t="array" ref="J2:J3">{1;2}</f><v>1</v></c>', "J2: this cell holds a formula."),
    "a formula in the reason": ('<c r="K2" t="str"><f>A1</f><v>x</v></c>', "K2: this cell holds a formula."),
    "a formula in the id": ('<c r="B2" t="str"><f>A1</f><v>agency-joint-design</v></c>', "B2: this cell holds a formula."),
    "an error": ('<c r="J2" t="e"><v>#N/A</v></c>', "J2: this cell holds an error."),
    "an error in the reason": ('<c r="K2" t="e"><v>#REF!</v></c>', "K2: this cell holds an error."),
    "TRUE": ('<c r="J2" t="b"><v>1</v></c>', "J2: ‘TRUE’ is not an answer."),
    "half a level": ('<c r="J2"><v>2.5</v></c>', "J2: ‘2.5’ is not an answer."),
    "a negative level": ('<c r="J2"><v>-1</v></c>', "J2: ‘-1’ is not an answer."),
    "a date": ('<c r="J2" t="d"><v>2026-01-02T00:00:00</v></c>', "J2: ‘2026-01-02"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CELLS)
def test_cell_that_holds_no_plain_value_is_refused_with_its_name(partnership, data, kind):
    xml, message = CELLS[kind]
    page = upload(partnership, with_cell(data, xml[6:8], xml))
    assert message in text(page)
    assert "that cannot be used" in text(page)


def test_cell_that_another_cells_formula_fills_is_refused_too(partnership, data):
    data = with_cell(data, "J2", '<c r="J2"><f t="array" ref="J2:J3">{1;2}</f><v>1</v></c>')
    page = upload(partnership, with_cell(data, "J3", '<c r="J3"><v>2</v></c>'))
    assert "J3: this cell holds a formula." in text(page)


def test_formula_elsewhere_is_not_our_business(partnership, data):
    def note(book):
        book["Scores"]["M5"] = "=SUM(J2:J33)"
        book["Read me"]["C1"] = "=1+1"

    assert all(not row.refusal for row in read(partnership, changed(data, note)).rows)


def test_sheet_written_without_addresses_is_read(partnership, data):
    content = parts(data)
    del content[SHARED]
    head = ["Code", "Statement id", *"CDEFGHI", "Your answer", "Why this answer?"]

    def cell(said):
        return f'<c t="inlineStr"><is><t>{said}</t></is></c>'

    row = [cell("1.1"), cell(FIRST), *(cell(c) for c in "CDEFGHI"), "<c><f>1</f><v>3</v></c>"]
    content[SCORES_XML] = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row>{"".join(map(cell, head))}</row>'
        f"<row>{''.join(row)}</row></sheetData></worksheet>"
    ).encode()
    package = open_safely(zipped(content))
    assert package.scores.formulas == {(2, 10)}


def test_addresses():
    assert place("A1") == (1, 1)
    assert place("$J$12") == (12, 10)
    assert place("AA100") == (100, 27)
    for bad in ("", "A", "1", "A0", "AAAA1", "a1", "A1:B2"):
        with pytest.raises(ValueError, match="address"):
            place(bad)


def test_only_what_was_checked_is_read(data):
    """The reader gets a new file of the five parts that were looked at, and nothing else."""
    package = open_safely(added(data, "xl/externalLinks/externalLink1.xml", b"<x/>"))
    with zipfile.ZipFile(io.BytesIO(package.data)) as file:
        names = file.namelist()
    assert not any("external" in name or "theme" in name for name in names)
    assert len(names) == 8


def test_error_is_one_kind(data):
    with pytest.raises(WorkbookError):
        open_safely(b"")
