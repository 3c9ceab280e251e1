"""An area's history as people read it: every act in words, for the page and its files alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.utils import timezone

from areas.models import Audience, AuditEvent
from areas.models.audit import AuditEventQuerySet

PAGE = 50


class Kind(models.TextChoices):
    PEOPLE = "people", "People and partners"
    SCORING = "scoring", "Scoring"
    EVIDENCE = "evidence", "Evidence"
    MODERATION = "moderation", "Moderation"
    SIGN_OFF = "sign-off", "Sign-off"
    PLAN = "plan", "Actions, support and check-ins"
    SETTINGS = "settings", "Assessments and settings"


# Every verb that the log of an area holds (tested), and under which kind people look for it.
KINDS: dict[str, Kind] = {
    "membership.add": Kind.PEOPLE,
    "membership.change": Kind.PEOPLE,
    "membership.remove": Kind.PEOPLE,
    "membership.leave": Kind.PEOPLE,
    "invitation.send": Kind.PEOPLE,
    "invitation.resend": Kind.PEOPLE,
    "invitation.revoke": Kind.PEOPLE,
    "invitation.accept": Kind.PEOPLE,
    "partner.close": Kind.PEOPLE,
    "partner.replace": Kind.PEOPLE,
    "partner.add": Kind.PEOPLE,
    "partner.change": Kind.PEOPLE,
    "score.save": Kind.SCORING,
    "workbook.upload": Kind.SCORING,
    "return.submit": Kind.SCORING,
    "return.withdraw": Kind.SCORING,
    "return.grace": Kind.SCORING,
    "assessment.reveal": Kind.SCORING,
    "evidence.add": Kind.EVIDENCE,
    "evidence.change": Kind.EVIDENCE,
    "evidence.retire": Kind.EVIDENCE,
    "evidence.restore": Kind.EVIDENCE,
    "evidence.link": Kind.EVIDENCE,
    "evidence.unlink": Kind.EVIDENCE,
    "agreed.save": Kind.MODERATION,
    "agreed.accept": Kind.MODERATION,
    "dissent.record": Kind.MODERATION,
    "dissent.withdraw": Kind.MODERATION,
    "quorum.reason": Kind.MODERATION,
    "moderation.finish": Kind.MODERATION,
    "moderation.reopen": Kind.MODERATION,
    "comment.write": Kind.MODERATION,
    "comment.resolve": Kind.MODERATION,
    "comment.withdraw": Kind.MODERATION,
    "sign_off.sign": Kind.SIGN_OFF,
    "sign_off.void": Kind.SIGN_OFF,
    "report.correct": Kind.SIGN_OFF,
    "report.make_pdf_again": Kind.SIGN_OFF,
    "assessment.submit": Kind.SIGN_OFF,
    "summary.publish": Kind.SIGN_OFF,
    "summary.withdraw": Kind.SIGN_OFF,
    "action.add": Kind.PLAN,
    "action.change": Kind.PLAN,
    "action.progress": Kind.PLAN,
    "action.impact": Kind.PLAN,
    "support.ask": Kind.PLAN,
    "support.withdraw": Kind.PLAN,
    "check_in.plan": Kind.PLAN,
    "check_in.change": Kind.PLAN,
    "check_in.cancel": Kind.PLAN,
    "check_in.choose": Kind.PLAN,
    "check_in.record": Kind.PLAN,
    "check_in.agree": Kind.PLAN,
    "check_in.reopen": Kind.PLAN,
    "check_in.assign": Kind.PLAN,
    "check_in.note": Kind.PLAN,
    "check_in.agenda": Kind.PLAN,
    "area.add": Kind.SETTINGS,
    "area.change": Kind.SETTINGS,
    "assessment.start": Kind.SETTINGS,
    "assessment.open": Kind.SETTINGS,
    "assessment.consent": Kind.SETTINGS,
    "dates.change": Kind.SETTINGS,
    "assessment.cancel": Kind.SETTINGS,
}


def verbs_of(kind: str) -> list[str]:
    return [verb for verb, found in KINDS.items() if found == kind]


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers in events stand for, as it is called today."""

    assessments: dict[int, str]
    partners: dict[int, str]
    statements: dict[str, str]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One act. `seen_by` names the partner whose people alone read it, if it is for them only."""

    id: int
    at: datetime
    who: str
    act: str
    reason: str
    verb: str
    kind: str
    assessment: str
    partner: str
    statement: str
    seen_by: str

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def clock(self) -> str:
        return self.at.strftime("%H:%M")


HEAD = (
    "Day", "Time", "Person", "What happened", "Reason", "Kind", "Assessment", "Partner", "Statement",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HistoryPage:
    lines: list[HistoryLine]
    has_newer: bool
    has_older: bool


def line(event: AuditEvent, names: Names) -> HistoryLine:
    partner = names.partners.get(event.partner_id or 0, "")
    kind = KINDS.get(event.verb)
    return HistoryLine(
        id=event.pk,
        at=timezone.localtime(event.at),
        who=event.actor_name,
        act=event.act,
        reason=event.reason,
        verb=event.verb,
        kind=str(kind.label) if kind else "",
        assessment=names.assessments.get(event.assessment_id or 0, ""),
        partner=partner,
        statement=names.statements.get(event.statement, event.statement),
        seen_by=partner if event.audience == Audience.PARTNER else "",
    )


def page_of(
    events: AuditEventQuerySet,
    names: Names,
    *,
    before: AuditEvent | None = None,
    after: AuditEvent | None = None,
) -> HistoryPage:
    """Fifty acts, newest first: the newest, those older than one, or those newer than one.

    It counts nothing and skips nothing, so that the last page costs what the first one does.
    """
    if after:
        nearest = list(events.newer_than(after)[: PAGE + 1])
        if len(nearest) > PAGE:
            return _page(nearest[PAGE - 1 :: -1], names, has_newer=True, has_older=True)
    found = list((events.older_than(before) if before else events)[: PAGE + 1])
    return _page(found[:PAGE], names, has_newer=before is not None, has_older=len(found) > PAGE)


def _page(
    events: list[AuditEvent], names: Names, *, has_newer: bool, has_older: bool
) -> HistoryPage:
    return HistoryPage([line(event, names) for event in events], has_newer, has_older)


def rows(events: Iterable[AuditEvent], names: Names) -> Iterator[list[str]]:
    """For the table: as on the page, one act a row, days and times as a spreadsheet sorts them."""
    for found in (line(event, names) for event in events):
        yield [
            found.at.strftime("%Y-%m-%d"), found.at.strftime("%H:%M:%S"), found.who, found.act,
            found.reason, found.kind, found.assessment, found.partner, found.statement,
        ]  # fmt: skip


def objects(events: Iterable[AuditEvent], names: Names) -> Iterator[dict[str, str | int]]:
    """For programs."""
    for found in (line(event, names) for event in events):
        yield {
            "id": found.id,
            "at": found.at.isoformat(timespec="seconds"),
            "person": found.who,
            "act": found.act,
            "reason": found.reason,
            "verb": found.verb,
            "kind": found.kind,
            "assessment": found.assessment,
            "partner": found.partner,
            "statement": found.statement,
        }
