"""A report as a table for other programs and spreadsheets: one row for each statement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from assessments.reports import contents

# Name and meaning of each column, in order. Columns are added at the end and never change.
COLUMNS = {
    "area_code": "Code of the area, as DfE gives it",
    "area": "Name of the area",
    "demonstration": "yes where the area is made up",
    "assessment_id": "Number of the assessment, as in its address",
    "assessment": "Title of the assessment",
    "status": "draft or submitted",
    "day": "Day on which evidence was judged, or of a draft, the day of its figures",
    "submitted_on": "Day of submission; empty for a draft",
    "rule": "Version of the readiness rule",
    "framework": "Id of the framework",
    "framework_version": "Version of the framework",
    "band": "Readiness band of the whole report, in words",
    "confidence": "high, medium or low, for the whole report",
    "levelled": "Statements with an agreed level, in the whole report",
    "applicable": "Statements that apply, in the whole report",
    "evidenced": "Agreed levels of 3 or 4 with evidence in date, in the whole report",
    "claimed": "Agreed levels of 3 or 4, in the whole report",
    "returns_submitted": "Partners that submitted their scores",
    "partners_invited": "Partners that were invited to score",
    "ingredient": "Id of the ingredient",
    "ingredient_title": "Short title of the ingredient",
    "ingredient_level": "Level of the ingredient, 1 to 4; empty where it is not yet rated",
    "ingredient_limits": "yes where the ingredient limits the band",
    "statement": "Id of the statement",
    "code": "Code of the statement, as pages print it",
    "title": "Title of the statement",
    "agreed_level": "Agreed level, 1 to 4; empty where none was agreed",
    "agreed": "Agreed answer in words: the level, or why there is none",
    "counts_as": "Level at which it counts for ingredient and band; empty where none was agreed",
    "contested": "yes where dissent is on record or no level could be agreed",
    "not_evidenced": "yes where a level of 3 or 4 has no evidence in date",
    "evidence": "How many items of evidence are linked",
    "evidence_in_date": "How many of these are in date",
    "evidence_titles": "Titles of the evidence, one a line",
    "change": "Change since the earlier assessment, in words",
    "next_step": "What to do next",
    "signatures": "Who signed and how, one partner a line",
    "shows_partners": "no where partners’ words and levels stay in the area: the columns below are empty",
    "rationale": "Why this level was agreed",
    "outside_reason": "Why the level lies outside the levels that partners gave",
    "partner_levels": "Each partner’s level, or why there is none, one partner a line",
    "dissent": "Dissent on record, one partner a line",
}


def report_rows(report: contents.ReportContents) -> Iterator[list[str]]:
    """A row of texts for each statement, in the order of COLUMNS.

    Days are ISO 8601, numbers digits, marks yes or no; what is unknown is empty. Where the report
    does not show partners, the columns after `shows_partners` are empty. The texts are as they
    were typed: who writes the file makes them safe (`send_portal.exports.csv_file`).
    """
    whole = _whole(report)
    signatures = _lines(f"{row.partner.short_name}: {row.words}" for row in report.signatures)
    for ingredient in report.ingredients:
        of_ingredient = [
            ingredient.slug,
            ingredient.short_title,
            _number(ingredient.level),
            _mark(ingredient.is_limiting),
        ]
        for row in ingredient.statements:
            yield [
                *whole,
                *of_ingredient,
                *_statement(row),
                signatures,
                _mark(report.shows_partners),
                *_partners(row),
            ]


def _whole(report: contents.ReportContents) -> list[str]:
    figures = report.figures
    return [
        report.area_code,
        report.area,
        _mark(report.is_demonstration),
        str(report.id),
        report.title,
        "draft" if report.is_draft else "submitted",
        report.day.isoformat(),
        _day(report.submitted_on),
        report.method.rule,
        report.method.framework_id,
        str(report.method.framework_version),
        report.band_label,
        figures.confidence,
        str(figures.coverage.levelled),
        str(figures.coverage.applicable),
        str(figures.evidence.evidenced),
        str(figures.evidence.claimed),
        str(figures.returns.submitted),
        str(figures.returns.invited),
    ]


def _statement(row: contents.StatementReport) -> list[str]:
    return [
        row.slug,
        row.code,
        row.title,
        _number(row.level),
        row.agreed_words,
        _number(row.counts_as),
        _mark(row.is_contested),
        _mark(row.is_not_evidenced),
        str(len(row.evidence)),
        str(sum(item.is_in_date for item in row.evidence)),
        _lines(item.title for item in row.evidence),
        row.change,
        row.next_step,
    ]


def _partners(row: contents.StatementReport) -> list[str]:
    withdrawn = {True: ", withdrawn", False: ""}
    return [
        row.rationale,
        row.outside_reason,
        _lines(f"{answer.partner.short_name}: {answer.cell}" for answer in row.answers),
        _lines(
            f"{line.partner.short_name}{withdrawn[line.is_withdrawn]}: {line.text}"
            for line in row.dissent
        ),
    ]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _mark(value: bool) -> str:
    return "yes" if value else "no"


def _lines(texts: Iterator[str]) -> str:
    return "\n".join(texts)
