"""No room left: it is said plainly, nothing typed is lost, and what was saved before stays."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from assessments.models import Evidence, Score
from assessments.models.scores import REASON_LENGTH
from tests.assessments.pages import held, problems, text
from tests.made_files import pdf


@pytest.fixture
def small_disk(tmp_path, settings) -> Iterator[Path]:
    """Where files of evidence lie: a disk with room for 64 KB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if (
        not shutil.which("mount")
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        pytest.skip("only root may mount a disk of a given size")
    store = settings.STORAGES["evidence"]
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {**store, "OPTIONS": {**store["OPTIONS"], "location": place}},
    }
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_no_room_for_a_file(partnership, small_disk):
    url = reverse("assessments:add-to-library", args=[partnership.area.dfe_code])
    picture = b"x" * 100_000
    large = pdf(b"<</Length %d>>\nstream\n%b\nendstream" % (len(picture), picture))
    form = {
        "title": "Board minutes", "kind": "minutes", "shows": "Who came.",
        "owner": partnership.partners["health"].pk,
        "file": SimpleUploadedFile("Minutes.pdf", large),
    }  # fmt: skip
    answer = partnership.client("health").post(url, form)

    assert answer.status_code == 400
    assert problems(answer) == ["The file could not be saved just now. Try again later."]
    assert held(answer, "shows") == "Who came."
    assert not Evidence.objects.exists()
    assert list(small_disk.iterdir()) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a full PostgreSQL stops by itself")
@pytest.mark.django_db(transaction=True)
def test_no_room_in_the_database(partnership):
    person: Client = partnership.client("health")
    person.raise_request_exception = False
    row = partnership.returns["health"]
    statuses = []
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # pages that other tests gave back would be room as well
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 4}")
        try:
            for statement in partnership.assessment.statements_for(row.sector):
                url = reverse("assessments:score", args=[row.assessment_id, row.pk, statement.slug])
                form = {"version": 0, "answer": "2", "reason": "w" * REASON_LENGTH, "then": "next"}
                answer = person.post(url, form)
                statuses.append(answer.status_code)
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")

    assert set(statuses) == {302, 503}
    assert "Sorry, the portal is unavailable" in text(answer)
    assert Score.objects.filter(partner_return=row).count() == statuses.count(302)
