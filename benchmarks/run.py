"""`make bench`: the speed bars of the parts that exist, on a database of its own.

Server time is the time in this process around one request, DEBUG off, warm. The ratio is
against the plainest signed-in page (a person without areas), measured in the same run.
"""

from __future__ import annotations

import gzip
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

# The portal as it runs for people: DEBUG off, hashed static files, templates kept in memory.
os.environ["DEBUG"] = "0"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_portal.settings")
os.environ.setdefault("SECRET_KEY", "only-for-the-benchmark")
os.environ.setdefault("ALLOWED_HOSTS", "testserver")
os.environ.setdefault("HTTPS", "0")
os.environ.setdefault("STATIC_ROOT", tempfile.mkdtemp())

import django

django.setup()

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from areas.models import Area, User
from assessments.emails.reminders import post_due
from assessments.models import AgreedScore, Assessment, PartnerReturn, Score
from assessments.reports.build import contents_of
from assessments.reports.pdf import report_html, report_pdf
from assessments.tasks import store_report_pdf
from assessments.workbook.build import contents_of as contents_of_return
from assessments.workbook.layout import Saved
from assessments.workbook.write import make_workbook
from benchmarks.data import add_areas, add_history, add_waiting_areas

WARM, RUNS = 5, 60
FAILED: list[str] = []


def measure(
    act: Callable[..., object],
    prepare: Callable[[], object] = lambda: None,
    runs: int = RUNS,
    warm: int = WARM,
) -> tuple[float, float, int]:
    """Median and 95th percentile in milliseconds, and SQL queries of the last run.

    What `prepare` returns is handed to `act`; its own time and queries do not count.
    """
    times, queries = [], 0

    def count(execute, sql, params, many, context):
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    for number in range(warm + runs):
        given = prepare()
        queries = 0
        start = time.perf_counter()
        with connection.execute_wrapper(count):
            act(given)
        if number >= warm:
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), sorted(times)[int(len(times) * 0.95)], queries


def line(
    name: str, median: float, p95: float, queries: int, bar: tuple[float, int], base: float
) -> None:
    most_ms, most_queries = bar
    ok = median <= most_ms and queries <= most_queries
    if not ok:
        FAILED.append(name)
    print(
        f"{name:<46}{median:>9.1f}{p95:>9.1f}{queries:>6}{median / base:>8.1f}"
        f"   <= {most_ms:g} ms, {most_queries} queries {'ok' if ok else 'MISSED'}"
    )


def fact(name: str, value: float, unit: str, most: float) -> None:
    ok = value <= most
    if not ok:
        FAILED.append(name)
    print(f"{name:<46}{value:>9.2f} {unit:<22}   <= {most:g} {unit} {'ok' if ok else 'MISSED'}")


def client_of(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def got(client: Client, url: str) -> Callable[..., object]:
    def act(_: object) -> None:
        response = client.get(url)
        assert response.status_code == 200, (url, response.status_code)
        # What is sent while it is made costs its time only when it is read.
        assert response.getvalue()

    return act


def posted(client: Client, url: str) -> Callable[..., object]:
    def act(data: dict[str, object]) -> None:
        assert client.post(url, data).status_code == 302, url

    return act


def next_score(row: PartnerReturn, slug: str) -> Callable[[], dict[str, object]]:
    statement = row.assessment.content.statement_by_slug[slug]

    def prepare() -> dict[str, object]:
        saved = Score.objects.filter(partner_return=row, statement=statement).first()
        answer = "3" if saved and saved.answer == "2" else "2"
        return {"answer": answer, "reason": "Timed.", "version": saved.version if saved else 0}

    return prepare


def next_agreed(assessment: Assessment, slug: str) -> Callable[[], dict[str, object]]:
    statement = assessment.content.statement_by_slug[slug]

    def prepare() -> dict[str, object]:
        saved = AgreedScore.objects.filter(assessment=assessment, statement=statement).first()
        return {
            "answer": "3" if saved and saved.answer == "2" else "2",
            "rationale": "Timed.",
            "outside_reason": "Timed.",
            "version": saved.version if saved else 0,
        }

    return prepare


def change_one(assessment: Assessment, slug: str) -> Callable[[], object]:
    """Someone agrees another level in between, so that the report is worked out anew."""
    statement = assessment.content.statement_by_slug[slug]
    rows = AgreedScore.objects.filter(assessment=assessment, statement=statement)

    def prepare() -> None:
        rows.update(rationale=f"Timed {time.monotonic_ns()}")

    return prepare


Row = tuple[str, Callable[..., object], Callable[[], object], tuple[float, int]]
PAGE, HOME = (15, 10), (25, 15)


def scoring_rows(health: Client) -> list[Row]:
    """One partner's pages, in the area that scores."""
    scoring = Assessment.objects.get(stage=Assessment.Stage.SCORING, area__dfe_code="D02")
    row = PartnerReturn.objects.select_related("assessment").get(
        assessment=scoring, sector="health"
    )
    slug = "leadership-stability"
    address = f"/assessments/{scoring.pk}/returns/{row.pk}/{slug}/"
    return [
        ("statement page", got(health, address), nothing, PAGE),
        ("save a score", posted(health, address), next_score(row, slug), PAGE),
    ]


def meeting_rows(lead: Client, moderation: Assessment) -> list[Row]:
    """The lead's pages of one assessment."""
    slug, work = moderation.content.all_statements[5].slug, f"/assessments/{moderation.pk}"
    one, report = f"{work}/moderation/{slug}/", got(lead, f"{work}/report/")
    home = got(lead, f"/areas/{moderation.area.dfe_code}/")
    return [
        ("task list", got(lead, f"{work}/"), nothing, PAGE),
        ("moderation agenda", got(lead, f"{work}/moderation/"), nothing, PAGE),
        ("moderation, one statement", got(lead, one), nothing, PAGE),
        ("save an agreed level", posted(lead, one), next_agreed(moderation, slug), PAGE),
        ("area home", home, nothing, HOME),
        ("draft report page", report, nothing, HOME),
        ("draft report page, just changed", report, change_one(moderation, slug), HOME),
    ]


def nothing() -> None:
    """There is nothing to prepare."""


def pages(
    lead: Client,
    health: Client,
    moderation: Assessment,
    submitted: Assessment,
    base: float,
    label: str,
) -> None:
    """The pages of the work, on one assessment."""
    rows = [*scoring_rows(health), *meeting_rows(lead, moderation)]
    if submitted.area_id == moderation.area_id:
        report = got(lead, f"/assessments/{submitted.pk}/report/")
        rows.append(("submitted report page", report, nothing, HOME))
    for name, act, prepare, bar in rows:
        line(f"{name} ({label})", *measure(act, prepare), bar, base)


def workbooks(health: Client, base: float) -> None:
    """The workbook of one return made, and read back with every answer changed."""
    row = PartnerReturn.objects.select_related("assessment__area").get(
        assessment__stage=Assessment.Stage.SCORING, assessment__area__dfe_code="D02", sector="health"
    )  # fmt: skip
    work, bar = f"/assessments/{row.assessment_id}/returns/{row.pk}", (50, 10)
    contents = contents_of_return(row, address="-")
    answers = tuple(
        replace(line, saved=Saved("3", "What we see in our own records. " * 12))
        for line in contents.lines
    )
    file = make_workbook(replace(contents, lines=answers))

    def preview(_: object) -> None:
        sent = {"workbook": SimpleUploadedFile("scores.xlsx", file)}
        assert health.post(f"{work}/upload/", sent).status_code == 200

    line("workbook made", *measure(got(health, f"{work}/workbook.xlsx")), bar, base)
    line("workbook read and previewed", *measure(preview), bar, base)


def exports(client: Client, assessment: Assessment, base: float, label: str) -> None:
    """The report as files to work on."""
    for kind in ("xlsx", "csv", "json"):
        act = got(client, f"/assessments/{assessment.pk}/report.{kind}")
        line(f"report as {kind} ({label})", *measure(act, runs=20, warm=2), (250, 15), base)


def history(lead: Client, area: Area, submitted: Assessment, base: float) -> None:
    """What happened in an area, and the minutes of a meeting."""
    add_history(area, 200_000)
    bar, address = (25, 10), f"/areas/{area.dfe_code}/history/"
    partner = area.partners.order_by("pk")[0].pk
    filters = {
        "newest": "",
        "a kind": "?kind=moderation",
        "a person": "?person=1",
        "a partner": f"?partner={partner}",
        "an assessment": f"?assessment={submitted.pk}",
        "a statement": "?statement=leadership-stability",
        "days": "?since_day=1&since_month=1&since_year=2020",
    }
    for name, query in filters.items():
        line(f"history, 200,000 acts, {name}", *measure(got(lead, address + query)), bar, base)
    minutes = got(lead, f"/assessments/{submitted.pk}/moderation/minutes/")
    line("minutes of a meeting", *measure(minutes), (25, 15), base)


def reports(lead: Client, submitted: Assessment) -> None:
    html = report_html(contents_of(submitted))
    ours, p95, _ = measure(lambda _: report_pdf(submitted, shows_partners=True), runs=9, warm=2)
    fact("report PDF, warm, median", ours / 1000, "s", 1.0)
    print(f"{'  95th percentile':<46}{p95 / 1000:>9.2f} s")
    chromium = chromium_seconds(html)
    fact("  ours against Chromium printing the same page", ours / 1000 / chromium, "times", 1.0)
    print(f"{'  Chromium, new tab, tagged, median':<46}{chromium:>9.2f} s")
    store_report_pdf.call(submitted.pk)
    stored, _, _ = measure(got(lead, f"/assessments/{submitted.pk}/report.pdf"))
    fact("stored PDF served, median", stored, "ms", 20)
    fact(
        "peak memory of this process",
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "MB",
        200,
    )


def chromium_seconds(html: str) -> float:
    from playwright.sync_api import sync_playwright

    # The same style sheet and fonts, so that both print the same pages.
    sheet = (Path(settings.BASE_DIR) / "static" / "portal" / "report.css").as_uri()
    folder = Path(tempfile.mkdtemp())
    page = folder / "report.html"
    page.write_text(
        html.replace("</head>", f'<link rel="stylesheet" href="{sheet}"></head>'), "utf-8"
    )

    times = []
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or "/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for number in range(9):
            start = time.perf_counter()
            tab = browser.new_page()
            tab.goto(page.as_uri())
            tab.pdf(format="A4", tagged=True, outline=True)
            tab.close()
            if number > 1:
                times.append(time.perf_counter() - start)
        browser.close()
    return statistics.median(times)


def weights(visited: list[tuple[Client, str]]) -> None:
    """Bytes over the wire, gzipped, without fonts."""
    folder = Path(settings.BASE_DIR) / "static" / "portal"
    names = (
        "govuk.css",
        "portal.css",
        "govuk-frontend.min.js",
        "init.mjs",
        "js-enabled.js",
        "icon.svg",
    )
    shared = sum(len(gzip.compress((folder / name).read_bytes(), 9)) for name in names)
    sizes = {url: len(gzip.compress(client.get(url).content, 6)) / 1024 for client, url in visited}
    fact("first visit, gzipped, without fonts", shared / 1024 + sizes["/"], "KB", 40)
    heaviest = max(sizes, key=lambda url: sizes[url])
    fact("heaviest page after that", sizes[heaviest], "KB", 10)
    print(f"{'  which is ' + heaviest:<46}")


def reminders(base: float) -> None:
    """A day on which every area is due: the first look writes the mail, the others find it there."""
    add_waiting_areas(150)
    today = timezone.localdate()
    start = time.perf_counter()
    posted = post_due(today)
    fact("reminders for 150 areas, written", time.perf_counter() - start, "s", 20)
    print(f"{'  how many':<46}{posted:>9}")
    line(
        "reminders for 150 areas, looked for again",
        *measure(lambda _: post_due(today), runs=9, warm=2),
        (500, 10),
        base,
    )


def seed_apart() -> None:
    """In a process of its own: what loading needs is no memory of a web server or a worker."""
    code = "import benchmarks.run; from benchmarks.data import seed; seed()"
    subprocess.run([sys.executable, "-c", code], check=True)


def main() -> None:
    seed_apart()
    plain = User.objects.create(email="plain@area.example", name="No Areas")
    base = measure(got(client_of(plain.email), "/"))[0]
    print(
        f"{connection.vendor}, {os.cpu_count()} cores. Baseline, a signed-in page without areas: {base:.1f} ms"
    )
    print(f"{'':<46}{'median':>9}{'p95':>9}{'SQL':>6}{'ratio':>8}   bar")
    lead, health = client_of("lead@northmoor.example"), client_of("health@northmoor.example")
    moderation = Assessment.objects.get(stage=Assessment.Stage.MODERATION)
    area = Area.objects.get(dfe_code="D01")
    submitted = Assessment.objects.latest_submitted(area)
    assert submitted is not None
    pages(lead, health, moderation, submitted, base, "6 partners")
    workbooks(health, base)
    exports(lead, submitted, base, "submitted")
    reports(lead, submitted)
    history(lead, area, submitted, base)
    weights([
        (Client(), "/"), (lead, "/areas/D01/"), (lead, f"/assessments/{moderation.pk}/"),
        (lead, f"/assessments/{moderation.pk}/moderation/"), (lead, f"/assessments/{submitted.pk}/report/"),
        (Client(), "/ingredients/leadership/"), (Client(), "/guidance/"), (Client(), "/glossary/"),
    ])  # fmt: skip
    reminders(base)
    crowded = add_areas(40)
    bench = client_of("bench@area.example")
    exports(bench, crowded, base, "draft, 12 partners")
    pages(
        bench,
        health,
        crowded,
        submitted,
        base,
        "12 partners, 40 more areas",
    )
    if FAILED:
        print(f"\n{len(FAILED)} bars missed: {', '.join(FAILED)}")
    sys.exit(bool(FAILED))


if __name__ == "__main__":
    main()
