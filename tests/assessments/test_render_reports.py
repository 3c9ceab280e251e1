"""`render_reports`: every submitted report's PDF in one go, stopped and taken up again."""

import io
import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from assessments.models import StoredReport
from assessments.reports import batch, storing
from assessments.reports.batch import Work, run, write
from assessments.tasks import store_report_pdf
from send_portal.models import Mail
from tests.assessments.shortcuts import agree, submit
from tests.conftest import make_partnership
from tests.databases import on_postgresql

# A process of its own, at another time and with another order of sets.
SCRIPT = """
import json, sys, django, time_machine
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from assessments.models import Assessment
from assessments.reports import storing
with time_machine.travel(sys.argv[3], tick=True):
    files = storing.render(Assessment.objects.get(pk=int(sys.argv[2])))
print(json.dumps([storing.hash_of(file) for file in files]))
"""


def submitted_area(name):
    own = make_partnership(name)
    own.reveal()
    agree(own)
    submit(own)
    return own


@pytest.fixture
def two(framework):
    return submitted_area("Moorland"), submitted_area("Fenland")


def render(*options, **more):
    out = io.StringIO()
    call_command("render_reports", "--submitted", *options, stdout=out, stderr=out, **more)
    return out.getvalue()


def made():
    return StoredReport.objects.exclude(pdf=None).count()


# ---- The same bytes ------------------------------------------------------------------------------


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_the_same_snapshot_gives_the_same_bytes_in_another_process_at_another_time(two):
    hashes = set()
    for seed, zone, moment in (("1", "Asia/Tokyo", "2026-01-31"), ("77", "UTC", "2031-07-01")):
        said = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(connection.settings_dict["NAME"]),
             str(two[0].assessment.pk), moment],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone,
                              "DJANGO_SETTINGS_MODULE": "tests.settings"},
            cwd=settings.BASE_DIR, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        hashes.add(tuple(json.loads(said)))
    store_report_pdf.call(two[0].assessment.pk)
    stored = StoredReport.objects.get(assessment=two[0].assessment)
    assert hashes == {(stored.pdf_sha256, stored.programme_pdf_sha256)}


# ---- Storing -------------------------------------------------------------------------------------


def test_every_submitted_report_without_a_pdf_gets_one(two):
    store_report_pdf.call(two[0].assessment.pk)
    before = bytes(StoredReport.objects.get(assessment=two[0].assessment).pdf)
    said = render("--workers", "1")
    assert "1 stored already." in said
    assert "1/1 Fenland: Autumn assessment\n" in said
    assert "1 made, 0 left as they were, 0 failed" in said
    assert made() == 2
    assert bytes(StoredReport.objects.get(assessment=two[0].assessment).pdf) == before
    assert Mail.objects.filter(key__startswith="report-ready:").count() == 14
    assert "0 made" in render("--workers", "1")


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_processes_share_the_work(two):
    said = render("--workers", "2")
    assert "2 made, 0 left as they were, 0 failed" in said
    assert made() == 2


def test_draft_is_never_stored(partnership):
    partnership.reveal()
    assert "0 made" in render("--workers", "1")
    assert StoredReport.objects.count() == 0


def test_one_that_fails_does_not_stop_the_others(two, monkeypatch):
    kept = storing.render

    def fail_for_one(assessment):
        if assessment == two[0].assessment:
            raise RuntimeError("no room")
        return kept(assessment)

    monkeypatch.setattr(storing, "render", fail_for_one)
    with pytest.raises(CommandError, match="1 could not be made"):
        render("--workers", "1")
    assert made() == 1


def test_ctrl_c_says_how_to_go_on(two, monkeypatch):
    kept, asked = storing.render, []

    def stop_at_the_second(assessment):
        asked.append(assessment)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return kept(assessment)

    monkeypatch.setattr(storing, "render", stop_at_the_second)
    with pytest.raises(CommandError, match="Stopped after 1 of 2") as raised:
        render("--workers", "1")
    assert (raised.value.returncode, made()) == (130, 1)
    monkeypatch.undo()
    assert "1/1 Fenland" in render("--workers", "1")
    assert made() == 2


@pytest.mark.parametrize("number", ["0", "-1", "33"])
def test_number_of_workers_has_bounds(db, number):
    with pytest.raises(CommandError, match="--workers must be between 1 and 32"):
        render(f"--workers={number}")


def test_terminal_gets_one_line_that_fills_up(two):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    out = Terminal()
    call_command("render_reports", "--submitted", "--workers=1", stdout=out)
    assert "\r 50% |###############               | 1/2, " in out.getvalue()
    assert "\r100% |##############################| 2/2, 0 s left" in out.getvalue()


# ---- Into a folder -------------------------------------------------------------------------------


def test_stored_pdfs_are_written_as_files_once(two, tmp_path):
    folder = tmp_path / "reports"
    assert "2 made" in render("--to", str(folder), "--workers", "1")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(files) == 4
    stored = StoredReport.objects.get(assessment=two[0].assessment)
    name = batch.file_names(stored)[0]
    assert name.endswith(f"moorland-autumn-assessment-{two[0].assessment.pk}-report.pdf")
    assert files[name] == bytes(stored.pdf)
    assert files[batch.file_names(stored)[1]] == bytes(stored.programme_pdf)
    assert "0 made, 2 left as they were" in render("--to", str(folder), "--workers", "1")
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_again_is_refused_without_a_folder(db):
    with pytest.raises(CommandError, match="A stored PDF is never changed"):
        render("--again")


def test_again_into_a_folder_changes_nothing_that_is_stored(two, tmp_path):
    render("--workers", "1")
    before = list(StoredReport.objects.order_by("pk").values("pdf", "pdf_made_at"))
    render("--again", "--to", str(tmp_path), "--workers", "1")
    assert list(StoredReport.objects.order_by("pk").values("pdf", "pdf_made_at")) == before
    stored = StoredReport.objects.get(assessment=two[0].assessment)
    assert (tmp_path / batch.file_names(stored)[0]).read_bytes() == bytes(stored.pdf)


def test_file_that_is_stopped_half_way_is_not_there(tmp_path, monkeypatch):
    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, ("a.pdf", "b.pdf"), (b"a", b"b"))
    assert list(tmp_path.iterdir()) == []


def test_each_report_says_what_its_process_holds(two):
    (done,) = run([Work(two[0].assessment.pk)], workers=1)
    assert done.fault == ""
    assert done.memory > 10
