"""The reports of all 153 areas made in one go by two workers, and what one worker holds on the way.

`make bench BENCH_ARGS=batch`. The areas are those of `benchmarks.data`, of twelve partners each.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

# As it runs for people; the child processes inherit it.
os.environ["DEBUG"] = "0"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_portal.settings")
os.environ.setdefault("SECRET_KEY", "only-for-the-benchmark")
os.environ.setdefault("ALLOWED_HOSTS", "testserver")
os.environ.setdefault("HTTPS", "0")
os.environ.setdefault("STATIC_ROOT", tempfile.mkdtemp())

AREAS, BEFORE_FLAT = 153, 100
MOST_SECONDS, MOST_MEMORY, MOST_GROWTH = 100, 200, 10  # seconds, MB, MB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, default=AREAS)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()

    import django

    django.setup()
    from django.db import connection

    from assessments.models import StoredReport
    from assessments.reports.batch import Work, run
    from benchmarks.data import add_submitted_areas, seed

    seed()
    add_submitted_areas(options.areas)
    ids = list(
        StoredReport.objects.filter(assessment__area__dfe_code__startswith="B")
        .order_by("pk")
        .values_list("assessment_id", flat=True)
    )
    print(f"{connection.vendor}, {os.cpu_count()} cores, {len(ids)} reports of twelve partners")
    start = time.perf_counter()
    done = list(run([Work(pk) for pk in ids], options.workers))
    seconds = time.perf_counter() - start
    faults = [one.fault for one in done if one.fault]
    missed = [
        not told(f"all made by {options.workers} workers", seconds, "s", MOST_SECONDS),
        not told("most memory of a worker", max(one.memory for one in done), "MB", MOST_MEMORY),
        not told("  failed", len(faults), "reports", 0),
    ]
    # One process that makes them all, so that more than a hundred are behind it.
    with tempfile.TemporaryDirectory() as folder:
        again = [Work(pk, Path(folder), again=True) for pk in ids]
        held = [one.memory for one in run(again, workers=1)]
    print("  memory of one worker after " + ", ".join(
        f"{n}: {held[n - 1]:.0f} MB" for n in (1, 10, 50, 100, len(held)) if n <= len(held)
    ))  # fmt: skip
    settled = held[min(BEFORE_FLAT, len(held)) - 1 :]
    missed += [
        not told("memory of one worker, at the end", held[-1], "MB", MOST_MEMORY),
        not told("  its growth after 100 reports", max(settled) - settled[0], "MB", MOST_GROWTH),
    ]
    sys.exit(any(missed))


def told(name: str, value: float, unit: str, most: float) -> bool:
    ok = value <= most
    print(f"{name:<46}{value:>9.1f} {unit:<10} <= {most:g} {unit} {'ok' if ok else 'MISSED'}")
    return ok


if __name__ == "__main__":
    main()
