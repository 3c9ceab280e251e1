"""The rows of the check-in queue, drawn here and not by a template, as that takes longer for 200 rows
than all the rest of the page."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from assessments.reports.comparison import short_day
from assessments.reports.queue import Line, Said, State
from assessments.reports.words import day

# As many characters of a text as the queue shows; the page of the check-in shows all.
SHOWN = 160
HIDDEN = '<span class="govuk-visually-hidden">{}</span>'
LINK = '<a class="govuk-link" href="{}">{}' + HIDDEN + "</a>"
ROW = (
    '<tr role="row" class="govuk-table__row"><th scope="row" role="rowheader" '
    'class="govuk-table__header"><a class="govuk-link" href="{}">{}</a>'
    '<span class="app-muted">{}</span></th>{}{}{}</tr>\n'
)
CELL = '<td role="cell" data-label="{}" class="govuk-table__cell">{}</td>'
SAID = '<p class="app-queue__said">{} <span class="app-muted">{}</span></p>'
LATE = ', <b class="app-overdue">{}</b>'
NOTHING = mark_safe('<span class="app-muted">Nothing said</span>')
BREAK = mark_safe("<br>")


def row(line: Line, *, may_run: bool) -> SafeString:
    """One line of the queue; with links to what this person may do."""
    area = line.area
    address = reverse("assessments:area-home", args=[area.dfe_code])
    if line.id is None:
        about = format_html(CELL, "Last check-in", _not_planned(line, may_run=may_run))
    else:
        about = format_html(CELL, "Check-in", _check_in(line)) + format_html(
            CELL, "Looked after by", _owner(line, may_run=may_run)
        )
    return format_html(ROW, address, area.name, area.region, about, _blockers(line), _steps(line))


def _not_planned(line: Line, *, may_run: bool) -> SafeString:
    said = format_html("{}", day(line.last_on) if line.last_on else _never(line))
    if not may_run:
        return said
    address = reverse("assessments:schedule-check-in") + f"?area={line.area.dfe_code}"
    return said + BREAK + format_html(LINK, address, "Schedule one", f" with {line.area.name}")


def _never(line: Line) -> str:
    return f"None yet. Report submitted on {day(line.submitted_on)}" if line.submitted_on else ""


def _check_in(line: Line) -> SafeString:
    address = reverse("assessments:programme-check-in", args=[line.id])
    said = format_html(LINK, address, day(line.on) if line.on else "", f", {line.area.name}")
    if line.away:
        said += format_html(LATE if line.state == State.OVERDUE else ", {}", line.away)
    said += format_html('<br><span class="app-muted">{}{}</span>', line.kind_words, _held(line))
    if line.state == State.WAITS:
        address = reverse("assessments:agree-check-in", args=[line.id])
        whose = f" the check-in of {line.area.name}"
        said += BREAK + format_html(LINK, address, "Read and agree", whose)
    return said


def _held(line: Line) -> str:
    if line.record and line.record.held_on:
        return f". Held on {day(line.record.held_on)}"
    return ". Not held" if line.record and line.record.not_held_because else ""


def _owner(line: Line, *, may_run: bool) -> SafeString:
    if line.owner:
        return format_html("{}", line.owner.name)
    since = f", since {line.owner_gone} left" if line.owner_gone else ""
    if not may_run or line.on is None:
        return format_html("Nobody{}", since)
    address = reverse("assessments:assign-check-in", args=[line.id])
    whose = f" for the check-in of {line.area.name}, {day(line.on)}"
    return format_html("Nobody{}. {}", since, format_html(LINK, address, "Name someone", whose))


def _blockers(line: Line) -> SafeString:
    said = [(_short(line.record.blocker), "DfE")] if line.record and line.record.blocker else []
    if line.blockers:
        said.append((_short(line.blockers[0]), _source(line, len(line.blockers))))
    return format_html(CELL, "In the way", format_html_join("", SAID, said) or NOTHING)


def _steps(line: Line) -> SafeString:
    said = []
    if line.record and line.record.next_step and line.record.next_on:
        by = day(line.record.next_on)
        said.append((f"{_short(line.record.next_step)}, by {by}", "DfE"))
    if line.next_steps:
        said.append((_step(line.next_steps[0]), _source(line, len(line.next_steps))))
    return format_html(CELL, "Next step", format_html_join("", SAID, said) or NOTHING)


def _step(row: Said) -> str:
    by = f", by {day(row.next_on)}" if row.next_on else ""
    return f"{_short(row.next_step)}: {row.body}{by}"


def _source(line: Line, number: int) -> str:
    """Who said it and when, and how much more there is."""
    on = f", {short_day(line.said_on)}" if line.said_on else ""
    more = f", and {number - 1} more" if number > 1 else ""
    return f"{line.area.name}{on}{more}"


def _short(text: str) -> str:
    return Truncator(text).chars(SHOWN) if len(text) > SHOWN else text
