"""The facts of a check-in as plain JSON values: what is kept when it is closed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from assessments.models import Action, Assessment, CheckIn, CheckInPriority
from assessments.models.actions_plan import Status
from assessments.readiness import MOMENTUM_RULE_VERSION, evidenced_level, is_evidenced
from assessments.reports.build import contents_of
from assessments.reports.contents import ReportContents

FORMAT = 1
Facts = dict[str, Any]
# Item of the library to its title and review date.
Linked = dict[int, tuple[str, date | None]]


def gather_check_in(check_in: CheckIn) -> Facts:
    """Read what a check-in rests on from the database: five queries, whatever there is."""
    report, earlier = contents_of(check_in.baseline), _earlier(check_in)
    before = _levels_before(report, earlier)
    rows = list(check_in.priorities.select_related("statement", "evidence", "body"))
    evidence = _evidence(check_in.baseline, rows)
    return {
        "format": FORMAT,
        "rule": MOMENTUM_RULE_VERSION,
        "id": check_in.pk,
        "area": check_in.area.name,
        "demonstration": check_in.area.is_demonstration,
        "kind": check_in.kind,
        "on": check_in.on.isoformat(),
        "baseline": {
            "title": check_in.baseline.name,
            "on": timezone.localdate(check_in.baseline.submitted_at).isoformat(),
            "sha256": report.method.sha256,
        },
        "previous": earlier[0].on.isoformat() if earlier else None,
        "choice_reason": check_in.choice_reason,
        "priorities": [_priority(row, before, evidence, check_in.on) for row in rows],
        "actions": [_action(row) for row in _actions(check_in)],
        "agreements": _agreements(check_in),
    }


def _earlier(check_in: CheckIn) -> list[CheckIn]:
    """Closed check-ins against the same picture, the newest first."""
    closed = CheckIn.objects.closed().filter(baseline=check_in.baseline_id, on__lte=check_in.on)
    return list(closed.exclude(pk=check_in.pk).order_by("-on", "-pk"))


def _levels_before(report: ReportContents, earlier: list[CheckIn]) -> dict[str, int | None]:
    """Statement to the evidenced level last recorded: at the newest check-in that looked at it,
    else in the picture."""
    found = {row.slug: row.counts_as for row in report.statements}
    for check_in in reversed(earlier):
        kept: Any = check_in.facts
        for row in kept["priorities"]:
            if row["counts_as"] is not None:
                found[row["statement"]] = row["counts_as"]
    return found


def _evidence(baseline: Assessment, rows: list[CheckInPriority]) -> dict[int, Linked]:
    """Statement to what is linked to it now: in the picture that is compared with, and here."""
    counted = Q(partner_return__isnull=True) | Q(partner_return__submitted_at__isnull=False)
    links = baseline.evidence_links.filter(
        counted, statement__in=[row.statement_id for row in rows]
    ).select_related("evidence")
    found: dict[int, Linked] = {}
    for link in links.order_by("evidence__title"):
        item = link.evidence
        found.setdefault(link.statement_id, {})[item.pk] = (item.title, item.review_on)
    for row in rows:
        if row.evidence:
            item = row.evidence
            found.setdefault(row.statement_id, {})[item.pk] = (item.title, item.review_on)
    return found


def _priority(
    row: CheckInPriority,
    before: dict[str, int | None],
    evidence: dict[int, Linked],
    on: date,
) -> Facts:
    linked = evidence.get(row.statement_id, {}).values()
    level = int(row.level) if row.level else None
    evidenced = is_evidenced([review_on for _, review_on in linked], on)
    return {
        "statement": row.statement.slug,
        "then": before.get(row.statement.slug),
        "level": level,
        "counts_as": None if level is None else evidenced_level(level, evidenced=evidenced),
        "evidence": [
            {"title": title, "review_on": review_on.isoformat() if review_on else None}
            for title, review_on in linked
        ],
        "what_changed": row.what_changed,
        "how_we_know": row.how_we_know,
        "blocker": row.blocker,
        "next_step": row.next_step,
        "body": row.body.name if row.body else "",
        "next_on": row.next_on.isoformat() if row.next_on else None,
    }


def _actions(check_in: CheckIn) -> Iterable[Action]:
    return Action.objects.filter(area=check_in.area_id, due_on__lte=check_in.on).select_related(
        "body"
    )


def _action(row: Action) -> Facts:
    return {
        "id": row.pk,
        "what": row.what,
        "body": row.body.name,
        "sector": row.body.sector,
        "owner": row.owner,
        "due": row.due_on.isoformat(),
        "done_on": row.done_on.isoformat() if row.done_on else None,
        "no_action": row.status == Status.NO_ACTION,
    }


def _agreements(check_in: CheckIn) -> list[Facts]:
    found = [_agreement(check_in.area.name, check_in.area_agreed_by, check_in.area_agreed_at)]
    if check_in.needs_programme:
        found.append(_agreement("DfE", check_in.programme_agreed_by, check_in.programme_agreed_at))
    return found


def _agreement(who: str, by: Any, at: datetime | None) -> Facts:
    return {
        "who": who,
        "name": by.name if by else "",
        "on": timezone.localdate(at).isoformat() if at else None,
    }
