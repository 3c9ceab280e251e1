"""What the log would hold had people done what the demonstration's rows tell: in the words of the
actions, at the moments of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from areas.actions import audit_event
from areas.models import Area, Audience, AuditEvent, Membership, Partner, User
from areas.permissions import Role
from assessments.models import Assessment, Evidence, PartnerReturn, Score, SignOff
from assessments.reports.words import count, day, listed

MINUTE = timedelta(minutes=1)


def tell_history(*, area: Area, editor: User, lead: User) -> None:
    """Write the history of a demonstration area, from its first partner to today."""
    first = area.assessments.order_by("started_at")[0].started_at
    events = [*_beginnings(area, editor, lead, first), *_library(area, first - timedelta(days=6))]
    for assessment in area.assessments.order_by("started_at"):
        events += AssessmentStory(assessment).events()
    now = timezone.now()
    for event in events:
        event.at = min(event.at, now)
    events.sort(key=lambda event: event.at)
    AuditEvent.objects.bulk_create(events, batch_size=500)


def _beginnings(area: Area, editor: User, lead: User, first: datetime) -> Iterator[AuditEvent]:
    """An editor lets the lead in, the lead adds the partners, and the editor lets in the others."""
    for number, partner in enumerate(Partner.objects.filter(area=area).order_by("pk")):
        yield audit_event(
            "partner.add", f"added the partner {partner.name}", by=lead, area=area,
            partner_id=partner.pk, audience=Audience.AREA,
            at=first - timedelta(days=8) + number * MINUTE,
        )  # fmt: skip
    members = Membership.objects.filter(area=area).select_related("user", "partner")
    for number, row in enumerate(members.order_by("pk")):
        ahead = timedelta(days=9 if row.role == Role.LEAD else 7)
        yield audit_event(
            "membership.add", f"added the membership of {row.described}", by=editor, area=area,
            partner_id=row.partner_id, audience=Audience.AREA, at=first - ahead + number * MINUTE,
        )  # fmt: skip


def _library(area: Area, opened: datetime) -> Iterator[AuditEvent]:
    """Documents older than the partnership's account were added when there was one."""
    for item in Evidence.objects.filter(area=area).select_related("owner", "added_by"):
        yield audit_event(
            "evidence.add", f"added the evidence ‘{item.title}’ for {item.owner.name}",
            by=item.added_by, area=area, partner_id=item.owner_id, audience=Audience.AREA,
            at=max(item.added_at, opened),
        )  # fmt: skip


class AssessmentStory:
    """The events of one assessment, from its rows."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.returns = {row.pk: row for row in assessment.returns.select_related("submitted_by")}
        self.partners = {row.partner_id: row for row in self.returns.values()}
        self.quoted = f"‘{assessment.title}’"

    def events(self) -> Iterator[AuditEvent]:
        yield from self._start()
        yield from self._scores()
        yield from self._submissions()
        if self.assessment.is_revealed:
            yield from self._meeting()
            yield from self._dissent()
            yield from self._end()

    def _event(
        self, verb: str, sentence: str, *, by: User | None, at: datetime | None, **about: Any
    ) -> AuditEvent:
        assert by is not None  # noqa: S101 -- the rows pair every moment with a person
        given = {"audience": Audience.AREA, **about}
        return audit_event(
            verb, sentence, by=by, at=at, area=self.assessment.area,
            assessment_id=self.assessment.pk, **given,
        )  # fmt: skip

    def _start(self) -> Iterator[AuditEvent]:
        row = self.assessment
        dates = (
            f"scoring closes on {day(row.scoring_closes_on)}, the meeting is on "
            f"{day(row.moderation_on)}, sign-off is due by {day(row.sign_off_by)}"
        )
        by, at = row.started_by, row.started_at
        yield self._event("assessment.start", f"started {self.quoted}: {dates}", by=by, at=at)
        who = listed(found.name for found in self.returns.values())
        opened = f"opened scoring of {self.quoted} to {who}"
        yield self._event("assessment.open", opened, by=by, at=at + 20 * MINUTE)

    def _scores(self) -> Iterator[AuditEvent]:
        scores = Score.objects.filter(partner_return__in=self.returns).select_related(
            "statement", "saved_by"
        )
        for score in scores:
            row = self.returns[score.partner_return_id]
            yield self._event(
                "score.save", f"scored ‘{score.statement.title}’ for {row.name}", by=score.saved_by,
                at=score.saved_at, partner_id=row.partner_id, statement=score.statement.slug,
                audience=Audience.PARTNER,
            )  # fmt: skip
        links = self.assessment.evidence_links.select_related("evidence", "linked_by")
        for link in links:
            row = self.returns[link.partner_return_id]
            yield self._event(
                "evidence.link", f"linked ‘{link.evidence.title}’ to a statement for {row.name}",
                by=link.linked_by, at=link.linked_at, partner_id=row.partner_id,
                audience=Audience.PARTNER,
            )  # fmt: skip

    def _submissions(self) -> Iterator[AuditEvent]:
        for row in self.returns.values():
            if row.submitted_at:
                yield self._event(
                    "return.submit", f"submitted scores for {row.name}", by=row.submitted_by,
                    at=row.submitted_at, partner_id=row.partner_id,
                )  # fmt: skip
        if self.assessment.is_revealed:
            yield self._event(
                "assessment.reveal",
                f"was the last to submit, which revealed all scores of {self.quoted}",
                by=self.assessment.revealed_by, at=self.assessment.revealed_at,
            )  # fmt: skip

    def _meeting(self) -> Iterator[AuditEvent]:
        versions = list(self.assessment.agreed_versions.select_related("statement", "saved_by"))
        together = sum(row.in_one_step for row in versions)
        others = f", in one step with {count(together - 1, 'other')}" if together > 1 else ""
        for row in versions:
            verb = "agreed.accept" if row.in_one_step else "agreed.save"
            how = "recorded" if row.version == 1 else "changed"
            tail = others if row.in_one_step else ""
            yield self._event(
                verb, f"{how} what was agreed on ‘{row.statement.title}’{tail}", by=row.saved_by,
                at=row.saved_at, statement=row.statement.slug, audience=Audience.SCORERS,
            )  # fmt: skip

    def _dissent(self) -> Iterator[AuditEvent]:
        rows = self.assessment.dissents.select_related("statement", "recorded_by", "withdrawn_by")
        for row in rows:
            about = {
                "partner_id": self.returns[row.partner_return_id].partner_id,
                "statement": row.statement.slug,
                "audience": Audience.SCORERS,
            }
            name, title = self.returns[row.partner_return_id].name, row.statement.title
            yield self._event(
                "dissent.record", f"recorded dissent for {name} on ‘{title}’",
                by=row.recorded_by, at=row.recorded_at, **about,
            )  # fmt: skip
            if row.withdrawn_at:
                yield self._event(
                    "dissent.withdraw", f"withdrew the dissent of {name} on ‘{title}’",
                    by=row.withdrawn_by, at=row.withdrawn_at, **about,
                )  # fmt: skip

    def _end(self) -> Iterator[AuditEvent]:
        if self.assessment.stage == Assessment.Stage.MODERATION:
            return
        last = self.assessment.agreed_versions.order_by("-saved_at")[0]
        ended = last.saved_at + 10 * MINUTE
        by = self.assessment.started_by
        yield self._event(
            "moderation.finish", f"opened {self.quoted} for sign-off", by=by, at=ended
        )
        for row in self.assessment.sign_offs.select_related("signed_by"):
            yield self._signed(row, self.returns[row.partner_return_id])
        if self.assessment.is_submitted:
            sha256 = self.assessment.stored_report.sha256[:8]
            yield self._event(
                "assessment.submit",
                f"was the last who had to sign, which submitted {self.quoted} (report {sha256})",
                by=self.assessment.submitted_by, at=self.assessment.submitted_at,
            )  # fmt: skip

    def _signed(self, row: SignOff, partner: PartnerReturn) -> AuditEvent:
        decided = row.get_decision_display().lower()
        return self._event(
            "sign_off.sign", f"signed for {partner.name} as {row.name}, {row.role}: {decided}",
            by=row.signed_by, at=row.signed_at, partner_id=partner.partner_id,
        )  # fmt: skip
