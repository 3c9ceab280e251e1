"""Fills in a workbook as another program would, and breaks one as nobody should."""

import io
import zipfile

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assessments.workbook.build import identity_of
from assessments.workbook.read import read_workbook

SCORES_XML, ABOUT_XML, SHARED = (
    "xl/worksheets/sheet2.xml",
    "xl/worksheets/sheet3.xml",
    "xl/sharedStrings.xml",
)


def address(partnership, name, sector="health"):
    row = partnership.returns[sector]
    return reverse(f"assessments:{name}", args=[row.assessment_id, row.pk])


def downloaded(partnership, sector="health", who=None):
    response = partnership.client(who or sector).get(address(partnership, "workbook", sector))
    assert response.status_code == 200
    return response.content


def filled(data, answers, *, sheet="Scores"):
    """The workbook with other cells: statement slug to answer, or to (answer, reason)."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    rows = {row[1].value: row for row in book[sheet].iter_rows(min_row=2)}
    for slug, given in answers.items():
        answer, reason = given if isinstance(given, tuple) else (given, rows[slug][10].value)
        rows[slug][9].value, rows[slug][10].value = answer, reason
        # What a person types is text, also when it begins with an equals sign.
        for cell in rows[slug][9:11]:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                cell.data_type = "s"
    return saved(book)


def changed(data, change):
    """The workbook after `change` was done to it in openpyxl."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(book)
    return saved(book)


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(content, compression=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, text in content.items():
            made.writestr(name, text)
    return file.getvalue()


def patched(data, part, old, new):
    """The workbook with one piece of its XML replaced."""
    content = parts(data)
    assert old.encode() in content[part], (part, old)
    content[part] = content[part].replace(old.encode(), new.encode(), 1)
    return zipped(content)


def with_cell(data, cell, xml):
    """The workbook with the XML of one cell of ‘Scores’ replaced."""
    content = parts(data)
    sheet = content[SCORES_XML].decode()
    start = sheet.index(f'<c r="{cell}"')
    empty, full = sheet.find("/>", start), sheet.find("</c>", start)
    is_empty = "<" not in sheet[start + 1 : empty]
    end = empty + 2 if is_empty else full + 4
    content[SCORES_XML] = (sheet[:start] + xml + sheet[end:]).encode()
    return zipped(content)


def read(partnership, data, sector="health"):
    return read_workbook(data, expected=identity_of(partnership.returns[sector]))


def a_file(data, name="scores.xlsx"):
    return SimpleUploadedFile(name, data)


def upload(partnership, data, sector="health", who=None, name="scores.xlsx"):
    client = partnership.client(who or sector)
    return client.post(
        address(partnership, "upload-workbook", sector), {"workbook": a_file(data, name)}
    )
