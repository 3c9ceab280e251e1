"""Load the fictional demonstration areas: a whole story, with days relative to today."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from areas.models import Area, Invitation, Membership, Partner, User
from areas.models.invitations import VALID_FOR, hash_of, new_token
from areas.permissions import Role
from assessments.actions.assessments import build_returns
from assessments.actions.sign_off import freeze
from assessments.models import (
    AgreedScore,
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

PASSWORD = "six-ingredients"  # noqa: S105 -- printed on purpose; such accounts exist only with the demonstration
NATIONAL = [
    ("programme@dfe.example", "Helen Marsh", "DfE programme adviser", Role.PROGRAMME, False),
    ("editor@portal.example", "Ravi Menon", "Content editor", Role.EDITOR, True),
]
FILES = ("northmoor", "eastvale", "southmere")


@transaction.atomic
def load_demonstration(*, folder: Path) -> list[str]:
    """Load every demonstration area of a folder and the two national accounts; the areas' names.

    Days in the files are relative to today. Raises KeyError or ValueError on a file that does
    not hold together; then nothing is loaded.
    """
    framework = Framework.objects.current()
    if framework is None:
        raise ValueError("framework: publish one first")
    # One hash for all accounts: working out thirty slow hashes would take the newcomer's patience.
    hashed = make_password(PASSWORD)
    for email, name, job_title, role, is_staff in NATIONAL:
        user = User.objects.create(
            email=email, name=name, job_title=job_title, is_staff=is_staff, password=hashed
        )
        Membership.objects.create(user=user, role=role)
    areas = []
    for name in FILES:
        data = yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8"))
        areas.append(DemonstrationArea(data, framework, hashed).load().name)
    return areas


class DemonstrationArea:
    """Loads one area's file, keeping the rows made so far by their keys in the file."""

    def __init__(self, data: dict[str, Any], framework: Framework, hashed: str) -> None:
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
        review = row.get("review")
        self.evidence[row["key"]] = Evidence.objects.create(
            area=self.area,
            title=row["title"],
            kind=row["kind"],
            address=row["url"],
            shows=row["shows"],
            owner=self.partners[row["owner"]],
            dated_on=self.day(row["dated"]),
            review_on=None if review is None else self.day(review),
            added_by=self.lead,
            added_at=self.moment(row["dated"]),
        )

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
            saved_on = given["submitted"] if given.get("submitted") is not None else -1
            Score.objects.bulk_create(
                Score(
                    partner_return=partner_return,
                    statement=self.statements[slug],
                    answer=str(answer),
                    reason=reason,
                    saved_by=self.people[given["by"]],
                    saved_at=self.moment(saved_on, 10),
                )
                for slug, (answer, reason) in given["scores"].items()
            )
        return found

    def agreed(self, assessment: Assessment, row: dict[str, Any]) -> None:
        AgreedScore.objects.bulk_create(
            AgreedScore(
                assessment=assessment,
                statement=self.statements[slug],
                answer=str(given["answer"]),
                rationale=given.get("rationale") or "",
                outside_reason=given.get("outside_reason") or "",
                saved_by=self.lead,
                saved_at=self.moment(row["moderation_on"], 11),
            )
            for slug, given in (row.get("agreed") or {}).items()
        )

    def dissent(
        self, assessment: Assessment, row: dict[str, Any], returns: dict[str, PartnerReturn]
    ) -> None:
        for given in row.get("dissent") or []:
            by = self.people[given["by"]]
            at = self.moment(row["moderation_on"], 11)
            withdrawn = given.get("withdrawn")
            Dissent.objects.create(
                assessment=assessment,
                statement=self.statements[given["statement"]],
                partner_return=returns[given["partner"]],
                text=given["text"],
                recorded_at=at,
                recorded_by=by,
                withdrawn_at=at if withdrawn else None,
                withdrawn_by=by if withdrawn else None,
            )

    def links(
        self, assessment: Assessment, row: dict[str, Any], returns: dict[str, PartnerReturn]
    ) -> None:
        for slug, pairs in (row.get("evidence_links") or {}).items():
            for key, partner in pairs:
                EvidenceLink.objects.create(
                    assessment=assessment,
                    statement=self.statements[slug],
                    evidence=self.evidence[key],
                    partner_return=returns[partner],
                    linked_by=self.lead,
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
                signed_at=self.moment(given["day"]),
                signed_by=self.people[given["by"]],
            )

    def set_stage(self, assessment: Assessment, row: dict[str, Any]) -> None:
        stage = Assessment.Stage(row["stage"])
        values: dict[str, Any] = {"stage": stage}
        if row.get("revealed") is not None:
            values |= {
                "revealed_at": self.moment(row["revealed"]),
                "revealed_by": self.lead,
                "reveal_reason": row.get("reveal_reason") or "",
            }
        if row.get("submitted") is not None:
            values |= {
                "submitted_at": self.moment(row["submitted"]),
                "submitted_by": self.lead,
                "submit_reason": row.get("submit_reason") or "",
            }
        Assessment.objects.filter(pk=assessment.pk).update(**values)
        assessment.refresh_from_db()
        if assessment.is_submitted:
            freeze(assessment)
            store_report_pdf.enqueue(assessment.pk)
