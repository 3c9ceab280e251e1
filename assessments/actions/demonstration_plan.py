"""The plan of a demonstration area: its actions with what was recorded of them, and the support it
asks for; each told in the log as if people had done it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from areas.actions import audit_event
from areas.models import Area, Audience, AuditEvent, Partner, User
from assessments.actions.check_ins import proposed_for, sentence_of
from assessments.actions.demonstration_notes import write_notes
from assessments.actions.plan import quoted, told_of
from assessments.models import (
    Action,
    ActionImpact,
    ActionProgress,
    Assessment,
    CheckIn,
    CheckInPriority,
    Evidence,
    ProgrammeRecord,
    SupportRequest,
)
from assessments.models.actions_plan import Status
from assessments.reports.check_in_facts import gather_check_in
from assessments.reports.words import day as day_words
from ingredients.models import Statement, SupportPackage


class DemonstrationPlan:
    """Loads the plan out of an area's file. `day` and `moment` turn its numbers into days."""

    def __init__(
        self,
        *,
        area: Area,
        lead: User,
        people: dict[str, User],
        partners: dict[str, Partner],
        statements: dict[str, Statement],
        assessments: dict[str, Assessment],
        evidence: dict[str, Evidence],
        day: Callable[[int], date],
        moment: Callable[[int], datetime],
    ) -> None:
        self.area = area
        self.lead = lead
        self.people = people
        self.partners = partners
        self.statements = statements
        self.assessments = assessments
        self.evidence = evidence
        self.day = day
        self.moment = moment
        self.events: list[AuditEvent] = []
        self.loaded: list[dict[str, Any]] = []

    def load(self, data: dict[str, Any]) -> None:
        self.load_until(data, 0)
        for row in data.get("check_ins") or []:
            self.check_in(row)
        write_notes(area=self.area, notes=data.get("programme_notes"), moment=self.moment)
        AuditEvent.objects.bulk_create(self.events)

    def load_until(self, data: dict[str, Any], day: int) -> None:
        """Actions and requests that were there on this day, as far as they are not loaded yet: a
        report that was submitted on it keeps them."""
        for name, at, load in (
            ("actions", "added", self.action),
            ("support_requests", "asked", self.support_request),
        ):
            for row in data.get(name) or []:
                if row[at] <= day and row not in self.loaded:
                    load(row)
                    self.loaded.append(row)

    def action(self, row: dict[str, Any]) -> None:
        added, steps = self.moment(row["added"]), row.get("progress") or []
        last = steps[-1] if steps else {"status": Status.NOT_STARTED, "note": ""}
        is_done, is_given_up = last["status"] == Status.DONE, last["status"] == Status.NO_ACTION
        action = Action.objects.create(
            area=self.area,
            assessment=self.assessments[row["assessment"]],
            statement=self.statements[row["statement"]],
            what=row["what"],
            body=self.partners[row["body"]],
            owner=row["owner"],
            due_on=self.day(row["due"]),
            measure=row["measure"],
            status=last["status"],
            done_on=self.day(last["day"]) if is_done else None,
            no_action_because=last["note"] if is_given_up else "",
            version=1 + len(steps),
            added_at=added,
            added_by=self.lead,
            saved_at=self.moment(last["day"]) if steps else added,
            saved_by=self.people[last["by"]] if steps else self.lead,
        )
        due = f"added the action {{}}, due {day_words(action.due_on)},"
        self.tell(action, "action.add", due, by=self.lead, at=added)
        for step in steps:
            self.progress(action, step)
        for impact in row.get("impact") or []:
            self.impact(action, impact)

    def progress(self, action: Action, row: dict[str, Any]) -> None:
        step = ActionProgress.objects.create(
            action=action,
            status=row["status"],
            note=row["note"],
            recorded_at=self.moment(row["day"]),
            recorded_by=self.people[row["by"]],
        )
        said = f"recorded progress on {{}} ({step.get_status_display().lower()})"
        details = {"reason": step.note} if step.status == Status.NO_ACTION else None
        self.tell(
            action, "action.progress", said, by=step.recorded_by, at=step.recorded_at,
            details=details,
        )  # fmt: skip

    def impact(self, action: Action, row: dict[str, Any]) -> None:
        found = ActionImpact.objects.create(
            action=action,
            text=row["text"],
            recorded_at=self.moment(row["day"]),
            recorded_by=self.people[row["by"]],
        )
        said = "recorded the impact of {}"
        self.tell(action, "action.impact", said, by=found.recorded_by, at=found.recorded_at)

    def tell(
        self, action: Action, verb: str, sentence: str, *, by: User, at: datetime, **about: Any
    ) -> None:
        said = f"{sentence.format(quoted(action))} for {action.body.name}"
        self.events.append(audit_event(verb, said, by=by, at=at, **told_of(action), **about))

    def support_request(self, row: dict[str, Any]) -> None:
        """Only where the library has been loaded, which has the packages."""
        package = SupportPackage.objects.filter(slug=row["package"]).first()
        if package is None:
            return
        by, at = self.people[row["by"]], self.moment(row["asked"])
        assessment = self.assessments[row["assessment"]]
        SupportRequest.objects.create(
            area=self.area, assessment=assessment, package=package, why=row["why"],
            asked_at=at, asked_by=by,
        )  # fmt: skip
        self.events.append(
            audit_event(
                "support.ask", f"asked for the support package ‘{package.title}’", by=by, at=at,
                area=self.area, assessment_id=assessment.pk, audience=Audience.AREA,
            )
        )  # fmt: skip

    def check_in(self, row: dict[str, Any]) -> None:
        """With the priorities that the rule proposes; in order, those that were recorded."""
        baseline, planned = self.assessments[row["baseline"]], self.moment(row["planned"])
        check_in = CheckIn.objects.create(
            area=self.area, baseline=baseline, kind=row["kind"], on=self.day(row["day"]),
            planned_at=planned, planned_by=self.lead, saved_at=planned, saved_by=self.lead,
        )  # fmt: skip
        self.told_of_check_in(check_in, "check_in.plan", "planned", planned)
        recorded = row.get("recorded") or {}
        for order, slug in enumerate(proposed_for(baseline), start=1):
            self.priority(check_in, slug, order, recorded.get(slug))
        if row.get("agreed") is not None:
            at = self.moment(row["agreed"])
            check_in.area_agreed_at, check_in.area_agreed_by = at, self.lead
            check_in.facts, check_in.closed_at = gather_check_in(check_in), at
            check_in.save()
            who = f"agreed for {self.area.name}"
            self.told_of_check_in(check_in, "check_in.agree", who, at)
        if row.get("sent") is not None:
            at = self.moment(row["sent"])
            check_in.area_agreed_at, check_in.area_agreed_by = at, self.lead
            check_in.save()
            who = f"agreed for {self.area.name}"
            self.told_of_check_in(check_in, "check_in.agree", who, at)
        if row.get("programme"):
            self.programme_record(check_in, row["programme"])

    def programme_record(self, check_in: CheckIn, row: dict[str, Any]) -> None:
        """What DfE keeps about it, apart from what the area wrote."""
        at, by = self.moment(row["day"]), User.objects.get(email=row["by"])
        owner = User.objects.get(email=row["owner"]) if row.get("owner") else None
        sent = self.moment(row["agenda"]) if row.get("agenda") is not None else None
        ProgrammeRecord.objects.create(
            check_in=check_in, owner=owner, blocker=row.get("blocker") or "",
            held_on=self.day(row["held"]) if row.get("held") is not None else None,
            next_step=row.get("next_step") or "",
            next_on=self.day(row["next"]) if row.get("next_step") else None,
            agenda_sent_at=sent, agenda_sent_by=by if sent else None, saved_at=at, saved_by=by,
        )  # fmt: skip
        if owner:
            act = f"named {owner.name} as who looks after, at DfE,"
            self.told_of_check_in(check_in, "check_in.assign", act, at, by=by)
        if sent:
            self.told_of_check_in(check_in, "check_in.agenda", "sent the agenda of", sent, by=by)

    def priority(
        self, check_in: CheckIn, slug: str, order: int, said: dict[str, Any] | None
    ) -> None:
        row = CheckInPriority(
            check_in=check_in, statement=self.statements[slug], order=order, saved_by=self.lead,
            saved_at=check_in.planned_at,
        )  # fmt: skip
        if said:
            for name in ("level", "what_changed", "how_we_know", "blocker", "next_step"):
                setattr(row, name, said.get(name) or "")
            row.evidence = self.evidence[said["evidence"]] if said.get("evidence") else None
            row.body, row.next_on = self.partners[said["body"]], self.day(said["next"])
            row.version, row.saved_at = 2, self.moment(said["saved"])
            act = f"recorded ‘{row.statement.title}’ at"
            self.told_of_check_in(check_in, "check_in.record", act, row.saved_at, slug)
        row.save()

    def told_of_check_in(
        self,
        check_in: CheckIn,
        verb: str,
        act: str,
        at: datetime,
        statement: str = "",
        by: User | None = None,
    ) -> None:
        self.events.append(
            audit_event(
                verb, sentence_of(check_in, act), by=by or self.lead, at=at, area=self.area,
                assessment_id=check_in.baseline_id, statement=statement,
            )
        )  # fmt: skip
