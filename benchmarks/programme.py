"""The pages of DfE programme staff on the 153 areas of England with twelve submitted assessments
and check-ins each, of eight partners: about 470,000 invented scores, in a database that is thrown away.

`make bench BENCH_ARGS=programme`. What is compared comes from the portal's own code: facts are
gathered from the rows and pictures worked out of them. A second round has ten times the history.
"""

from __future__ import annotations

import argparse
import gzip
import os
import resource
import sys
import tempfile
import time
from datetime import date, timedelta

# As it runs for people.
os.environ["DEBUG"] = "0"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_portal.settings")
os.environ.setdefault("SECRET_KEY", "only-for-the-benchmark")
os.environ.setdefault("ALLOWED_HOSTS", "testserver")
os.environ.setdefault("HTTPS", "0")
os.environ.setdefault("STATIC_ROOT", tempfile.mkdtemp())

from benchmarks.run import FAILED, client_of, fact, got, line, measure  # isort: skip

from django.db import connection, models
from django.test import Client
from django.utils import timezone

from areas.actions.tokens import create_token
from areas.models import Area, Membership, Partner, Sector, User
from areas.permissions import Role
from assessments import readiness
from assessments.actions.assessments import build_returns
from assessments.api import tokens
from assessments.models import (
    Assessment,
    CheckIn,
    CheckInPriority,
    PartnerReturn,
    ProgrammeRecord,
    SectorGap,
    StoredReport,
    SubmittedAnswer,
    SubmittedLevel,
    SubmittedPicture,
    SupportRequest,
)
from assessments.reports.comparison import newest
from assessments.reports.facts import canonical, fingerprint, gather
from assessments.reports.pictures import keep_pictures
from benchmarks.data import seed
from ingredients.models import Framework, SupportPackage

CYCLES, TIMES = 12, 10
EIGHT = [*list(Sector)[:7], Sector.HEALTH]
CHUNK = 102
GRID, FILES = (50, 8), (1500, 12)
# No bar is set for trends, which read twelve days: twice that of the one day of the grid.
TRENDS = (100, 8)
# No bar is set for the API either. Four of its queries count how often the token is used.
LISTS = (100, 10)
# One area: the newest twelve reports, actions, notes; or beside groups of others.
AREA = (50, 15)
# Nor for the queue, in which each area writes several sentences.
QUEUE = (100, 8)
GROWTH, MEMORY, WEIGHT = 1.5, 100, 10

# Levels from a fixed recipe: most are 2 or 3, and they rise with the cycle.
SCORES = """
INSERT INTO assessments_score (partner_return_id, statement_id, answer, reason, version, saved_at, saved_by_id)
SELECT r.id, s.id, (1 + (r.id * 7 + s.id * 3 + a.id / 5) %% 4)::text, '', 1, now(), %(by)s
FROM assessments_partnerreturn r JOIN assessments_assessment a ON a.id = r.assessment_id
CROSS JOIN ingredients_statement s WHERE a.title = 'Benchmark'
  AND (s.families_can_score OR r.sector NOT IN ('parent_carers', 'young_people'))
"""
AGREED = """
INSERT INTO assessments_agreedscore
  (assessment_id, statement_id, answer, rationale, outside_reason, version, saved_at, saved_by_id)
SELECT a.id, s.id, CASE WHEN (a.id * 31 + s.id * 17) %% 97 = 0 THEN 'not_agreed'
  ELSE (2 + ((a.id * 13 + s.id * 29 + a.area_id * 7) %% 11) / 5 - ((a.id + s.id * 5) %% 23 = 0)::int)::text END,
  'What the meeting said about it.', 'Why.', 1, now(), %(by)s
FROM assessments_assessment a CROSS JOIN ingredients_statement s WHERE a.title = 'Benchmark'
"""
EVIDENCE = """
INSERT INTO assessments_evidencelink (assessment_id, statement_id, evidence_id, linked_at, linked_by_id)
SELECT a.id, s.id, e.id, now(), %(by)s FROM assessments_assessment a
JOIN assessments_evidence e ON e.area_id = a.area_id CROSS JOIN ingredients_statement s
WHERE a.title = 'Benchmark' AND (a.id + s.id) %% 9 > 0
"""


def seed_history() -> None:
    """Twelve submitted assessments in each area, the last of them this month."""
    lead = User.objects.create(email="bench@area.example", name="Bench Lead")
    staff = User.objects.create(email="staff@dfe.example", name="Bench Staff")
    Membership.objects.create(user=staff, role=Role.PROGRAMME)
    areas = list(Area.objects.filter(is_demonstration=False))
    with connection.cursor() as cursor:
        # What is submitted refuses what is written to it here: it is laid as if it always was so.
        cursor.execute("SET session_replication_role = replica")
        partners = _partners(areas)
        assessments = _assessments(areas, lead)
        returns = [
            row for found in assessments for row in build_returns(found, partners[found.area_id])
        ]
        now = timezone.now()
        for row in returns:
            row.submitted_at, row.submitted_by = now, lead
        models.QuerySet(PartnerReturn).bulk_create(returns, batch_size=2000)
        _evidence(areas, lead)
        for sql in (SCORES, AGREED, EVIDENCE):
            cursor.execute(sql, {"by": lead.pk})
        _check_ins(assessments[: len(areas)], lead, staff, range(CYCLES))
        _to_come(assessments[: len(areas)], lead, staff)
        cursor.execute("SET session_replication_role = DEFAULT")
    _freeze(assessments)
    _ask(areas, lead)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _partners(areas: list[Area]) -> dict[int, list[Partner]]:
    found: dict[int, list[Partner]] = {area.pk: [] for area in areas}
    for row in Partner.objects.bulk_create(
        Partner(area=area, sector=sector, name=f"Partner {place}", opened_on=date(2020, 1, 1))
        for area in areas
        for place, sector in enumerate(EIGHT)
    ):
        found[row.area_id].append(row)
    return found


def _assessments(areas: list[Area], lead: User) -> list[Assessment]:
    framework = Framework.objects.current()
    now = timezone.now()
    made = []
    for cycle in range(CYCLES):
        for place, area in enumerate(areas):
            moment = now - timedelta(days=90 * (CYCLES - 1 - cycle) + place % 28)
            made.append(
                Assessment(
                    area=area, framework=framework, purpose="check_in", title="Benchmark",
                    stage="submitted", scoring_closes_on=moment.date(), moderation_on=moment.date(),
                    sign_off_by=moment.date(), started_by=lead, started_at=moment,
                    revealed_at=moment, revealed_by=lead, submitted_at=moment, submitted_by=lead,
                    submit_reason="Everyone signed on paper.",
                    # Two areas of three let DfE see each partner's scores.
                    dfe_sees_partners=bool(place % 3),
                )
            )  # fmt: skip
    return models.QuerySet(Assessment).bulk_create(made, batch_size=500)


def _evidence(areas: list[Area], lead: User) -> None:
    from assessments.models import Evidence

    models.QuerySet(Evidence).bulk_create(
        Evidence(
            area=area, owner=Partner.objects.filter(area=area)[0], title="Minutes", kind="minutes",
            address="https://documents.example/minutes", shows="It.", added_by=lead, saved_by=lead,
        )
        for area in areas
    )  # fmt: skip


def _check_ins(baselines: list[Assessment], lead: User, staff: User, quarters: range) -> None:
    """One of each area in each of these quarters before now, agreed by both, on six priorities."""
    now = timezone.now()
    made = models.QuerySet(CheckIn).bulk_create(
        (
            CheckIn(
                area=row.area, baseline=row, kind="dfe", planned_by=lead, saved_by=lead,
                on=(moment := now - timedelta(days=90 * back + 30 + place % 28)).date(),
                planned_at=moment - timedelta(days=60), area_agreed_at=moment, area_agreed_by=lead,
                programme_agreed_at=moment, programme_agreed_by=staff, closed_at=moment, facts={},
            )
            for back in quarters for place, row in enumerate(baselines)
        ), batch_size=2000,
    )  # fmt: skip
    statements = Framework.objects.current().all_statements[:6]
    models.QuerySet(CheckInPriority).bulk_create(
        (
            CheckInPriority(
                check_in=row, statement=statement, order=order, saved_by=lead,
                blocker="What is in the way, in a sentence as people write them.",
            )
            for row in made for order, statement in enumerate(statements, start=1)
        ), batch_size=2000,
    )  # fmt: skip
    models.QuerySet(ProgrammeRecord).bulk_create(
        (ProgrammeRecord(check_in=row, owner=staff, saved_by=staff) for row in made),
        batch_size=2000,
    )


def _to_come(baselines: list[Assessment], lead: User, staff: User) -> None:
    """One to come of each area, and of every third one more that waits for DfE."""
    today, now = timezone.localdate(), timezone.now()
    made = models.QuerySet(CheckIn).bulk_create(
        CheckIn(
            area=row.area, baseline=row, kind="dfe", planned_by=lead, saved_by=lead,
            on=today + timedelta(days=(-20 if waits else place % 60 - 9)),
            area_agreed_at=now if waits else None, area_agreed_by=lead if waits else None,
        )
        for place, row in enumerate(baselines) for waits in ((False, True) if place % 3 == 0 else (False,))
    )  # fmt: skip
    models.QuerySet(ProgrammeRecord).bulk_create(
        ProgrammeRecord(
            check_in=row, owner=staff, saved_by=staff, blocker="In the way.", next_step="Ring them.",
            next_on=today,
        )
        for row in made
    )  # fmt: skip


def _ask(areas: list[Area], lead: User) -> None:
    """Two packages for each area."""
    packages = list(SupportPackage.objects.all())
    SupportRequest.objects.bulk_create(
        SupportRequest(
            area=area, package=packages[(place + more) % len(packages)], why="Why.", asked_by=lead
        )
        for place, area in enumerate(areas)
        for more in (0, 7)
    )


def _freeze(assessments: list[Assessment]) -> None:
    start = time.perf_counter()
    for place in range(0, len(assessments), CHUNK):
        stored = []
        for row in assessments[place : place + CHUNK]:
            text = canonical(gather(row))
            stored.append(
                StoredReport(
                    assessment=row, facts=text, sha256=fingerprint(text),
                    rule_version=readiness.RULE_VERSION,
                )
            )  # fmt: skip
        keep_pictures(models.QuerySet(StoredReport).bulk_create(stored))
    seconds = time.perf_counter() - start
    print(f"{len(assessments)} reports frozen and their pictures kept in {seconds:.0f} s")


def multiply() -> None:
    """Nine more histories before the one there is: assessments and what is compared of them. The
    scores of partners, which no page here reads, are not copied."""
    offset = Assessment.objects.order_by("-pk")[0].pk
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for round_ in range(1, TIMES):
            days, by = 90 * CYCLES * round_, offset * round_
            for model, keys in COPIED:
                _copy(cursor, model, keys, by, days)
        lead, staff = (User.objects.get(email__startswith=who) for who in ("bench@", "staff@"))
        baselines = list(Assessment.objects.filter(check_ins__isnull=False).distinct())
        _check_ins(baselines, lead, staff, range(CYCLES, CYCLES * TIMES))
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")


COPIED = [
    (Assessment, {"id", "submitted_at", "started_at", "revealed_at"}),
    (SubmittedPicture, {"assessment_id", "submitted_on"}),
    (SubmittedLevel, {"picture_id"}),
    (SubmittedAnswer, {"picture_id"}),
    (SectorGap, {"picture_id"}),
]


def _copy(cursor, model, keys: set[str], by: int, days: int) -> None:
    meta = model._meta  # noqa: SLF001
    columns = [
        field.column for field in meta.concrete_fields
        if field.column != "id" or "id" in keys
    ]  # fmt: skip
    said = [
        f"{name} - interval '{days} days'" if name in keys and name.endswith(("_at", "_on"))
        else f"{name} + {by}" if name in keys else name
        for name in columns
    ]  # fmt: skip
    first = {"id", "assessment_id", "picture_id"} & keys
    cursor.execute(
        f"INSERT INTO {meta.db_table} ({', '.join(columns)}) SELECT {', '.join(said)} "
        f"FROM {meta.db_table} WHERE {first.pop()} IN (SELECT assessment_id FROM assessments_storedreport)"
    )


def measured(client, program, base: float, label: str) -> dict[str, float]:
    """Median of each page and each list, after its line is printed."""
    found = {}
    for name, url, bar, runs in [*PAGES, *API]:
        who = program if url.startswith("/api/") else client
        result = measure(got(who, url), runs=runs, warm=3)
        line(f"{name} ({label})", *result, bar, base)
        found[name] = result[0]
    return found


PAGES = [
    ("grid", "/programme/", GRID, 40),
    ("grid, filtered", "/programme/?region=London&ingredient=workforce&level=2&mark=contested", GRID, 20),
    ("grid, neighbours of an area", "/programme/?similar=202", GRID, 20),
    ("grid, ordered by an ingredient", "/programme/?sort=workforce", GRID, 20),
    ("grid a year ago", f"/programme/?as_at_day=1&as_at_month=1&as_at_year={timezone.localdate().year}", GRID, 20),
    ("grid, overdue check-ins", "/programme/?mark=overdue&sort=last-check-in", GRID, 20),
    ("check-in queue", "/programme/check-ins/", QUEUE, 20),
    ("distributions", "/programme/distributions/", GRID, 20),
    ("one area", "/programme/areas/202/", AREA, 20),
    ("one area beside others", "/programme/areas/202/beside/", AREA, 20),
    ("trends, twelve terms", "/programme/trends/", TRENDS, 20),
    ("distributions, one region", "/programme/distributions/?region=London", GRID, 20),
    ("sector gaps", "/programme/sector-gaps/", GRID, 20),
    ("support that areas ask for", "/programme/support/", GRID, 20),
    ("grid as Excel, four pictures of 32 statements", "/programme.xlsx", FILES, 7),
    ("grid as CSV", "/programme.csv", FILES, 7),
    ("grid as JSON", "/programme.json", FILES, 7),
    ("grid as statistics", "/programme/statistics.zip", FILES, 7),
]  # fmt: skip


API = [
    ("API, 100 areas", "/api/v1/areas/?limit=100", LISTS, 20),
    ("API, 100 assessments", "/api/v1/assessments/?limit=100", LISTS, 20),
    ("API, 100 levels", "/api/v1/levels/?limit=100", LISTS, 20),
    ("API, levels of one area in a year", f"/api/v1/levels/?area=202&since={timezone.localdate().year - 1}-01-01", LISTS, 20),
]  # fmt: skip


def reader(email: str) -> Client:
    """A program that reads with the token of this person, as often as it likes."""
    tokens.MOST_PER_MINUTE = 10**6
    token = create_token(name="Benchmark", by=User.objects.get(email=email))
    return Client(headers={"Authorization": f"Bearer {token}"})


def explained() -> None:
    """How PostgreSQL finds each area's newest picture: it must not read the whole table."""
    framework = Framework.objects.current()
    one = newest(framework, timezone.localdate()).values("pk")
    areas = Area.objects.annotate(now=models.Subquery(one[:1]), then=models.Subquery(one[1:2]))
    plan = areas.explain(analyze=True)
    print(*(row for row in plan.splitlines() if "Index" in row or "Seq" in row or "Time" in row), sep="\n")  # fmt: skip
    fact("  pictures read one after the other", plan.count("Seq Scan on assessments_submittedpicture"), "times", 0)  # fmt: skip


def memory_of_excel(client) -> float:
    """MB that one workbook needs at its most, beyond what Python held before."""
    import tracemalloc

    tracemalloc.start()
    got(client, "/programme.xlsx")(None)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="without ten times the history")
    options = parser.parse_args()
    seed()
    seed_history()
    base = measure(got(client_of("bench@area.example"), "/"))[0]
    counts = [model.objects.count() for model in (SubmittedPicture, SubmittedAnswer)]
    print(f"{connection.vendor}, {os.cpu_count()} cores. {counts[0]} pictures, {counts[1]} answers. A page without areas: {base:.1f} ms")  # fmt: skip
    client, program = client_of("staff@dfe.example"), reader("staff@dfe.example")
    before = measured(client, program, base, "12 each")
    fact("Excel, most memory", memory_of_excel(client), "MB", MEMORY)
    page = client.get("/programme/").content
    fact("grid of 153 areas, gzipped", len(gzip.compress(page, 6)) / 1024, "KB", WEIGHT)
    print(
        f"  peak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )
    explained()
    if not options.once:
        multiply()
        after = measured(client, program, base, "120 each")
        explained()
        for name, median in after.items():
            fact(f"growth: {name}", median / before[name], "times", GROWTH)
    if FAILED:
        print(f"\n{len(FAILED)} bars missed: {', '.join(FAILED)}")
    sys.exit(bool(FAILED))


if __name__ == "__main__":
    main()
