"""Many partners score at once: does every answer arrive, and how long does it take?

Starts gunicorn as in real use on the database of DATABASE_URL. Each contributor opens a
statement, thinks, saves an answer, thinks, opens the next: the think time stands between any two
requests of a person. Afterwards every row is compared with what was acknowledged.

    DURABLE=1 .ci/postgres .venv/bin/python -m benchmarks.load --areas 150
    DATABASE_URL=sqlite:////tmp/load.sqlite3 .venv/bin/python -m benchmarks.load --areas 8 --partners 5
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_portal.settings")
os.environ.setdefault("SECRET_KEY", "only-for-the-benchmark")
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1")
os.environ.setdefault("HTTPS", "0")
os.environ.setdefault("STATIC_ROOT", tempfile.mkdtemp())

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from areas.models import Area, Membership, Partner, Sector, User
from areas.permissions import Role
from assessments.actions.assessments import build_returns
from assessments.models import Assessment, PartnerReturn, Score
from ingredients.models import Framework

SIX = ("local_authority", "health", "social_care", "schools", "parent_carers", "young_people")
MOST_P95 = 0.3  # seconds
HOST, PORT = "127.0.0.1", 8765
CSRF = "a" * 32
HEAD = "Host: 127.0.0.1\r\nConnection: keep-alive\r\nAccept-Encoding: gzip\r\n"
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class Contributor:
    """One person scoring for one partner: what was acknowledged, by statement."""

    return_id: int
    assessment_id: int
    cookie: str
    slugs: list[str]
    kept: dict[str, tuple[str, str, int]] = field(default_factory=dict)


def seed(areas: int, partners: int) -> list[Contributor]:
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    call_command("load_framework", settings.FIXTURES / "framework" / "1", verbosity=0)
    framework = Framework.objects.current()
    assert framework is not None
    found = []
    for number in range(areas):
        found += seed_area(framework, number, partners)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return found


def seed_area(framework: Framework, number: int, partners: int) -> list[Contributor]:
    today = timezone.localdate()
    area = Area.objects.create(dfe_code=f"{number:03d}", name=f"Invented {number}", region="London")
    rows = [
        Partner.objects.create(area=area, sector=Sector(s), name=f"{s} {number}", opened_on=today)
        for s in SIX[:partners]
    ]
    people = [
        User.objects.create(email=f"p{number}-{place}@area.example", name=f"Person {place}")
        for place in range(partners)
    ]
    assessment = Assessment.objects.create(
        area=area, framework=framework, purpose=Assessment.Purpose.BASELINE, title="Load",
        stage=Assessment.Stage.SCORING, scoring_closes_on=today, moderation_on=today,
        sign_off_by=today, started_by=people[0],
    )  # fmt: skip
    returns = PartnerReturn.objects.bulk_create(build_returns(assessment, rows))
    for person, partner in zip(people, rows, strict=True):
        Membership.objects.create(user=person, role=Role.CONTRIBUTOR, area=area, partner=partner)
    return [
        Contributor(
            row.pk, assessment.pk, session_of(person),
            [s.slug for s in assessment.statements_for(row.sector)],
        )
        for row, person in zip(returns, people, strict=True)
    ]  # fmt: skip


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


class Load:
    def __init__(self, people: list[Contributor], *, think: float, seconds: float) -> None:
        self.people, self.think, self.seconds = people, think, seconds
        self.looked: list[float] = []
        self.saved: list[float] = []
        self.faults: list[str] = []

    async def run(self) -> None:
        self.ends = time.monotonic() + self.seconds
        await asyncio.gather(*(self.score(person) for person in self.people))

    async def score(self, who: Contributor) -> None:
        """Opens a statement, thinks, saves it, thinks, opens the next."""
        await asyncio.sleep(random.uniform(0, 2 * self.think))
        reader, writer = await asyncio.open_connection(HOST, PORT)
        place = 0
        while time.monotonic() < self.ends:
            slug = who.slugs[place % len(who.slugs)]
            url = f"/assessments/{who.assessment_id}/returns/{who.return_id}/{slug}/"
            status, took = await self.ask(reader, writer, f"GET {url}", who, "")
            self.looked.append(took)
            if status != 200:
                self.faults.append(f"GET {status} {url}")
            await self.pause()
            await self.save(reader, writer, who, slug, url)
            await self.pause()
            place += 1
        writer.close()

    async def pause(self) -> None:
        await asyncio.sleep(random.uniform(0.5, 1.5) * self.think)

    async def save(self, reader, writer, who: Contributor, slug: str, url: str) -> None:  # type: ignore[no-untyped-def]
        version = who.kept.get(slug, ("", "", 0))[2]
        answer = str(random.randint(1, 4))
        reason = f"Return {who.return_id}, {slug}, save {version + 1}. We looked at our records."
        body = urlencode({"version": version, "answer": answer, "reason": reason, "then": "next"})
        status, took = await self.ask(reader, writer, f"POST {url}", who, body)
        self.saved.append(took)
        if status == 302:
            who.kept[slug] = (answer, reason, version + 1)
        else:
            self.faults.append(f"POST {status} {url}")

    async def ask(
        self, reader, writer, line: str, who: Contributor, body: str
    ) -> tuple[int, float]:  # type: ignore[no-untyped-def]
        start = time.perf_counter()
        form = (
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            if body
            else ""
        )
        writer.write(
            f"{line} HTTP/1.1\r\n{HEAD}Cookie: sessionid={who.cookie}; csrftoken={CSRF}\r\n"
            f"X-CSRFToken: {CSRF}\r\n{form}\r\n{body}".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        if length:
            await reader.readexactly(int(length[1]))
        return int(head[9:12]), time.perf_counter() - start


def lost_or_mixed(people: list[Contributor]) -> list[str]:
    """Every acknowledged answer against its row, and every row against an acknowledged answer."""
    rows = {
        (return_id, slug): (answer, reason, version)
        for return_id, slug, answer, reason, version in Score.objects.values_list(
            "partner_return_id", "statement__slug", "answer", "reason", "version"
        )
    }
    kept = {(who.return_id, slug): value for who in people for slug, value in who.kept.items()}
    return [f"{key}: {rows.get(key)} is not {kept.get(key)}" for key in rows.keys() | kept.keys()
            if rows.get(key) != kept.get(key)]  # fmt: skip


def line(name: str, times: list[float]) -> bool:
    """Whether the bar is met."""
    ordered = sorted(times)
    p95 = ordered[int(0.95 * len(ordered))]
    ok = p95 <= MOST_P95
    print(
        f"{name:<28}{1e3 * statistics.median(ordered):>9.0f}{1e3 * p95:>9.0f}{1e3 * ordered[-1]:>9.0f}"
        f"   p95 <= {1e3 * MOST_P95:.0f} ms {'ok' if ok else 'MISSED'}"
    )
    return ok


def serve(workers: int) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "gunicorn", "send_portal.wsgi", "--bind", f"{HOST}:{PORT}",
        "--worker-class", "gthread", "--workers", str(workers), "--threads", "4",
        "--no-control-socket", "--keep-alive", "75", "--worker-connections", "4000",
        "--log-level", "warning",
    ]  # fmt: skip
    server = subprocess.Popen(command)
    time.sleep(4)
    return server


def told(load: Load, took: float, wrong: list[str]) -> bool:
    """Whether every bar is met."""
    print(f"{'ms':<28}{'median':>9}{'p95':>9}{'worst':>9}")
    quick = [line("open a statement", load.looked), line("save an answer", load.saved)]
    print(f"{(len(load.looked) + len(load.saved)) / took:.0f} requests a second, {len(load.saved)} saves, "
          f"{len(load.faults)} errors, {len(wrong)} lost or mixed answers")  # fmt: skip
    for fault in [*load.faults[:5], *wrong[:5]]:
        print("  ", fault)
    return all(quick) and not load.faults and not wrong


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--areas", type=int, default=150)
    given.add_argument("--partners", type=int, default=6)
    given.add_argument("--think", type=float, default=5)
    given.add_argument("--seconds", type=float, default=60)
    given.add_argument("--workers", type=int, default=2)
    options = given.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    people = seed(options.areas, options.partners)
    vendor = connection.vendor
    connections.close_all()
    server = serve(options.workers)
    load = Load(people, think=options.think, seconds=options.seconds)
    start = time.monotonic()
    try:
        asyncio.run(load.run())
    finally:
        took = time.monotonic() - start
        server.terminate()
        server.wait()
    print(f"{vendor}: {len(people)} contributors, think time {options.think:g} s, "
          f"{options.workers} workers on {os.cpu_count()} cores")  # fmt: skip
    wrong = lost_or_mixed(people)
    sys.exit(not told(load, took, wrong))


if __name__ == "__main__":
    main()
