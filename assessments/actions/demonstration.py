"""Load the fictional demonstration areas: a whole story, with days relative to today."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from areas.models import Area, Invitation, Membership, Partner, User
from areas.models.invitations import VALID_FOR, hash_of, new_token
from assessments.actions.assessments import build_returns
from assessments.actions.demonstration_history import MINUTE, tell_history
from assessments.actions.demonstration_national import load_national_accounts
from assessments.actions.demonstration_plan import DemonstrationPlan
from assessments.actions.files import Upload, stored
from assessments.actions.sign_off import freeze
from assessments.actions.summaries import publish_summary
from assessments.models import (
    AgreedScore,
    AgreedScoreVersion,
    Assessment,
    Dissent,
    Evidence,
    EvidenceLink,
    PartnerReturn,
    QuorumReason,
    Score,
    SignOff,
)
from assessments.tasks import store_report_pdf
from ingredients.models import Framework
from send_portal.models import Mail
from send_portal.uploads import inspect

PASSWORD = "six-ingredients"  # noqa: S105 -- printed on purpose; such accounts exist only with the demonstration
FOR_ONE = 4 * MINUTE
FILES = ("northmoor", "eastvale", "southmere")


@transaction.atomic
def load_demonstration(*, folder: Path) -> list[str]:
    """Load every demonstration area of a folder and the national accounts; the areas' names.

    Days in the files are relative to today. Raises KeyError or ValueError on a file that does
    not hold together; then nothing is loaded.
    """
    framework = Framework.objects.current()
    if framework is None:
        raise ValueError("framework: publish one first")
    # One hash for all accounts: working out thirty slow hashes would take the newcomer's patience.
    hashed = make_password(PASSWORD)
    editor = load_national_accounts(hashed)
    areas = []
    for name in FILES:
        data = yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8"))
        loaded = DemonstrationArea(data, framework, hashed, folder / "files")
        areas.append(loaded.load().name)
        tell_history(area=loaded.area, editor=editor, lead=loaded.lead)
        loaded.plan.load(data)
        loaded.publish()
    return areas


class DemonstrationArea:
    """Loads one area's file, keeping the rows made so far by their keys in the file."""

    def __init__(
        self, data: dict[str, Any], framework: Framework, hashed: str, files: Path
    ) -> None:
        self.files = files
        self.data = data
        self.framework = framework
        self.hashed = hashed
        self.statements = {
            s.slug: s for i in framework.ingredients.all() for s in i.statements.all()
        }
        self.today = timezone.localdate()
        self.partners: dict[str, Partner] = {}
        self.people: dict[str, User] = {}
        self.evidence: dict[str, Evidence] = {}
        self.assessments: dict[str, Assessment] = {}

    def load(self) -> Area:
        about = self.data["area"]
        self.area = Area.objects.create(
            dfe_code=about["code"],
            name=about["name"],
            region=about["region"],
            is_demonstration=True,
        )
        for row in self.data["partners"]:
            self.partners[row["key"]] = Partner.objects.create(
                area=self.area, sector=row["sector"], name=row["name"], opened_on=self.day(-900)
            )
        for row in self.data["people"]:
            self.person(row)
        for row in self.data.get("invitations") or []:
            self.invitation(row)
        for row in self.data["evidence"]:
            self.evidence_item(row)
        for row in self.data["assessments"]:
            self.assessments[row["key"]] = self.assessment(row)
        return self.area

    def day(self, offset: int) -> date:
        return self.today + timedelta(days=offset)

    def moment(self, offset: int, hour: int = 11) -> datetime:
        # Never in the future, so that "saved at" reads right on the day of loading.
        return min(
            timezone.make_aware(datetime.combine(self.day(offset), time(hour))), timezone.now()
        )

    def person(self, row: dict[str, Any]) -> None:
        user, _ = User.objects.get_or_create(
            email=row["email"],
            defaults={
                "name": row["name"],
                "job_title": row.get("job_title") or "",
                "password": self.hashed,
            },
        )
        self.people[row["email"]] = user
        for membership in row["memberships"]:
            partner = self.partners[membership["partner"]] if membership.get("partner") else None
            Membership.objects.create(
                user=user, role=membership["role"], area=self.area, partner=partner
            )

    def invitation(self, row: dict[str, Any]) -> None:
        """Its link is known to nobody; the lead may send it again."""
        at = self.moment(row["sent"])
        invitation = Invitation.objects.create(
            area=self.area,
            partner=self.partners[row["partner"]] if row.get("partner") else None,
            role=row["role"],
            email=row["email"],
            token_hash=hash_of(new_token()),
            invited_at=at,
            invited_by=self.lead,
            mailed_at=at,
            expires_at=at + VALID_FOR,
        )
        Mail.objects.create(
            key=invitation.mail_key,
            to=invitation.email,
            subject=f"{self.area.name}: an invitation",
            state=Mail.State.SENT,
            made_at=at,
            ended_at=at,
        )

    @property
    def lead(self) -> User:
        return next(user for email, user in self.people.items() if email.startswith("lead@"))

    def evidence_item(self, row: dict[str, Any]) -> None:
        if name := row.get("file"):
            with (self.files / name).open("rb") as content:
                upload = Upload(File(content), name, inspect(content, name))
                with stored(upload) as file_fields:
                    self.evidence[row["key"]] = self.make_evidence(row, **file_fields)
        else:
            self.evidence[row["key"]] = self.make_evidence(row, address=row["url"])

    def make_evidence(self, row: dict[str, Any], **place: Any) -> Evidence:
        review = row.get("review")
        item: Evidence = Evidence.objects.create(
            area=self.area,
            title=row["title"],
            kind=row["kind"],
            shows=row["shows"],
            owner=self.partners[row["owner"]],
            dated_on=self.day(row["dated"]),
            review_on=None if review is None else self.day(review),
            added_by=self.lead,
            saved_by=self.lead,
            added_at=self.moment(row["dated"]),
            saved_at=self.moment(row["dated"]),
            **place,
        )
        return item

    def assessment(self, row: dict[str, Any]) -> Assessment:
        """Rows first, the stage last: from its stage on, an assessment refuses change."""
        assessment = Assessment.objects.create(
            area=self.area,
            framework=self.framework,
            purpose=row["purpose"],
            title=row["title"],
            stage=Assessment.Stage.SCORING,
            baseline=self.assessments[row["baseline"]] if row.get("baseline") else None,
            scoring_closes_on=self.day(row["scoring_closes"]),
            moderation_on=self.day(row["moderation_on"]),
            sign_off_by=self.day(row["sign_off_by"]),
            started_at=self.moment(row["started"]),
            started_by=self.lead,
        )
        returns = self.returns(assessment, row)
        self.agreed(assessment, row)
        self.dissent(assessment, row, returns)
        self.links(assessment, row, returns)
        self.sign_offs(assessment, row, returns)
        for reason in row.get("quorum_reasons") or []:
            QuorumReason.objects.create(assessment=assessment, recorded_by=self.lead, **reason)
        self.set_stage(assessment, row)
        return assessment

    def returns(self, assessment: Assessment, row: dict[str, Any]) -> dict[str, PartnerReturn]:
        keys = {self.partners[key].pk: key for key in row["returns"]}
        rows = build_returns(assessment, [self.partners[key] for key in row["returns"]])
        found = {}
        for partner_return in rows:
            given = row["returns"][keys[partner_return.partner_id]]
            if given.get("submitted") is not None:
                partner_return.submitted_at = self.moment(given["submitted"])
                partner_return.submitted_by = self.people[given["by"]]
            partner_return.save()
            found[keys[partner_return.partner_id]] = partner_return
            done = self.moment(self.scored_on(given), 10)
            left = len(given["scores"])
            Score.objects.bulk_create(
                Score(
                    partner_return=partner_return,
                    statement=self.statements[slug],
                    answer=str(answer),
                    reason=reason,
                    saved_by=self.people[given["by"]],
                    saved_at=done - (left - number) * MINUTE,
                )
                for number, (slug, (answer, reason)) in enumerate(given["scores"].items())
            )
        return found

    @staticmethod
    def scored_on(given: dict[str, Any]) -> int:
        """The day on which a partner scored, one statement a minute: that of its submission."""
        return given["submitted"] if given.get("submitted") is not None else -1

    def agreed(self, assessment: Assessment, row: dict[str, Any]) -> None:
        """What was agreed, and the versions that led to it: `earlier` in the file lists those that
        the meeting came back to at its end."""
        together = self.together(row)
        for slug, given in (row.get("agreed") or {}).items():
            versions = [*(given.get("earlier") or []), given]
            for number, said in enumerate(versions, start=1):
                is_last = number == len(versions)
                agreed = AgreedScore(
                    assessment=assessment,
                    statement=self.statements[slug],
                    version=number,
                    answer=str(said["answer"]),
                    rationale=said.get("rationale") or "",
                    outside_reason=said.get("outside_reason") or "",
                    saved_by=self.lead,
                    saved_at=self.end(row) if number > 1 else self.decided_at(row, slug),
                )
                AgreedScoreVersion.of(agreed, in_one_step=slug in together).save()
                if is_last:
                    agreed.save()

    def end(self, row: dict[str, Any]) -> datetime:
        return self.moment(row["moderation_on"], 12)

    @staticmethod
    def apart(row: dict[str, Any], slug: str) -> int:
        """How many levels lie between the partners."""
        answers = [given["scores"].get(slug, [""])[0] for given in row["returns"].values()]
        levels = [answer for answer in answers if isinstance(answer, int)]
        return max(levels, default=0) - min(levels, default=0)

    def together(self, row: dict[str, Any]) -> set[str]:
        """Accepted in one step: everyone chose the same, and nobody said more about it."""
        return {
            slug
            for slug, given in (row.get("agreed") or {}).items()
            if not given.get("rationale") and not self.apart(row, slug)
        }

    def decided_at(self, row: dict[str, Any], slug: str) -> datetime:
        """Four minutes a statement, the ones furthest apart first, the rest in one step at the end."""
        together = self.together(row)
        talked = [found for found in row.get("agreed") or {} if found not in together]
        talked.sort(key=lambda found: -self.apart(row, found))
        left = 0 if slug in together else len(talked) - talked.index(slug)
        return self.end(row) - left * FOR_ONE

    def dissent(
        self, assessment: Assessment, row: dict[str, Any], returns: dict[str, PartnerReturn]
    ) -> None:
        for given in row.get("dissent") or []:
            by = self.people[given["by"]]
            at = self.decided_at(row, given["statement"]) + MINUTE
            withdrawn = given.get("withdrawn")
            Dissent.objects.create(
                assessment=assessment,
                statement=self.statements[given["statement"]],
                partner_return=returns[given["partner"]],
                text=given["text"],
                recorded_at=at,
                recorded_by=by,
                withdrawn_at=self.end(row) if withdrawn else None,
                withdrawn_by=by if withdrawn else None,
            )

    def links(
        self, assessment: Assessment, row: dict[str, Any], returns: dict[str, PartnerReturn]
    ) -> None:
        for slug, pairs in (row.get("evidence_links") or {}).items():
            for key, partner in pairs:
                given = row["returns"][partner]
                EvidenceLink.objects.create(
                    assessment=assessment,
                    statement=self.statements[slug],
                    evidence=self.evidence[key],
                    partner_return=returns[partner],
                    linked_by=self.people[given["by"]],
                    linked_at=self.moment(self.scored_on(given), 10),
                )

    def sign_offs(
        self, assessment: Assessment, row: dict[str, Any], returns: dict[str, PartnerReturn]
    ) -> None:
        for given in row.get("sign_offs") or []:
            SignOff.objects.create(
                assessment=assessment,
                partner_return=returns[given["partner"]],
                decision=given["decision"],
                text=given.get("text") or "",
                name=given["name"],
                role=given["role"],
                signed_at=self.moment(given["day"]) - FOR_ONE,
                signed_by=self.people[given["by"]],
            )

    @cached_property
    def plan(self) -> DemonstrationPlan:
        """What came out of the pictures: actions, and support asked for."""
        return DemonstrationPlan(
            area=self.area,
            lead=self.lead,
            people=self.people,
            partners=self.partners,
            statements=self.statements,
            assessments=self.assessments,
            evidence=self.evidence,
            day=self.day,
            moment=self.moment,
        )

    def publish(self) -> None:
        """Today, and so after all that the history tells."""
        for row in self.data["assessments"]:
            if contact := row.get("public_contact"):
                publish_summary(
                    assessment=self.assessments[row["key"]], contact=contact.strip(), by=self.lead
                )

    def last_submitter(self, assessment: Assessment) -> User:
        submitted = assessment.returns.submitted().order_by("submitted_at", "order")
        return submitted.select_related("submitted_by").reverse()[0].submitted_by

    def last_signer(self, assessment: Assessment) -> User:
        signed = assessment.sign_offs.order_by("signed_at", "-partner_return__order")
        return signed.select_related("signed_by").reverse()[0].signed_by

    def set_stage(self, assessment: Assessment, row: dict[str, Any]) -> None:
        values: dict[str, Any] = {"stage": Assessment.Stage(row["stage"])}
        if row.get("revealed") is not None:
            values |= {
                "revealed_at": self.moment(row["revealed"]),
                "revealed_by": self.last_submitter(assessment),
                "reveal_reason": row.get("reveal_reason") or "",
            }
        if row.get("submitted") is not None:
            values |= {
                "submitted_at": self.moment(row["submitted"]),
                "submitted_by": self.last_signer(assessment),
                "submit_reason": row.get("submit_reason") or "",
            }
        Assessment.objects.filter(pk=assessment.pk).update(**values)
        assessment.refresh_from_db()
        if assessment.is_submitted:
            self.plan.load_until(self.data, row["submitted"])
            freeze(assessment)
            store_report_pdf.enqueue(assessment.pk)
