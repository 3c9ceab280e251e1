"""A benchmark database: the demonstration, and many invented areas beside it. Never the demonstration itself."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from areas.models import Area, Audience, AuditEvent, Membership, Partner, Sector, User
from areas.permissions import Role
from assessments.actions.assessments import build_returns
from assessments.actions.demonstration import load_demonstration
from assessments.actions.sign_off import freeze
from assessments.models import AgreedScore, Assessment, PartnerReturn, Score
from ingredients.models import Framework

ROOMY = [
    Sector.LOCAL_AUTHORITY,
    Sector.HEALTH,
    Sector.HEALTH,
    Sector.SOCIAL_CARE,
    Sector.SCHOOLS,
    Sector.SCHOOLS,
    Sector.PARENT_CARERS,
    Sector.YOUNG_PEOPLE,
    Sector.EARLY_YEARS,
    Sector.POST16,
    Sector.VOLUNTARY_SECTOR,
    Sector.VOLUNTARY_SECTOR,
]  # fmt: skip -- twelve partners, two of some sectors


def seed() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    call_command("load_framework", settings.FIXTURES / "framework" / "1")
    call_command("load_library", settings.FIXTURES / "library")
    call_command("load_areas")
    load_demonstration(folder=settings.FIXTURES / "demo")


def add_areas(number: int) -> Assessment:
    """Invented areas of twelve partners each, all scores in; the last one's assessment, in moderation."""
    framework = Framework.objects.current()
    assert framework is not None
    lead = User.objects.create(email="bench@area.example", name="Bench Lead")
    today = timezone.localdate()
    for count in range(number):
        area = Area.objects.create(
            dfe_code=f"B{count:02X}", name=f"Invented area {count}", region="London"
        )
        partners = [
            Partner.objects.create(
                area=area, sector=sector, name=f"Partner {place}", opened_on=today
            )
            for place, sector in enumerate(ROOMY)
        ]
        assessment = Assessment.objects.create(
            area=area,
            framework=framework,
            purpose=Assessment.Purpose.BASELINE,
            title="Benchmark",
            stage=Assessment.Stage.SCORING,
            scoring_closes_on=today,
            moderation_on=today,
            sign_off_by=today,
            started_by=lead,
        )
        answer_all(assessment, partners, lead)
        now = timezone.now()
        Assessment.objects.filter(pk=assessment.pk).update(
            stage=Assessment.Stage.MODERATION, revealed_at=now, revealed_by=lead
        )
    for role in (Role.LEAD, Role.BOARD):
        Membership.objects.create(user=lead, role=role, area=area, partner=partners[0])
    assessment.refresh_from_db()
    # A server that has run for a minute knows its tables; one just filled plans blindly.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return assessment


def add_submitted_areas(number: int) -> None:
    """As `add_areas`, each submitted, with its snapshot and without its PDF."""
    add_areas(number)
    now = timezone.now()
    for assessment in Assessment.objects.filter(area__dfe_code__startswith="B"):
        Assessment.objects.filter(pk=assessment.pk).update(
            stage=Assessment.Stage.SUBMITTED, submitted_at=now, submitted_by=assessment.started_by,
            submit_reason="Everyone signed on paper.",
        )  # fmt: skip
        assessment.refresh_from_db()
        freeze(assessment)


def add_waiting_areas(number: int) -> None:
    """Invented areas that score, half done, and close in three days: six partners, a person for
    each, and a lead."""
    framework = Framework.objects.current()
    assert framework is not None
    today = timezone.localdate()
    for count in range(number):
        area = Area.objects.create(
            dfe_code=f"R{count:02X}", name=f"Waiting area {count}", region="London"
        )
        partners = Partner.objects.bulk_create(
            Partner(area=area, sector=sector, name=f"Partner {place}", opened_on=today)
            for place, sector in enumerate(list(dict.fromkeys(ROOMY))[:6])
        )
        lead, *people = User.objects.bulk_create(
            User(email=f"waiting{count}-{place}@area.example", name=f"Person {place}")
            for place in range(len(partners) + 1)
        )
        Membership.objects.create(user=lead, role=Role.LEAD, area=area)
        Membership.objects.bulk_create(
            Membership(user=person, role=Role.CONTRIBUTOR, area=area, partner=partner)
            for person, partner in zip(people, partners, strict=True)
        )
        assessment = Assessment.objects.create(
            area=area,
            framework=framework,
            purpose=Assessment.Purpose.BASELINE,
            title="Benchmark",
            stage=Assessment.Stage.SCORING,
            scoring_closes_on=today + timedelta(days=3),
            moderation_on=today + timedelta(days=9),
            sign_off_by=today + timedelta(days=20),
            started_at=timezone.now() - timedelta(days=18),
            started_by=lead,
        )
        half_answer(PartnerReturn.objects.bulk_create(build_returns(assessment, partners)), lead)


def half_answer(returns: list[PartnerReturn], by: User) -> None:
    Score.objects.bulk_create(
        Score(partner_return=row, statement=statement, answer="2", saved_by=by)
        for row in returns
        for statement in row.assessment.statements_for(row.sector)[::2]
    )


def add_history(area: Area, number: int) -> None:
    """So many acts, a third of them in this area and most of these a partner's own scores."""
    partners = list(Partner.objects.filter(area=area).values_list("pk", flat=True))
    assessments = list(Assessment.objects.filter(area=area).values_list("pk", flat=True))
    now, verbs = timezone.now(), ("score.save", "score.save", "agreed.save", "evidence.add")
    for start in range(0, number, 10_000):
        AuditEvent.objects.bulk_create(
            AuditEvent(
                at=now - timedelta(minutes=place),
                verb=verbs[place % 4],
                sentence=f"Person {place % 50} did what people do, for the {place}th time",
                audience=Audience.PARTNER if place % 4 < 2 else Audience.AREA,
                actor_id=place % 50 + 1,
                actor_name=f"Person {place % 50}",
                area_id=area.pk if place % 3 == 0 else -(place % 153) - 1,
                assessment_id=assessments[place % len(assessments)] if place % 3 == 0 else -1,
                partner_id=partners[place % len(partners)] if place % 3 == 0 else -1,
                statement="leadership-stability" if place % 40 == 0 else "another-statement",
            )
            for place in range(start, start + 10_000)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def answer_all(assessment: Assessment, partners: list[Partner], lead: User) -> None:
    returns = PartnerReturn.objects.bulk_create(build_returns(assessment, partners))
    now = timezone.now()
    scores = []
    for place, row in enumerate(returns):
        for number, statement in enumerate(assessment.statements_for(row.sector)):
            level = str(1 + (place * 7 + number * 3) % 4)
            scores.append(
                Score(
                    partner_return=row,
                    statement=statement,
                    answer=level,
                    reason="What we see in our own records of the last twelve months." * 3,
                    saved_by=lead,
                )
            )
    Score.objects.bulk_create(scores, batch_size=2000)
    PartnerReturn.objects.filter(assessment=assessment).update(submitted_at=now, submitted_by=lead)
    AgreedScore.objects.bulk_create(
        AgreedScore(
            assessment=assessment,
            statement=statement,
            answer=str(1 + number % 3),
            rationale="What the meeting said about it, in two sentences. They were read out again.",
            saved_by=lead,
        )
        for number, statement in enumerate(assessment.content.all_statements)
        if number % 2
    )
