"""Minutes of the moderation meeting, from what was recorded: who, when, what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise

from django.template.loader import render_to_string
from django.utils import timezone

from areas.models import AuditEvent, Sector
from assessments.models import AgreedScoreVersion, Assessment, Dissent, QuorumReason
from assessments.models.scores import ONE_SITTING, answer_value
from assessments.reports.build import contents_of
from assessments.reports.contents import PartnerLine, ReportContents, StatementReport
from assessments.reports.words import answer, inside, listed
from send_portal.pdf import kept_pdf

ABOUT_EVIDENCE = ("evidence.link", "evidence.unlink")
COURSE = ("assessment.reveal", "moderation.finish", "moderation.reopen")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was saved: `what` follows the person's name; `texts` are quoted below it."""

    at: datetime
    who: str
    what: str
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dissented:
    """A partner's dissent, with its end where it was withdrawn."""

    partner: str
    text: str
    steps: tuple[Step, ...]
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """One statement: what partners had scored, what was agreed, and how the meeting got there.

    `at` is when it was first decided, None where it was left undecided. `steps` has every saved
    version when there are several; `lost` counts those saved before versions were kept.
    """

    statement: StatementReport
    at: datetime | None
    who: str
    in_one_step: bool
    steps: tuple[Step, ...]
    lost: int
    dissent: tuple[Dissented, ...]
    evidence: tuple[Step, ...]

    @property
    def is_plain(self) -> bool:
        """Accepted with others, and nothing happened to it since."""
        return self.in_one_step and not (self.steps or self.has_more)

    @property
    def has_more(self) -> bool:
        """Dissent or evidence, which need more room than a line."""
        return bool(self.dissent or self.evidence)


@dataclass(frozen=True, slots=True)
class Item:
    """What the meeting decided at one moment: one statement, or several in one step."""

    at: datetime
    who: str
    decisions: tuple[Decision, ...]

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def is_list(self) -> bool:
        return self.decisions[0].is_plain


@dataclass(frozen=True, slots=True)
class MissingSector:
    what: str
    why: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """Everything the minutes say; one object for the page and the PDF."""

    report: ReportContents
    meeting_on: date
    days: tuple[date, ...]
    recorders: tuple[str, ...]
    course: tuple[Step, ...]
    items: tuple[Item, ...]
    undecided: tuple[Decision, ...]
    missing_sectors: tuple[MissingSector, ...]
    is_over: bool

    @property
    def partners(self) -> tuple[PartnerLine, ...]:
        """Those whose scores lay on the table."""
        return tuple(row for row in self.report.partners if row.submitted_on)

    @property
    def plainly_undecided(self) -> tuple[Decision, ...]:
        return tuple(row for row in self.undecided if not row.has_more)

    @property
    def name(self) -> str:
        return f"{self.report.area}: minutes of the meeting to agree levels, {self.report.title}"


def minutes_of(assessment: Assessment) -> Minutes:
    """The minutes as they stand: they grow until the meeting ends, and are fixed with the report.

    Only for people who may see every partner's scores: they hold what partners scored and wrote.
    """
    report = contents_of(assessment, with_plan=False)
    versions = list(assessment.agreed_versions.select_related("saved_by"))
    events = _events(assessment)
    decisions = _decisions(assessment, report, versions, events)
    people = [row.saved_by.name for row in versions]
    return Minutes(
        report=report,
        meeting_on=assessment.moderation_on,
        days=tuple(dict.fromkeys(timezone.localdate(row.saved_at) for row in versions)),
        recorders=tuple(dict.fromkeys(people)),
        course=tuple(_told(event) for event in events if event.verb in COURSE),
        items=_items(decisions),
        undecided=tuple(row for row in decisions if row.at is None),
        missing_sectors=_missing_sectors(assessment, report),
        is_over=assessment.stage != Assessment.Stage.MODERATION,
    )


def minutes_html(minutes: Minutes) -> str:
    """The whole page from which the PDF is made."""
    return render_to_string("reports/minutes_pdf.html", {"minutes": minutes})


def minutes_pdf(assessment: Assessment) -> bytes:
    """The PDF/UA-1 minutes of an assessment. Raises PdfError when they cannot be made."""
    return kept_pdf(minutes_html(minutes_of(assessment)))


def _events(assessment: Assessment) -> list[AuditEvent]:
    """From the log: the course of the meeting, and what it laid beside statements or took away.

    What a partner linked while it scored names no statement, and is not of the meeting.
    """
    found = AuditEvent.objects.for_assessment(assessment.pk).filter(
        verb__in=[*COURSE, *ABOUT_EVIDENCE], partner_id=None
    )
    return list(found.order_by("at", "pk"))


def _told(event: AuditEvent) -> Step:
    reason = (event.reason,) if event.reason else ()
    return Step(timezone.localtime(event.at), event.actor_name, event.act, reason)


def _decisions(
    assessment: Assessment,
    report: ReportContents,
    versions: Sequence[AgreedScoreVersion],
    events: Iterable[AuditEvent],
) -> list[Decision]:
    """Each statement, in framework order. One that was saved and one that was not are both here."""
    slugs = {row.pk: row.slug for row in assessment.content.all_statements}
    saved: dict[str, list[AgreedScoreVersion]] = defaultdict(list)
    for row in sorted(versions, key=lambda row: row.version):
        saved[slugs[row.statement_id]].append(row)
    dissent: dict[str, list[Dissented]] = defaultdict(list)
    names = {line.id: line.name for line in report.partners}
    for found in assessment.dissents.select_related("recorded_by", "withdrawn_by"):
        dissent[slugs[found.statement_id]].append(_dissented(found, names))
    evidence: dict[str, list[Step]] = defaultdict(list)
    for event in events:
        if event.verb in ABOUT_EVIDENCE:
            evidence[event.statement].append(_told(event))
    return [
        _decision(row, saved[row.slug], dissent[row.slug], evidence[row.slug])
        for row in report.statements
    ]


def _decision(
    statement: StatementReport,
    saved: Sequence[AgreedScoreVersion],
    dissent: Sequence[Dissented],
    evidence: Sequence[Step],
) -> Decision:
    first, told = saved[0] if saved else None, _sittings(saved)
    return Decision(
        statement=statement,
        at=timezone.localtime(first.saved_at) if first else None,
        who=first.saved_by.name if first else "",
        in_one_step=first.in_one_step if first else False,
        steps=_steps(told) if len(told) > 1 else (),
        lost=first.version - 1 if first else 0,
        dissent=tuple(dissent),
        evidence=tuple(evidence),
    )


def _sittings(saved: Sequence[AgreedScoreVersion]) -> list[AgreedScoreVersion]:
    """Only the last of what one person saved in one go without another level: a page that saves
    by itself keeps every half sentence."""
    found: list[AgreedScoreVersion] = []
    for row in saved:
        last = found[-1] if found else None
        if (
            last is not None
            and (last.saved_by_id, last.answer) == (row.saved_by_id, row.answer)
            and row.saved_at - last.saved_at < ONE_SITTING
            and not last.in_one_step
        ):
            found.pop()
        found.append(row)
    return found


def _steps(saved: Sequence[AgreedScoreVersion]) -> tuple[Step, ...]:
    """`recorded level 2`, then how each later save changed it."""
    how = "accepted, with others, " if saved[0].in_one_step else "recorded "
    found = [_step(saved[0], f"{how}{_said(saved[0])}")]
    for before, after in pairwise(saved):
        if before.answer != after.answer:
            what = f"changed it from {_said(before)} to {_said(after)}"
        else:
            what = f"kept {_said(after)} and wrote the reasons anew"
        found.append(_step(after, what))
    return tuple(found)


def _step(row: AgreedScoreVersion, what: str) -> Step:
    texts = [row.rationale]
    texts += [f"Outside the range because: {row.outside_reason}"] if row.outside_reason else []
    return Step(
        timezone.localtime(row.saved_at),
        row.saved_by.name,
        what,
        tuple(text for text in texts if text),
    )


def _said(row: AgreedScoreVersion) -> str:
    return answer(answer_value(row.answer)).lower()


def _dissented(row: Dissent, names: dict[str, str]) -> Dissented:
    steps = [Step(timezone.localtime(row.recorded_at), row.recorded_by.name, "recorded it")]
    if row.withdrawn_at and row.withdrawn_by:
        steps.append(
            Step(timezone.localtime(row.withdrawn_at), row.withdrawn_by.name, "withdrew it")
        )
    return Dissented(
        partner=names[str(row.partner_return_id)],
        text=row.text,
        steps=tuple(steps),
        is_withdrawn=row.withdrawn_at is not None,
    )


def _items(decisions: Iterable[Decision]) -> tuple[Item, ...]:
    """In the order in which things were decided; what was accepted in one step stands together."""
    decided = [(row.at, row) for row in decisions if row.at]
    # Framework order is kept within one moment; what needs more words than its place in a list
    # follows the list.
    decided.sort(key=lambda pair: (pair[0], not pair[1].is_plain))
    found = []
    for (at, is_plain), rows in groupby(decided, key=lambda pair: (pair[0], pair[1].is_plain)):
        together = [row for _, row in rows]
        parts = [tuple(together)] if is_plain else [(row,) for row in together]
        found += [Item(at, part[0].who, part) for part in parts]
    return tuple(found)


def _missing_sectors(assessment: Assessment, report: ReportContents) -> tuple[MissingSector, ...]:
    """One line for each reason that was recorded, with the ingredients it was recorded for."""
    titles = {row.slug: inside(row.short_title) for row in report.ingredients}
    rows = assessment.quorum_reasons.select_related("recorded_by").order_by("recorded_at", "pk")
    found: dict[tuple[str, str, str], list[QuorumReason]] = defaultdict(list)
    for row in rows:
        found[row.sector, row.reason, row.recorded_by.name].append(row)
    said = []
    for (sector, reason, who), same in found.items():
        named = [titles[row.ingredient] for row in same if row.ingredient]
        where = f" in {listed(named)}" if named else ""
        what = f"No level from {Sector(sector).label.lower()}{where}"
        said.append(MissingSector(what, reason, timezone.localtime(same[-1].recorded_at), who))
    return tuple(said)
