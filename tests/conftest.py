from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta

# Playwright runs an event loop in this thread, and Django then refuses to touch the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from areas.models import Area, Partner, Sector, User
from areas.permissions import Role
from assessments.actions.assessments import build_returns
from assessments.models import Assessment, PartnerReturn, Score
from assessments.reports.facts import revealed_scores
from ingredients.actions import load_framework, publish
from ingredients.models import (
    Framework,
    FrameworkSource,
    Ingredient,
    LevelDescriptor,
    Measure,
    SourcePoint,
    Statement,
)
from ingredients.models.framework import forget_published
from send_portal import mail
from send_portal.models import Mail
from send_portal.pdf import kept_pdf
from tests import factories


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What reads no database says the same on both; in a browser, measuring every line takes
    minutes and finds no line that smaller tests do not run."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker("no_cover")
        fixtures = getattr(item, "fixturenames", ())
        if not ({"db", "transactional_db"} & set(fixtures) or item.get_closest_marker("django_db")):
            item.add_marker("once")


@contextmanager
def unmeasured() -> Iterator[None]:
    """In a worker of xdist three measurements of coverage lie on top of each other, and pytest-cov's
    `no_cover` stops the uppermost alone, which lets the next go on. This stops them all."""
    here, in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        sys.settrace(here)
        threading.settrace(in_threads)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    with unmeasured() if item.get_closest_marker("no_cover") else nullcontext():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> Generator[None]:
    """Migrations are not measured, and take twice as long where it is tried."""
    with unmeasured() if fixturedef.argname == "django_db_setup" else nullcontext():
        return (yield)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for rubbish takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """A connection that a thread left behind is closed with the rubbish. Open, it would keep the
    test database from being removed after the last test."""
    if nextitem is None:
        gc.collect()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A browser that keeps its connection keeps a thread of the server, and that one its own to
    the database, which could then not be removed."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def _forget_published():
    """Tests roll the database back under the process, so it must not keep framework rows."""
    forget_published()
    revealed_scores.cache_clear()
    yield
    forget_published()


@pytest.fixture
def no_kept_pdf() -> None:
    """A PDF that was made for an equal page, also in another test, would be given again."""
    kept_pdf.cache_clear()


@pytest.fixture
def letters(db, mailoutbox) -> Callable[[], list[EmailMessage]]:
    """Does the worker's part, then gives all mail that has left."""

    def post() -> list[EmailMessage]:
        now = timezone.now()
        for waiting in Mail.objects.due(now):
            mail.send(waiting.pk, now)
        return mailoutbox

    return post


# Rows as they were loaded, by model.
Rows = list[tuple[type[models.Model], list[models.Model]]]


def load_once(kept: Rows, kinds: list[type[models.Model]], load: Callable[[], object]) -> None:
    """Loads rows of these models from their files, and the next time copies them from `kept`:
    reading the files takes a tenth of a second, which two thousand tests need not pay each."""
    if kept:
        for model, rows in kept:
            models.QuerySet(model).bulk_create(copy(row) for row in rows)
    else:
        load()
        kept.extend((model, list(model._base_manager.all())) for model in kinds)


DRAFT: Rows = []
OF_FRAMEWORK: list[type[models.Model]] = [
    Framework, FrameworkSource, SourcePoint, Ingredient, Statement, LevelDescriptor, Measure,
]  # fmt: skip


@pytest.fixture
def framework(db) -> Framework:
    """The real framework, published."""
    folder = settings.FIXTURES / "framework" / "1"
    load_once(DRAFT, OF_FRAMEWORK, lambda: load_framework(folder=folder))
    found = Framework.objects.get()
    publish(framework=found)
    return found


SIX = [
    Sector.LOCAL_AUTHORITY,
    Sector.HEALTH,
    Sector.SOCIAL_CARE,
    Sector.SCHOOLS,
    Sector.PARENT_CARERS,
    Sector.YOUNG_PEOPLE,
]


@dataclass
class Partnership:
    """An area with partners and a person for every role, and its assessment.

    `people` holds lead (who also scores for the council), one contributor and one board member
    for each partner by sector (`health`, `health_board`), and viewer.
    """

    area: Area
    partners: dict[str, Partner]
    people: dict[str, User]
    assessment: Assessment
    returns: dict[str, PartnerReturn] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        client = Client()
        client.force_login(self.people[who])
        return client

    @property
    def statements(self) -> list[Statement]:
        return self.assessment.content.all_statements

    def statement(self, slug: str) -> Statement:
        return self.assessment.content.statement_by_slug[slug]

    def answer(self, sector: str, levels: dict[str, str] | str, reason: str = "") -> None:
        """Answers for one partner: one answer for every statement it is asked, or by slug."""
        row = self.returns[sector]
        asked = self.assessment.statements_for(row.sector)
        if isinstance(levels, str):
            levels = {statement.slug: levels for statement in asked}
        Score.objects.bulk_create(
            Score(
                partner_return=row,
                statement=self.statement(slug),
                answer=answer,
                reason=reason or ("It does not fit us." if answer == "not_applicable" else ""),
                saved_by=self.people["lead"],
            )
            for slug, answer in levels.items()
        )

    def mark_submitted(self, *sectors: str) -> None:
        for sector in sectors or self.returns:
            PartnerReturn.objects.filter(pk=self.returns[sector].pk).update(
                submitted_at=timezone.now(), submitted_by=self.people["lead"]
            )
            self.returns[sector].refresh_from_db()

    def move_to(self, stage: str) -> None:
        """Set the stage as the actions would, with the moments that belong to it."""
        now, lead = timezone.now(), self.people["lead"]
        values = {"stage": stage, "revealed_at": now, "revealed_by": lead}
        if stage == Assessment.Stage.SUBMITTED:
            values |= {"submitted_at": now, "submitted_by": lead}
        Assessment.objects.filter(pk=self.assessment.pk).update(**values)
        self.assessment.refresh_from_db()

    def reveal(self, levels: dict[str, str] | None = None) -> None:
        """All partners answer (2 unless `levels` says otherwise by sector), submit, and see all."""
        for sector in self.returns:
            if not Score.objects.filter(partner_return=self.returns[sector]).exists():
                self.answer(sector, (levels or {}).get(sector, "2"))
        self.mark_submitted()
        self.move_to(Assessment.Stage.MODERATION)


def make_partnership(name: str = "Moorland", sectors: list[Sector] | None = None) -> Partnership:
    area = factories.AreaFactory(name=name)
    lead = factories.UserFactory(name=f"{name} Lead", job_title="Head of SEND")
    people = {"lead": lead}
    partners = {}
    for sector in sectors or SIX:
        partner = factories.PartnerFactory(area=area, sector=sector, name=f"{name} {sector.label}")
        partners[sector.value] = partner
        for role, key in ((Role.CONTRIBUTOR, sector.value), (Role.BOARD, f"{sector.value}_board")):
            person = factories.UserFactory(name=f"{name} {sector.label} {role.label}")
            factories.MembershipFactory(user=person, role=role, area=area, partner=partner)
            people[key] = person
    council = partners[Sector.LOCAL_AUTHORITY.value]
    factories.MembershipFactory(user=lead, role=Role.LEAD, area=area, partner=council)
    people["viewer"] = factories.UserFactory(name=f"{name} Viewer")
    factories.MembershipFactory(user=people["viewer"], role=Role.VIEWER, area=area)
    today = timezone.localdate()
    assessment = factories.AssessmentFactory(
        area=area,
        title="Autumn assessment",
        scoring_closes_on=today + timedelta(days=10),
        moderation_on=today + timedelta(days=20),
        sign_off_by=today + timedelta(days=30),
        started_by=lead,
    )
    returns = PartnerReturn.objects.bulk_create(build_returns(assessment, list(partners.values())))
    return Partnership(area, partners, people, assessment, {row.sector: row for row in returns})


@pytest.fixture
def partnership(framework) -> Partnership:
    """Six partners, scoring, nothing answered yet."""
    return make_partnership()


@pytest.fixture
def other_partnership(framework) -> Partnership:
    """Another area, for what must not cross."""
    return make_partnership("Fenland")


@pytest.fixture
def programme(db) -> User:
    user = factories.UserFactory(name="Programme Person")
    factories.MembershipFactory(user=user, role=Role.PROGRAMME, area=None)
    return user


@pytest.fixture
def editor(db) -> User:
    user = factories.UserFactory(name="Content Editor", is_staff=True)
    factories.MembershipFactory(user=user, role=Role.EDITOR, area=None)
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
