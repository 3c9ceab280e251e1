"""What the host of the portal relies on: the commands, the start, the worker, the health pages."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command, get_commands
from django_tasks_db.models import DBTaskResult, get_date_max

from areas.models import Area, StatisticalNeighbour, User
from assessments.actions.demonstration import NATIONAL, PASSWORD
from ingredients.models import GlossaryTerm
from send_portal.health import WORKER_KEY, WORKER_SILENT_AFTER
from send_portal.jobs import LOST_AFTER, requeue_lost_jobs, say_alive
from send_portal.management.commands import start
from send_portal.processes import run_together
from tests.factories import UserFactory

TOP = settings.BASE_DIR
README = (TOP / "README.md").read_text("utf-8")
CONTRIBUTING = (TOP / "CONTRIBUTING.md").read_text("utf-8")
MAKEFILE = (TOP / "Makefile").read_text("utf-8")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

# ---- The documents say what is there -----------------------------------------------------------


def make_targets():
    return set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def in_code(text):
    return "\n".join(re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL))


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_documents_name_only_make_targets_that_exist(text):
    named = set(re.findall(r"make ([a-z-]+)", in_code(text)))
    assert named
    assert named <= make_targets()


def test_readme_and_contributing_name_every_make_target():
    named = set(re.findall(r"make ([a-z-]+)", in_code(README + CONTRIBUTING)))
    assert named | {"help"} == make_targets()


def test_make_help_lists_every_target():
    # When the tests run under make, this one must not write as a part of that one.
    alone = {
        key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))
    }
    listed = subprocess.run(
        ["make"], cwd=TOP, env=alone, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[1] for line in listed.splitlines()} == make_targets()


def test_readme_names_only_management_commands_that_exist():
    named = set(re.findall(r"manage\.py ([a-z_]+)", in_code(README)))
    assert named
    assert named <= get_commands().keys()


def test_readme_lists_every_setting_of_the_environment():
    code = (TOP / "send_portal" / "settings.py").read_text("utf-8")
    read = set(re.findall(r'(?:environ\.get\(\s*|environ\[|env_\w+\()"([A-Z_]+)"', code))
    listed = set(re.findall(r"^\| `([A-Z_]+)`", README, re.MULTILINE))
    assert listed == read | {"DATABASE_URL", "PORT"}


def test_map_of_the_house_names_only_what_is_there():
    block = re.search(r"## Map of the house\n+```\n(.*?)```", README, re.DOTALL)[1]
    lines = block.splitlines()
    assert len(lines) <= 40
    folder = TOP
    for line in lines:
        name = line.split()[0]
        folder = TOP if not line.startswith(" ") else folder
        assert (folder / name).exists(), name
        if not line.startswith(" "):
            folder = TOP / name


def demonstration_accounts():
    found = {email for email, *_ in NATIONAL}
    for path in (settings.FIXTURES / "demo").glob("*.yaml"):
        people = yaml.safe_load(path.read_text("utf-8"))["people"]
        found |= {person["email"] for person in people}
    return found


def test_readme_accounts_are_those_of_the_demonstration():
    listed = re.findall(r"^\| `([^`]+@[^`]+)`", README, re.MULTILINE)
    assert listed == list(start.ACCOUNTS)
    assert set(listed) <= demonstration_accounts()
    assert f"`{PASSWORD}`" in README


# ---- Health pages ------------------------------------------------------------------------------


def test_healthz_says_that_the_process_is_up(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_with_a_worker_alive(client):
    say_alive()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"database: ok\nworker: ok\n")


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [None, WORKER_SILENT_AFTER + 1])
def test_readyz_without_a_sign_of_life_from_the_worker(client, seconds):
    cache.delete(WORKER_KEY)
    if seconds:
        cache.set(WORKER_KEY, time.time() - seconds)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"database: ok\nworker: silent\n")


def test_readyz_without_a_database():
    ask = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "answer = Client().get('/readyz')\n"
        "print(answer.status_code, answer.content.decode())"
    )
    said = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=TOP,
        env=os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said == "503 database: not reachable\n\n"


# ---- Jobs whose worker was killed --------------------------------------------------------------


def running_job(*, started_at, attempts):
    return DBTaskResult.objects.create(
        status="RUNNING",
        started_at=started_at,
        worker_ids=[f"worker {number}" for number in range(attempts)],
        task_path="assessments.tasks.store_report_pdf",
        args_kwargs={"args": [1], "kwargs": {}},
        backend_name="default",
        run_after=get_date_max(),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("attempts", [1, 2])
def test_lost_job_is_queued_again(attempts):
    job = running_job(started_at=NOW - LOST_AFTER - timedelta(seconds=1), attempts=attempts)
    assert requeue_lost_jobs(NOW) == (1, 0)
    assert DBTaskResult.objects.ready().get() == job
    job.refresh_from_db()
    assert (job.started_at, len(job.worker_ids)) == (None, attempts)


@pytest.mark.django_db
def test_job_lost_three_times_fails():
    job = running_job(started_at=NOW - LOST_AFTER - timedelta(seconds=1), attempts=3)
    assert requeue_lost_jobs(NOW) == (0, 1)
    job.refresh_from_db()
    assert (job.status, job.finished_at) == ("FAILED", NOW)
    assert job.task_result.errors[0].traceback == "The worker died in each of 3 attempts.\n"
    assert requeue_lost_jobs(NOW) == (0, 0)


@pytest.mark.django_db
def test_job_at_work_for_fifteen_minutes_is_left_alone():
    job = running_job(started_at=NOW - LOST_AFTER, attempts=1)
    assert requeue_lost_jobs(NOW) == (0, 0)
    job.refresh_from_db()
    assert (job.status, job.started_at) == ("RUNNING", NOW - LOST_AFTER)


# ---- Start -------------------------------------------------------------------------------------


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def trial(settings, tmp_path):
    """As under `make run`, with a folder of its own."""
    settings.DEBUG = True
    settings.VAR_DIR = tmp_path / "var"
    return settings


def test_start_refuses_where_debug_is_off():
    with pytest.raises(CommandError, match="set DEBUG=1"):
        call_command("start")


def test_start_refuses_a_taken_port_before_anything_else(trial, monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(CommandError) as refused:
            call_command("start")
    assert str(refused.value) == (
        f"Port {port} cannot be used (address already in use). Choose another one: make run PORT=8000"
    )
    assert not trial.VAR_DIR.exists()


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80 80"])
def test_start_refuses_what_is_no_port(text):
    with pytest.raises(CommandError, match=f"not “{text}”"):
        start.free_port(text)


@pytest.mark.django_db
def test_content_is_loaded_once_and_then_left_alone(trial):
    trial.VAR_DIR.mkdir()
    command = start.Command()
    command.load_content()
    assert Area.objects.count() == 153 + 3
    lead = User.objects.get(email="lead@northmoor.example")
    assert lead.check_password(PASSWORD)
    assert User.objects.filter(email__in=start.ACCOUNTS).count() == len(start.ACCOUNTS)

    GlossaryTerm.objects.update(meaning="As the host wrote it.")
    command.load_content()
    assert set(GlossaryTerm.objects.values_list("meaning", flat=True)) == {"As the host wrote it."}


@pytest.mark.django_db
def test_a_newer_version_fills_what_it_adds_to_a_database_that_is_there(trial, monkeypatch):
    command = start.Command()
    call_command("load_areas")
    StatisticalNeighbour.objects.all().delete()
    command.prepare_database()
    assert not StatisticalNeighbour.objects.exists()

    class Newer(start.MigrationExecutor):
        def migration_plan(self, *args, **options):
            return ["one more"]

    monkeypatch.setattr(start, "MigrationExecutor", Newer)
    command.prepare_database()
    assert StatisticalNeighbour.objects.count() > 1000


@pytest.mark.django_db
def test_accounts_with_a_known_password_stay_out_of_a_database_in_use(trial, capsys):
    UserFactory()
    start.Command().load_demonstration()
    assert capsys.readouterr().out == "People use this database already: no demonstration loaded.\n"
    assert not Area.objects.demonstration().exists()


def environment(var_dir, **more):
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    own = {"DJANGO_SETTINGS_MODULE": "send_portal.settings", "DEBUG": "1", "VAR_DIR": str(var_dir)}
    return kept | own | more


def test_start_without_a_database_says_so_in_one_line(tmp_path):
    ended = subprocess.run(
        [sys.executable, "manage.py", "start"],
        cwd=TOP,
        env=environment(
            tmp_path,
            PORT=str(unused_port()),
            DATABASE_URL="postgres://nobody:secret@127.0.0.1:1/nothing",
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(
        r"CommandError: The database cannot be reached: .*refused.*\n", ended.stderr
    )
    assert "secret" not in ended.stderr


@contextmanager
def started(var_dir):
    """The portal as `make run` starts it: its address and what it printed."""
    port = unused_port()
    with subprocess.Popen(
        [sys.executable, "manage.py", "start"],
        cwd=TOP,
        env=environment(var_dir, PORT=str(port)),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            printed = []
            for line in process.stdout:
                printed.append(line)
                if line.startswith("Ctrl-C"):
                    break
            yield f"http://127.0.0.1:{port}", "".join(printed)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


def read(address):
    asking = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with asking.open(address, timeout=20) as answer:
        return answer.read().decode()


def test_start_serves_the_portal_until_it_is_told_to_stop(tmp_path):
    with started(tmp_path) as (address, printed):
        assert f"{address}/" in printed
        assert "lead@northmoor.example" in printed
        assert read(f"{address}/readyz") == "database: ok\nworker: ok\n"
        style_sheet = re.search(r'href="(/static/[^"]+\.css)"', read(f"{address}/"))[1]
        assert read(f"{address}{style_sheet}")
    with pytest.raises(urllib.error.URLError):
        read(f"{address}/healthz")


def test_worker_waits_for_a_database_that_is_away(tmp_path):
    away = environment(tmp_path, DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    with subprocess.Popen(
        [sys.executable, "manage.py", "work", "--no-startup-delay"],
        cwd=TOP,
        env=away,
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        missing = {"No sign of life could be given", "Database lost, trying again in 5 s"}
        for line in worker.stderr:
            missing = {text for text in missing if text not in line}
            if not missing:
                break
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=20)
    assert (missing, worker.returncode) == (set(), 0)


# ---- Programs that belong together -------------------------------------------------------------


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_when_one_program_ends_the_other_is_stopped(tmp_path, caplog):
    note = tmp_path / "pid"
    status = run_together(
        {
            "one that stays": ["sh", "-c", f"echo $$ > {note}; exec sleep 60"],
            "one that ends": ["sh", "-c", f"while [ ! -s {note} ]; do sleep 0.05; done"],
        },
        is_ready=lambda: False,
        when_ready=lambda: None,
    )
    assert status == 1
    assert not is_running(int(note.read_text()))
    assert "Stopped, because this ended by itself: one that ends" in caplog.text


def test_a_signal_stops_all_programs_once_they_were_ready():
    ready = []

    def when_ready():
        ready.append(True)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    programs = {"one": ["sleep", "60"], "other": ["sleep", "60"]}
    assert run_together(programs, is_ready=lambda: True, when_ready=when_ready) == 0
    assert ready == [True]
    assert signal.getsignal(signal.SIGTERM) == before


def test_every_script_can_be_run():
    for path in Path(TOP / ".ci").iterdir():
        if not path.suffix:
            assert os.access(path, os.X_OK), path.name
