"""The figures of one report, read back from its page and its files as somebody would who has
nothing else. `report_pdf_reader` does the same with the PDF."""

import csv
import io
import json
import re

import openpyxl
from django.urls import reverse

from tests.assessments.pages import cells, soup, words


def fetched(client, assessment, name):
    response = client.get(reverse(f"assessments:{name}", args=[assessment.pk]))
    assert response.status_code == 200
    return response.getvalue() if response.streaming else response.content


def level_or_words(said):
    """`Level 3` and `3` are 3; `Not agreed` is `not agreed`."""
    found = re.match(r"(?:Level )?([1-4])\b", str(said))
    return int(found[1]) if found else str(said).lower()


def counted(level, *, is_not_evidenced):
    """The level at which an agreed answer counts, from what is printed beside it."""
    if not isinstance(level, int):
        return None
    return 2 if is_not_evidenced else level


# ---- The page ------------------------------------------------------------------------------------


def from_page(client, assessment):
    page = soup(client.get(reverse("assessments:report", args=[assessment.pk])))
    annex = soup(client.get(reverse("assessments:report-statements", args=[assessment.pk])))
    tiles = {words(div.dt): words(div.b) for div in page.select(".app-tiles > div")}
    parts = {
        words(part.h3).removeprefix(words(part.h3.span)).strip(): part.dl
        for part in page.select(".app-ingredient")
    }
    signed = (words(b).rsplit(": ", 1) for b in page.select(".app-signed li > b"))
    return {
        "band": words(page.select_one(".app-verdict__band")),
        "confidence": tiles["Confidence"].lower(),
        "coverage": tiles["Statements agreed"],
        "evidenced": tiles["Evidence in date"],
        "returns": tiles["Partners"],
        "limiting": [
            name
            for name, said in parts.items()
            if "This ingredient limits the band." in words(said)
        ],
        "ingredients": {name: level_or_words(words(said.dt)) for name, said in parts.items()},
        "evidence": evidence_on(annex),
        "signatures": dict(signed),
        **statements_on(page),
    }


def statements_on(page):
    table = next(t for t in page.find_all("table") if "Every statement" in t.caption.get_text())
    heads = [words(th) for th in table.thead.find_all("th")]
    rows = {row[0].split()[0]: row for row in cells(table)}
    agreed = {code: level_or_words(row[1]) for code, row in rows.items()}
    return {
        "agreed": agreed,
        "counts_as": {
            code: counted(agreed[code], is_not_evidenced="Not evidenced." in row[-1])
            for code, row in rows.items()
        },
        "contested": [code for code, row in rows.items() if "Contested." in row[-1]],
        "partners": {
            code: dict(zip(heads[2:-1], map(level_or_words, row[2:-1]), strict=True))
            for code, row in rows.items()
        },
    }


def evidence_on(annex):
    """Code to how many items are linked, on the page of every statement."""
    found = {}
    for h3 in annex.select(".app-statements h3"):
        code = re.search(r"\b\d\.\d\b", words(h3))[0]
        said = [
            p for p in h3.find_next_sibling("div").find_all("p") if words(p).startswith("Evidence:")
        ]
        found[code] = len(said[0].find_all("a")) if said else 0
    return found


# ---- The workbook --------------------------------------------------------------------------------


def book_of(content):
    """Name of a sheet to its rows, each a dictionary by the heads of the first row."""
    found = {}
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        heads, *rows = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(heads, row, strict=True)) for row in rows]
    return found


def from_excel(client, assessment):
    book = book_of(fetched(client, assessment, "report-xlsx"))
    said = {row["What"]: row["Value"] for row in book["Summary"]}
    codes = {row["Partner code"]: row for row in book["Signatures"]}
    names = {row.code: row.short_name for row in assessment.returns.all()}
    short = {row.title: row.short_title for row in assessment.content.all_ingredients}
    partners = {code: {} for code in (row["Code"] for row in book["Statements"])}
    for row in book["Reasons"]:
        level = row["Level"] or row["Answer"].lower()
        partners[row["Code"]][names[row["Partner code"]]] = level
    evidence = [row["Code"] for row in book["Evidence"]]
    return {
        "band": said["Readiness band"],
        "confidence": said["Confidence"].lower(),
        "coverage": f"{said['Statements agreed']} of {said['Statements that apply']}",
        "evidenced": f"{said['Levels of 3 or 4 with evidence']} of {said['Levels of 3 or 4']}",
        "returns": f"{said['Returns submitted']} of {said['Partners invited']}",
        "limiting": [
            row["Value"] for row in book["Summary"] if row["What"] == "Limiting ingredient"
        ],
        "ingredients": {
            short[row["Ingredient"]]: row["Level"] or row["In words"].lower()
            for row in book["Ingredients"]
        },
        "agreed": {
            row["Code"]: row["Agreed level"] or row["In words"].lower()
            for row in book["Statements"]
        },
        "counts_as": {row["Code"]: row["Counts as"] for row in book["Statements"]},
        "contested": [row["Code"] for row in book["Statements"] if row["Contested"] == "Yes"],
        "partners": partners,
        "evidence": {row["Code"]: evidence.count(row["Code"]) for row in book["Statements"]},
        "signatures": {names[code]: row["Decision"].lower() for code, row in codes.items()},
    }


# ---- CSV and JSON --------------------------------------------------------------------------------


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def pairs(said):
    """`Health: Cannot say`, one a line, as a dictionary. A mark against formulas may stand first."""
    return dict(line.rsplit(": ", 1) for line in said.removeprefix("'").split("\n") if line)


def from_csv(client, assessment):
    rows = rows_of(fetched(client, assessment, "report-csv"))
    first = rows[0]
    by_ingredient = {row["ingredient_title"]: row for row in rows}
    return {
        "band": first["band"],
        "confidence": first["confidence"],
        "coverage": f"{first['levelled']} of {first['applicable']}",
        "evidenced": f"{first['evidenced']} of {first['claimed']}",
        "returns": f"{first['returns_submitted']} of {first['partners_invited']}",
        "limiting": [
            name for name, row in by_ingredient.items() if row["ingredient_limits"] == "yes"
        ],
        "ingredients": {
            name: int(row["ingredient_level"]) if row["ingredient_level"] else "not yet rated"
            for name, row in by_ingredient.items()
        },
        "agreed": {
            row["code"]: int(row["agreed_level"]) if row["agreed_level"] else row["agreed"].lower()
            for row in rows
        },
        "counts_as": {
            row["code"]: int(row["counts_as"]) if row["counts_as"] else None for row in rows
        },
        "contested": [row["code"] for row in rows if row["contested"] == "yes"],
        "partners": {
            row["code"]: {
                name: level_or_words(said) for name, said in pairs(row["partner_levels"]).items()
            }
            for row in rows
        },
        "evidence": {row["code"]: int(row["evidence"]) for row in rows},
        "signatures": {name: said.lower() for name, said in pairs(first["signatures"]).items()},
    }


def from_json(client, assessment):
    said = json.loads(fetched(client, assessment, "report-json"))
    names = {row["id"]: row["short_name"] for row in said["partners"]}
    statements = [row for ingredient in said["ingredients"] for row in ingredient["statements"]]
    coverage, evidence, returns = said["coverage"], said["evidence_coverage"], said["returns"]
    return {
        "band": said["band"]["label"],
        "confidence": said["confidence"]["level"],
        "coverage": f"{coverage['levelled']} of {coverage['applicable']}",
        "evidenced": f"{evidence['evidenced']} of {evidence['claimed']}",
        "returns": f"{returns['submitted']} of {returns['invited']}",
        "limiting": [
            row["short_title"]
            for row in said["ingredients"]
            if row["id"] in said["band"]["limiting"]
        ],
        "ingredients": {
            row["short_title"]: row["level"] or "not yet rated" for row in said["ingredients"]
        },
        "agreed": {row["code"]: row["level"] or row["agreed"].lower() for row in statements},
        "counts_as": {row["code"]: row["counts_as"] for row in statements},
        "contested": [row["code"] for row in statements if row["is_contested"]],
        "partners": {
            row["code"]: {
                names[answer["partner"]]: answer["level"] or answer["words"].lower()
                for answer in row["answers"]
            }
            for row in statements
        },
        "evidence": {row["code"]: len(row["evidence"]) for row in statements},
        "signatures": {names[row["partner"]]: row["words"].lower() for row in said["signatures"]},
    }
