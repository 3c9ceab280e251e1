"""What a report says of the area's plan: its actions, the support it asks for, the next check-in.

`plan_facts` are plain JSON values to be frozen with the report at submission; `plan_of` makes of
them what a page or file prints, so that a submitted report says the same for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import F, Q
from django.utils import timezone
from django.utils.dateformat import format as format_date

from assessments.models import Action, ActionProgress, Assessment, CheckIn, SupportRequest
from assessments.models.actions_plan import OPEN_STATUSES, Status
from assessments.models.check_ins import Kind
from assessments.reports.words import day as day_words
from assessments.reports.words import inside

PlanFacts = dict[str, Any]


class Step(NamedTuple):
    """One line of what was recorded of an action, oldest first."""

    status: str
    note: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class PlanAction:
    """One action. `body` is the partner's name, `status` its words, `statement` the code of the
    statement that it comes from, such as 4.1, or nothing. `is_late` as of the day of the facts."""

    what: str
    body: str
    owner: str
    due: date
    status: str
    is_late: bool
    statement: str


@dataclass(frozen=True, slots=True)
class PlanSupport:
    """A package of the menu that the area asks for."""

    title: str
    why: str


@dataclass(frozen=True, slots=True)
class NextCheckIn:
    """`kind` is a value of the kinds of check-ins; `words` say day and kind in one line."""

    on: date
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Actions by due day, support in the order in which it was asked for."""

    actions: tuple[PlanAction, ...] = ()
    support: tuple[PlanSupport, ...] = ()
    next_check_in: NextCheckIn | None = None


def plan_facts(assessment: Assessment, since: str | None) -> PlanFacts:
    """The plan of the assessment's area as of its submission, or of today while it is a draft.

    Actions that were open that day, and those closed since the assessment it is compared with was
    submitted (on `since`, a day such as 2026-05-12), each with its status of that day. Four
    queries at most, whatever there is.
    """
    on = timezone.localdate(assessment.submitted_at)
    rows = _actions(assessment, on)
    return {
        "day": on.isoformat(),
        "actions": [
            row for row in rows if row["closed_on"] is None or row["closed_on"] > (since or "")
        ],
        "support": _asked(assessment, on),
        "next_check_in": _next(assessment, on),
    }


def _actions(assessment: Assessment, on: date) -> list[PlanFacts]:
    """Those that were there on that day, each with what had been recorded by then."""
    # Rows of values: the models' many columns would take longer than all the rest.
    rows = list(
        Action.objects.filter(area=assessment.area_id, added_at__date__lte=on).values(
            "pk", "what", "body__name", "owner", "due_on", "measure", "statement__number",
            "statement__ingredient__number",
        )
    )  # fmt: skip
    told: dict[int, list[Step]] = {row["pk"]: [] for row in rows}
    steps = ActionProgress.objects.filter(action__in=told, recorded_at__date__lte=on)
    for action, *step in steps.values_list("action", *Step._fields):
        told[action].append(Step(*step))
    return [_action(dict(row), told[row["pk"]]) for row in rows]


def _action(row: PlanFacts, steps: list[Step]) -> PlanFacts:
    status = steps[-1].status if steps else Status.NOT_STARTED
    is_open = status in OPEN_STATUSES
    number, of = row["statement__number"], row["statement__ingredient__number"]
    return {
        "what": row["what"],
        "body": row["body__name"],
        "owner": row["owner"],
        "due": row["due_on"].isoformat(),
        "measure": row["measure"],
        "status": str(status),
        "closed_on": None if is_open else _closed_on(steps).isoformat(),
        "because": steps[-1].note if status == Status.NO_ACTION else "",
        "statement": f"{of}.{number}" if number else "",
    }


def _closed_on(steps: list[Step]) -> date:
    """The first day from which it had the status that it has at the end."""
    first = steps[-1]
    for step in reversed(steps):
        if step.status != first.status:
            break
        first = step
    return timezone.localdate(first.recorded_at)


def _asked(assessment: Assessment, on: date) -> list[PlanFacts]:
    standing = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__date__gt=on)
    rows = SupportRequest.objects.filter(standing, area=assessment.area_id, asked_at__date__lte=on)
    named = {"title": F("package__title"), "provider": F("package__provider")}
    return [dict(row) for row in rows.values("why", **named)]


def _next(assessment: Assessment, on: date) -> PlanFacts | None:
    found = CheckIn.objects.next_of(assessment.area_id, on).values("on", "kind").first()
    return {"on": found["on"].isoformat(), "kind": found["kind"]} if found else None


def plan_of(facts: PlanFacts | None) -> Plan:
    """The plan as a report prints it. Without facts (a report that was frozen before there were
    plans) an empty one. Raises KeyError on facts that do not hold together."""
    if not facts:
        return Plan()
    on = date.fromisoformat(facts["day"])
    coming = facts["next_check_in"]
    return Plan(
        actions=tuple(_plan_action(row, on) for row in facts["actions"]),
        support=tuple(PlanSupport(row["title"], row["why"]) for row in facts["support"]),
        next_check_in=_coming(coming) if coming else None,
    )


def _plan_action(row: PlanFacts, on: date) -> PlanAction:
    due = date.fromisoformat(row["due"])
    return PlanAction(
        what=row["what"],
        body=row["body"],
        owner=row["owner"],
        due=due,
        status=status_words(row["status"], row["closed_on"], row["because"]),
        is_late=row["status"] in OPEN_STATUSES and due < on,
        statement=row["statement"],
    )


def status_words(status: str, closed_on: str | None, because: str) -> str:
    """`Under way`, `Done on 3 March 2026`, `No action, because: …`."""
    label = str(Status(status).label)
    if status == Status.DONE and closed_on:
        return f"{label} on {day_words(date.fromisoformat(closed_on))}"
    return f"{label}, because: {because}" if because else label


def _coming(row: PlanFacts) -> NextCheckIn:
    on = date.fromisoformat(row["on"])
    kind = inside(str(Kind(row["kind"]).label))
    return NextCheckIn(on, row["kind"], f"{format_date(on, 'l j F Y')}, {kind}")
