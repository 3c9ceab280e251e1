from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dj_database_url
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from ingredients.actions import load_framework, publish
from tests.conftest import Partnership, make_partnership
from tests.faults.cluster import Cluster
from tests.faults.scorers import Scorer, session_of


@pytest.fixture(scope="package")
def cluster(django_db_setup, django_db_blocker) -> Iterator[Cluster]:
    """A database that may be killed; while it stands, this process works on it as well."""
    if connections["default"].vendor != "postgresql":
        pytest.skip("once is enough, and the run on PostgreSQL has its programs")
    made = Cluster()
    made.start()
    usual = connections["default"]
    usual_settings = connections.settings["default"]
    connections.settings["default"] = usual_settings | dj_database_url.parse(made.address)
    connections["default"] = connections.create_connection("default")
    try:
        with django_db_blocker.unblock():
            call_command("migrate", verbosity=0)
            call_command("createcachetable")
            framework, _ = load_framework(folder=settings.FIXTURES / "framework" / "1")
            publish(framework=framework)
            yield made
    finally:
        connections["default"].close()
        connections["default"] = usual
        connections.settings["default"] = usual_settings
        made.remove()


@pytest.fixture
def area(cluster, django_db_blocker) -> Iterator[Partnership]:
    """Six partners scoring, each test in an area of its own; what is written stays."""
    with django_db_blocker.unblock():
        yield make_partnership(f"Area {time.monotonic_ns()}")


@pytest.fixture(scope="package")
def environment(cluster, tmp_path_factory) -> dict[str, str]:
    """The portal as it runs for people."""
    static = tmp_path_factory.mktemp("static")
    found = os.environ | {
        "DJANGO_SETTINGS_MODULE": "send_portal.settings", "DATABASE_URL": cluster.address,
        "DEBUG": "0", "HTTPS": "0", "SECRET_KEY": settings.SECRET_KEY, "ALLOWED_HOSTS": "127.0.0.1",
        "STATIC_ROOT": str(static), "VAR_DIR": str(tmp_path_factory.mktemp("var")),
        "LOG_LEVEL": "CRITICAL",
    }  # fmt: skip
    manage = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run(manage, cwd=settings.BASE_DIR, env=found, check=True)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A program with all that it starts in one group, so that all of it can be killed at once."""
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, process_group=0, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


@contextmanager
def web(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        sys.executable, "-m", "gunicorn", "send_portal.wsgi", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket",
        "--log-level", "critical",
    ]  # fmt: skip
    with running(command, environment) as process:
        ends = time.monotonic() + 120
        while not is_up(port):
            assert time.monotonic() < ends
            time.sleep(0.1)
        yield process


def is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def scorers(area: Partnership, port: int) -> list[Scorer]:
    """One person for each partner, all in one assessment."""
    return [
        Scorer(
            row,
            [statement.slug for statement in area.assessment.statements_for(row.sector)],
            session_of(area.people[sector]),
            port,
        )
        for sector, row in area.returns.items()
    ]
