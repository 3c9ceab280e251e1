"""The board summary: the report's message and what it rests on, on four pages at most.

It says nothing that the report does not say, from the same contents. What does not fit is left to
the report: first texts that people wrote are cut, always at the end of a sentence, then the
layout grows tighter. A level is never left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from django.template.loader import render_to_string

from assessments.models import Assessment
from assessments.reports.build import contents_of
from assessments.reports.contents import ReportContents
from assessments.reports.layout import lift_lines
from send_portal.pdf import kept_fitted_pdf

MOST_SHEETS = 4
STYLESHEET = "summary.css"
IN_FULL = "… in full in the report."
# Longer lists would push the six strips off the first page. Why an ingredient is not yet rated
# stands with the ingredient too.
MOST_STEPS, MOST_MISSING = 6, 3
END_OF_SENTENCE = re.compile(r"[.?!…][”’\"')]*(?=\s)")


@dataclass(frozen=True, slots=True)
class Room:
    """How much a version of the summary may say, and how it is laid out. `letters`: of a text
    that somebody wrote. `looks`: `flows` starts no new sheet for a part; `tight` has short names
    besides, and who signed without name and role."""

    letters: int
    looks: str = ""

    @property
    def is_tight(self) -> bool:
        return "tight" in self.looks


ROOMS = (Room(500), Room(200, "flows"), Room(0, "flows tight"))


def board_summary_pdf(assessment: Assessment, *, shows_partners: bool) -> bytes:
    """The PDF/UA-1 summary of an assessment as it stands, on four sheets at most; asked for again
    unchanged, it is not made again. Raises PdfError when it cannot be made."""
    report = contents_of(assessment, shows_partners=shows_partners)
    return kept_fitted_pdf(board_summary_html(report), STYLESHEET, MOST_SHEETS)


def board_summary_html(report: ReportContents) -> tuple[str, ...]:
    """The page from which the PDF is made, as long as it may be first."""
    return tuple(
        render_to_string(
            "reports/board_summary_pdf.html",
            {
                "report": report,
                "room": room,
                "lift": lift_lines(report, MOST_STEPS),
                "missing": report.missing if len(report.missing) <= MOST_MISSING else (),
                "reasons": reason_lines(report, room.letters),
                "ingredients": [
                    (
                        row,
                        cut(row.strongest.rationale, room.letters) if row.strongest else "",
                        cut(row.weakest.rationale, room.letters) if row.weakest else "",
                    )
                    for row in report.ingredients
                ],
                "signatures": [(row, cut(row.text, room.letters)) for row in report.signatures],
                "corrected_because": cut(report.correction.reason, room.letters)
                if report.correction
                else "",
            },
        )
        for room in ROOMS
    )


def cut(text: str, letters: int) -> str:
    """A text of at most so many letters, whole sentences of it, and where to read on.

    >>> cut("We agreed. It took long.", 12)
    'We agreed. … in full in the report.'
    """
    if not text or len(text) <= letters:
        return text
    ends = [stop.end() for stop in END_OF_SENTENCE.finditer(text) if stop.end() <= letters]
    return f"{text[: ends[-1]]} {IN_FULL}" if ends else IN_FULL


def reason_lines(report: ReportContents, letters: int) -> list[tuple[str, str]]:
    """What was done out of the ordinary, and why; the same reason for several things said once."""
    found: dict[str, list[str]] = defaultdict(list)
    for reason in report.reasons:
        found[reason.why].append(reason.what)
    return [("; ".join(what), cut(why, letters)) for why, what in found.items()]
