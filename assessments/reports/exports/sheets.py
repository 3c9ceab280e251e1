"""What stands in each sheet of a report's workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from assessments.reports import contents, words
from assessments.reports.exports.how import HOW, PLACES

Cell = str | int | date | None
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """`width` counts characters."""

    head: str
    width: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. The first `frozen` columns stay in sight beside the others."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    frozen: int = 1


def sheets_of(report: contents.ReportContents) -> tuple[Sheet, ...]:
    """Every sheet in order. Those of what each partner said are there only where the report shows
    partners."""
    shown: tuple[Sheet, ...] = ()
    if report.shows_partners:
        shown = (_places(report), _partners(report), _reasons(report), _dissent(report))
    return (
        _summary(report),
        _ingredients(report),
        _statements(report),
        *shown,
        _evidence(report),
        _priorities(report),
        *((_actions(report),) if report.plan.actions else ()),
        *((_support(report),) if report.plan.support else ()),
        _signatures(report),
        _how(report),
    )


def columns(**widths: int) -> tuple[Column, ...]:
    """`agreed_level=9` is a column ‘Agreed level’, nine characters wide."""
    return tuple(
        Column(words.sentence_case(name.replace("_", " ")), width) for name, width in widths.items()
    )


def _summary(report: contents.ReportContents) -> Sheet:
    rows = [*_about(report), *_band(report), *_figures(report), *_before(report)]
    rows += [("Reason on record", reason.what, reason.why) for reason in report.reasons]
    rows.append(("Who sees what", None, report.method.who_sees))
    return Sheet("Summary", columns(what=32, value=34, in_words=84), tuple(rows))


def _about(report: contents.ReportContents) -> Iterator[Row]:
    if report.is_draft:
        said = f"Draft of {words.day(report.day)}. Not signed, and not for use outside the partnership."
        yield "Status", "Draft", said
    else:
        yield "Status", "Submitted", "It cannot be changed."
    if report.is_demonstration:
        yield "Demonstration", "Yes", "Demonstration area, not a real place."
    yield "Area", report.area, report.region
    yield "Area code", report.area_code, "As the Department for Education gives it"
    yield "Assessment", report.title, report.purpose
    yield "Report number", report.id, None
    if report.submitted_on:
        yield "Submitted on", report.submitted_on, None
    yield "Day of the figures", report.day, "Evidence is in date, or not, on this day"


def _band(report: contents.ReportContents) -> Iterator[Row]:
    yield "Readiness band", report.band_label, report.band_sentence
    yield "What the band means", None, f"{report.band_description} {report.band_suggests}"
    limiting = [row.short_title for row in report.ingredients if row.is_limiting]
    yield "Limiting ingredients", len(limiting), report.limits or None
    for name in limiting:
        yield "Limiting ingredient", name, None
    for line in report.missing:
        yield "What is missing", None, line
    if report.lift:
        lift = report.lift
        yield "Smallest change, steps", lift.steps, f"To reach ‘{lift.band_after}’"
        for group in lift.groups:
            for line in group.lines:
                yield "Smallest change", group.ingredient, line


def _figures(report: contents.ReportContents) -> Iterator[Row]:
    figures = report.figures
    confidence, agreed, evidence, returns = report.tiles
    figure = f"{evidence.figure} " if figures.evidence.claimed else ""
    yield "Confidence", confidence.figure, words.sentence_case(confidence.words)
    yield "Contested statements", figures.contested, "Dissent on record, or not agreed"
    yield "Statements agreed", figures.coverage.levelled, words.sentence_case(agreed.words)
    yield "Statements that apply", figures.coverage.applicable, None
    yield (
        "Levels of 3 or 4 with evidence",
        figures.evidence.evidenced,
        words.sentence_case(f"{figure}{evidence.words}"),
    )
    yield "Levels of 3 or 4", figures.evidence.claimed, None
    yield "Returns submitted", figures.returns.submitted, f"{returns.figure} {returns.words}"
    yield "Partners invited", figures.returns.invited, None


def _before(report: contents.ReportContents) -> Iterator[Row]:
    if report.plan.next_check_in:
        yield "Next check-in", report.plan.next_check_in.on, report.plan.next_check_in.words
    if report.baseline:
        yield "Compared with", report.baseline.title, report.baseline.summary
        yield "That was submitted on", report.baseline.submitted_on, None
    if report.correction:
        found = report.correction
        yield "Version", found.version, f"It corrects an earlier report, because: {found.reason}"
        yield "That was submitted on", found.corrected_on, None
        for change in found.changes or ("No level, evidence or band is different.",):
            yield "What is different", None, change


def _ingredients(report: contents.ReportContents) -> Sheet:
    heads = columns(
        number=9, ingredient=30, level=8, in_words=16, limits_the_band=10, statements_agreed=12,
        statements_that_apply=12, contested=11, not_evidenced=12, why_not_yet_rated=36,
        strongest=26, weakest=26,
    )  # fmt: skip
    compared = columns(earlier_level=9, change=24) if report.baseline else ()
    rows: list[Row] = []
    for row in report.ingredients:
        found: list[Cell] = [
            row.number, row.title, row.level, row.level_words, _mark(row.is_limiting),
            row.counts.levelled, row.counts.applicable, _mark(row.is_contested),
            _mark(row.is_not_evidenced), "\n".join(row.reasons), _named(row.strongest),
            _named(row.weakest),
        ]  # fmt: skip
        rows.append([*found, row.before, row.change] if compared else found)
    return Sheet("Ingredients", heads + compared, tuple(rows), frozen=2)


def _statements(report: contents.ReportContents) -> Sheet:
    heads = columns(
        code=7, statement=30, ingredient=20, agreed_level=8, in_words=14, counts_as=8,
        contested=10, not_evidenced=11, evidence=10, evidence_in_date=10, next_step=36,
    )  # fmt: skip
    compared = columns(change=20) if report.baseline else ()
    shown = columns(why=50, why_outside_the_range=30) if report.shows_partners else ()
    rows: list[Row] = []
    for row in report.statements:
        found: list[Cell] = [
            row.code, row.title, row.ingredient, row.level, row.agreed_words, row.counts_as,
            _mark(row.is_contested), _mark(row.is_not_evidenced), len(row.evidence),
            sum(item.is_in_date for item in row.evidence), row.next_step,
        ]  # fmt: skip
        found += [row.change] if compared else []
        found += [row.rationale, row.outside_reason] if shown else []
        rows.append([*found, row.text, row.slug])
    last = columns(in_full=44, id=24)
    return Sheet("Statements", heads + compared + shown + last, tuple(rows), frozen=2)


def _places(report: contents.ReportContents) -> Sheet:
    """Where each partner stands on each ingredient."""
    heads = columns(number=9, ingredient=30, agreed_level=8)
    of_partners = tuple(Column(_head(place.partner), 12) for place in report.ingredients[0].places)
    return Sheet(
        "Places",
        heads + of_partners + columns(without_a_place=36, in_words=50),
        tuple(
            (row.number, row.title, row.level, *(place.level for place in row.places),
             _without_level(row.places), row.sentence)
            for row in report.ingredients
        ),
        frozen=2,
    )  # fmt: skip


def _partners(report: contents.ReportContents) -> Sheet:
    """Levels, statement by partner. Why there is none stands in a column of its own."""
    heads = columns(code=7, statement=30, agreed_level=8, agreed=14)
    first = report.statements[0].answers
    return Sheet(
        "Partners",
        heads + tuple(Column(_head(answer.partner), 12) for answer in first)
        + columns(without_a_level=36, in_words=50),
        tuple(
            (row.code, row.title, row.level, row.agreed_words,
             *(answer.level for answer in row.answers), _without_level(row.answers), row.sentence)
            for row in report.statements
        ),
        frozen=2,
    )  # fmt: skip


def _reasons(report: contents.ReportContents) -> Sheet:
    return Sheet(
        "Reasons",
        columns(
            code=8, statement=34, partner_code=9, partner=34, level=8, answer=16,
            far_from_the_others=12, reason=80,
        ),
        tuple(
            (row.code, row.title, answer.partner.code, answer.partner.name, answer.level,
             answer.words, _mark(answer.is_alone), answer.reason)
            for row in report.statements
            for answer in row.answers
        ),
        frozen=2,
    )  # fmt: skip


def _dissent(report: contents.ReportContents) -> Sheet:
    return Sheet(
        "Dissent",
        columns(
            code=8, statement=34, partner_code=9, partner=34, dissent=80, recorded_on=18,
            withdrawn=11,
        ),
        tuple(
            (row.code, row.title, line.partner.code, line.partner.name, line.text,
             line.recorded_on, _mark(line.is_withdrawn))
            for row in report.statements
            for line in row.dissent
        ),
        frozen=2,
    )  # fmt: skip


def _evidence(report: contents.ReportContents) -> Sheet:
    return Sheet(
        "Evidence",
        columns(
            code=7, statement=28, evidence=34, kind=20, owner=24, shows=40, address=36,
            file_name=24, dated_on=18, review_on=18, in_date=9, in_words=26,
        ),
        tuple(
            (row.code, row.title, item.title, item.kind, item.owner, item.shows, item.address,
             item.file_name, item.dated_on, item.review_on, _mark(item.is_in_date), item.words)
            for row in report.statements
            for item in row.evidence
        ),
        frozen=2,
    )  # fmt: skip


def _priorities(report: contents.ReportContents) -> Sheet:
    return Sheet(
        "Priorities",
        columns(code=8, statement=34, agreed_level=9, counts_as=9, why=50, next_step=60),
        tuple(
            (row.code, row.title, row.level, row.counts_as, priority.why,
             row.next_step or ("Keep it as it is." if row.level else "Agree a level first."))
            for priority in report.priorities
            for row in [priority.statement]
        ),
        frozen=2,
    )  # fmt: skip


def _actions(report: contents.ReportContents) -> Sheet:
    return Sheet(
        "Actions",
        columns(
            due=18, responsible_body=34, action=70, owner=34, status=34, late=7, statement_code=10,
        ),
        tuple(
            (row.due, row.body, row.what, row.owner, row.status, _mark(row.is_late), row.statement)
            for row in report.plan.actions
        ),
        frozen=2,
    )  # fmt: skip


def _support(report: contents.ReportContents) -> Sheet:
    return Sheet(
        "Support asked for",
        columns(package=50, why=90),
        tuple((row.title, row.why) for row in report.plan.support),
    )


def _signatures(report: contents.ReportContents) -> Sheet:
    heads = columns(
        partner_code=9, partner=40, needed=9, scores_submitted_on=18, decision=26, signed_by=28,
        role=34, signed_on=18,
    )  # fmt: skip
    shown = columns(in_their_words=70) if report.shows_partners else ()
    return Sheet(
        "Signatures",
        heads + shown,
        tuple(
            (line.partner.code, line.partner.name, _mark(line.partner.is_required),
             line.partner.submitted_on, line.words, line.name, line.role, line.signed_on,
             *((line.text,) if report.shows_partners else ()))
            for line in report.signatures
        ),
        frozen=2,
    )  # fmt: skip


def _how(report: contents.ReportContents) -> Sheet:
    method = report.method
    rows: list[Row] = [
        ("Rule", method.rule),
        ("Framework", method.framework),
        ("Framework fingerprint, sha256", method.framework_fingerprint),
    ]
    if not report.is_draft:
        rows.append(("Snapshot, sha256", method.sha256))
    if report.correction:
        rows.append(("Corrects the report, sha256", report.correction.sha256))
    if report.baseline:
        rows.append(("Compared with the report, sha256", report.baseline.sha256))
    rows += [(f"Level {level}", label) for level, label in report.levels.items()]
    return Sheet(
        "How it was worked out",
        (Column("What", 34), Column("Value or rule", 110)),
        (*rows, *HOW, *((PLACES,) if report.shows_partners else ())),
    )


def _head(partner: contents.PartnerLine) -> str:
    """A column's name. Codes differ even where names do not."""
    return f"{partner.short_name} ({partner.code})"


def _named(row: contents.StatementReport | None) -> str:
    return f"{row.code} {row.title}" if row else ""


def _without_level(answers: Sequence[contents.PartnerAnswer]) -> str:
    """Each partner without a level, and why it has none."""
    return "; ".join(
        f"{answer.partner.short_name}: {answer.words.lower()}"
        for answer in answers
        if answer.level is None
    )


def _mark(value: bool) -> str:
    return "Yes" if value else "No"
