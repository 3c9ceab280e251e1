"""Files of evidence: what is taken, where it lies, how it comes back."""

import hashlib
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from areas.models import AuditEvent
from assessments.actions.errors import NotNowError
from assessments.actions.evidence import Place, add_evidence
from assessments.actions.files import Upload, clear_orphans
from assessments.models import Assessment, Evidence, EvidenceLink
from send_portal.uploads import LARGEST, FileType, kinds
from tests.assessments.pages import held, problems, text
from tests.conftest import client_of
from tests.factories import EvidenceFactory
from tests.made_files import good_files, hostile_files, pdf

SLUG = "agency-joint-design"
AGAIN = "Select ‘Minutes.pdf’ again after mending the rest"


@pytest.fixture
def folder(tmp_path, settings) -> Path:
    """Where this test's files lie."""
    place = tmp_path / "evidence"
    store = settings.STORAGES["evidence"]
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {**store, "OPTIONS": {**store["OPTIONS"], "location": place}},
    }
    return place


def stored(folder):
    return sorted(folder.iterdir()) if folder.exists() else []


def fields(partnership, **more):
    return {
        "title": "Board minutes", "kind": "minutes", "shows": "Who came.",
        "owner": partnership.partners["health"].pk, **more,
    }  # fmt: skip


def add_url(partnership):
    return reverse("assessments:add-to-library", args=[partnership.area.dfe_code])


def file_url(item):
    return reverse("assessments:evidence-file", args=[item.area.dfe_code, item.pk])


def send(partnership, content, name="Minutes.pdf", client=None, **more):
    file = SimpleUploadedFile(name, content, "text/html")
    data = fields(partnership, file=file, **more)
    return (client or partnership.client("health")).post(add_url(partnership), data)


def body(response):
    return b"".join(response.streaming_content)


# ---- Taken and given back ----------------------------------------------------------------------


def test_every_good_file_is_taken_and_comes_back_byte_for_byte(partnership, folder):
    client = partnership.client("health")
    for file in good_files().values():
        response = send(partnership, file.content, file.name, client)
        assert response.status_code == 302, file.name
        item = Evidence.objects.latest("pk")
        assert (item.file_name, item.file_type, item.address) == (file.name, file.type, "")
        assert item.file_size == len(file.content)
        assert item.file_sha256 == hashlib.sha256(file.content).hexdigest()
        given = partnership.client("schools").get(file_url(item), HTTP_ACCEPT_ENCODING="gzip")
        assert body(given) == file.content
        assert given["Content-Type"] == file.type.content_type
        assert given["Content-Length"] == str(len(file.content))
    assert len(stored(folder)) == len(good_files())


def test_a_file_is_sent_so_that_no_browser_shows_or_runs_it(partnership, folder):
    send(partnership, pdf(), "Évaluation “final”; x=1.html")
    given = partnership.client("lead").get(file_url(Evidence.objects.get()))
    assert given["Content-Disposition"] == (
        "attachment; filename*=utf-8''%C3%89valuation%20%E2%80%9Cfinal%E2%80%9D_%20x%3D1.html.pdf"
    )
    assert given["X-Content-Type-Options"] == "nosniff"
    assert given["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert given["Cross-Origin-Resource-Policy"] == "same-origin"
    assert given["Cache-Control"] == "no-store, private"
    assert "Content-Encoding" not in given


def test_a_file_lies_under_a_random_name_for_our_own_eyes(partnership, folder):
    send(partnership, pdf(), "Board minutes.pdf")
    (path,) = stored(folder)
    assert len(path.name) == 40
    assert path.suffix == ""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    pages = [reverse("assessments:evidence", args=[partnership.area.dfe_code])]
    pages += [Evidence.objects.get().get_absolute_url()]
    for url in pages:
        page = partnership.client("lead").get(url).content.decode()
        assert path.name not in page
        assert str(folder) not in page


def test_a_large_file_is_taken_and_a_byte_more_is_not(partnership, folder):
    client = partnership.client("health")
    whole = pdf()
    large = whole[:9] + b"%" + b" " * (LARGEST - len(whole) - 2) + b"\n" + whole[9:]
    assert len(large) == LARGEST
    assert send(partnership, large, client=client).status_code == 302
    response = send(partnership, large + b"\n", client=client)
    assert problems(response) == [kinds.TOO_LARGE]
    assert len(stored(folder)) == 1


def test_a_file_linked_to_a_statement_is_there_to_save(partnership, folder):
    row = partnership.returns["health"]
    url = reverse("assessments:add-evidence", args=[row.assessment_id, row.pk, SLUG])
    file = SimpleUploadedFile("Minutes.pdf", pdf())
    response = partnership.client("health").post(url, fields(partnership, file=file), follow=True)
    item = Evidence.objects.get()
    assert f'href="{file_url(item)}"' in response.content.decode()
    assert EvidenceLink.objects.get().evidence == item


def test_a_file_stays_to_be_saved_when_its_item_is_retired(partnership, folder):
    send(partnership, pdf())
    Evidence.objects.update(retired_at=timezone.now(), retired_by=partnership.people["lead"])
    given = partnership.client("lead").get(file_url(Evidence.objects.get()))
    assert body(given) == pdf()


def test_a_file_is_for_those_who_see_the_library(partnership, other_partnership, folder, programme):
    send(partnership, pdf())
    url = file_url(Evidence.objects.get())
    people = [*partnership.people.values(), programme, *other_partnership.people.values()]
    allowed = {user.pk for who, user in partnership.people.items() if who != "viewer"}
    for user in people:
        assert (client_of(user).get(url).status_code == 200) == (user.pk in allowed), user
    foreign = reverse(
        "assessments:evidence-file",
        args=[other_partnership.area.dfe_code, Evidence.objects.get().pk],
    )
    assert other_partnership.client("lead").get(foreign).status_code == 404


def test_a_link_has_no_file(partnership):
    item = EvidenceFactory(owner=partnership.partners["health"])
    assert partnership.client("lead").get(file_url(item)).status_code == 404


# ---- Refused -----------------------------------------------------------------------------------


def test_every_hostile_file_is_refused_beside_the_field_and_nothing_is_kept(partnership, folder):
    client = partnership.client("health")
    found = {}
    for what, file in hostile_files().items():
        response = send(partnership, file.content, file.name, client)
        found[what] = problems(response)
        assert held(response, "title") == "Board minutes", what
    assert found == {what: [file.reason] for what, file in hostile_files().items()}
    assert stored(folder) == []
    assert not Evidence.objects.exists()
    assert not AuditEvent.objects.filter(verb__startswith="evidence").exists()


@pytest.mark.parametrize(
    "name", ["../../../evil.pdf", "..\\evil.pdf", "report\u202efdp.exe", "a\x00.pdf", "/etc/passwd"]
)
def test_a_name_that_misleads_is_made_safe(partnership, folder, name):
    assert send(partnership, pdf(), name).status_code == 302
    kept = Evidence.objects.get().file_name
    assert kept in {"evil.pdf", "reportfdp.exe.pdf", "a.pdf", "passwd.pdf"}
    assert [path.parent for path in stored(folder)] == [folder]


def test_a_file_and_an_address_are_not_both_taken(partnership, folder):
    response = send(partnership, pdf(), address="https://documents.example/minutes")
    assert problems(response) == ["Give a file or a web address, not both", AGAIN] or problems(
        response
    ) == [AGAIN, "Give a file or a web address, not both"]
    assert stored(folder) == []


def test_neither_file_nor_address_is_not_taken(partnership):
    response = partnership.client("health").post(add_url(partnership), fields(partnership))
    assert problems(response) == ["Select a file, or enter a web address"]


def test_a_good_file_beside_a_mistake_is_asked_for_again(partnership, folder):
    response = send(partnership, pdf(), title="")
    assert set(problems(response)) == {"Enter title", AGAIN}
    assert stored(folder) == []


def test_a_review_before_the_date_of_the_evidence_is_refused(partnership):
    days = {
        f"{name}_on_{part}": value
        for name, year in (("dated", "2026"), ("review", "2025"))
        for part, value in (("day", "1"), ("month", "2"), ("year", year))
    }
    data = fields(partnership, address="https://a.example/x", **days)
    response = partnership.client("health").post(add_url(partnership), data)
    assert problems(response) == ["Review date must not be before the date of the evidence"]


def test_a_far_too_large_request_is_refused_before_it_is_read(partnership, folder):
    response = send(partnership, b"%PDF-" + b"0" * (22 * 1024 * 1024))
    assert response.status_code == 413
    assert "A file must be 20 MB or smaller." in text(response)
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert stored(folder) == []


def test_a_request_that_only_says_it_is_huge_is_answered_at_once(partnership, client):
    response = client.generic(
        "POST", add_url(partnership), b"", "multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(10**12),
    )  # fmt: skip
    assert response.status_code == 413


# ---- When something fails ----------------------------------------------------------------------


def upload():
    return Upload(ContentFile(pdf()), "Minutes.pdf", FileType.PDF)


def given(partnership, **more):
    return {
        "owner": partnership.partners["health"], "title": "Minutes", "kind": "minutes",
        "shows": "Who came.", "dated_on": None, "review_on": None,
        "by": partnership.people["health"], **more,
    }  # fmt: skip


def test_an_act_that_fails_keeps_no_file(partnership, folder):
    place = Place(partnership.assessment, partnership.statement(SLUG), None)
    with pytest.raises(NotNowError):
        add_evidence(**given(partnership, upload=upload(), beside=place))
    assert stored(folder) == []
    assert not Evidence.objects.exists()


def test_what_was_sent_too_late_keeps_no_file_and_gives_back_the_words(partnership, folder):
    row = partnership.returns["health"]
    url = reverse("assessments:add-evidence", args=[row.assessment_id, row.pk, SLUG])
    partnership.reveal()
    file = SimpleUploadedFile("Minutes.pdf", pdf())
    response = partnership.client("health").post(url, fields(partnership, file=file))
    assert response.status_code == 409
    assert "Who came." in text(response)
    assert stored(folder) == []


def test_an_item_needs_one_of_file_and_link(partnership, folder):
    for more in ({}, {"address": "https://a.example", "upload": upload()}):
        with pytest.raises(ValueError, match="address"):
            add_evidence(**given(partnership, **more))
    assert stored(folder) == []


def test_a_file_stays_when_nobody_knows_whether_its_row_was_saved(partnership, folder, monkeypatch):
    """The database went away in the middle: the file may be named by a row."""

    def gone(*_, **__):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(Evidence.objects, "create", gone)
    monkeypatch.setattr(Evidence.objects, "filter", gone)
    with pytest.raises(OperationalError):
        add_evidence(**given(partnership, upload=upload()))
    assert len(stored(folder)) == 1


def test_a_store_that_takes_nothing_is_said_beside_the_file(partnership, folder):
    folder.write_text("No folder can be made here.")
    response = send(partnership, pdf())
    assert problems(response) == ["The file could not be saved just now. Try again later."]
    assert held(response, "title") == "Board minutes"
    assert not Evidence.objects.exists()


def test_a_file_that_cannot_be_taken_away_again_is_left_to_the_broom(
    partnership, folder, monkeypatch
):
    store = storages["evidence"]
    monkeypatch.setattr(type(store), "delete", lambda *_: (_ for _ in ()).throw(OSError("no")))
    place = Place(partnership.assessment, partnership.statement(SLUG), None)
    with pytest.raises(NotNowError):
        add_evidence(**given(partnership, upload=upload(), beside=place))
    assert len(stored(folder)) == 1


def test_a_missing_file_is_said_on_a_page(partnership, folder):
    send(partnership, pdf())
    stored(folder)[0].unlink()
    response = partnership.client("schools").get(file_url(Evidence.objects.get()))
    assert response.status_code == 404
    assert "Minutes.pdf is not where the portal keeps its files." in text(response)


def test_a_store_that_does_not_answer_is_said_on_a_page(partnership, folder, settings):
    send(partnership, pdf())
    (path,) = stored(folder)
    path.unlink()
    path.mkdir()
    response = partnership.client("schools").get(file_url(Evidence.objects.get()))
    assert response.status_code == 503
    assert "Try again in a few minutes." in text(response)


def test_orphans_older_than_a_day_are_swept_and_nothing_else(partnership, folder, capsys):
    assert clear_orphans() == 0
    send(partnership, pdf())
    (kept,) = stored(folder)
    store = storages["evidence"]
    old, new = store.save("old", ContentFile(b"x")), store.save("new", ContentFile(b"x"))
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    for name in (kept.name, old):
        os.utime(folder / name, (long_ago, long_ago))
    call_command("clear_orphan_files")
    assert capsys.readouterr().out == "1 file deleted.\n"
    assert {path.name for path in stored(folder)} == {kept.name, new}


# ---- Reports -----------------------------------------------------------------------------------


def test_a_report_names_the_file_and_never_where_it_lies(partnership, folder):
    from tests.assessments.shortcuts import agree, submit

    send(partnership, pdf(), "Board minutes.pdf")
    item = Evidence.objects.get()
    partnership.reveal()
    agree(partnership, "3")
    EvidenceLink.objects.create(
        assessment=partnership.assessment, statement=partnership.statement(SLUG), evidence=item,
        linked_by=partnership.people["lead"],
    )  # fmt: skip
    submit(partnership)
    Evidence.objects.update(title="Renamed later")
    url = reverse("assessments:report-statements", args=[partnership.assessment.pk])
    seen = partnership.client("health").get(url).content.decode()
    said = "minutes or terms of reference, Moorland Health; in date, no review date"
    assert "Board minutes</a>, file Board minutes.pdf" in seen
    assert said in seen
    assert file_url(item) in seen
    by_viewer = partnership.client("viewer").get(url).content.decode()
    assert "Board minutes, file Board minutes.pdf" in by_viewer
    assert file_url(item) not in by_viewer
    assert item.stored_as not in seen + by_viewer
    facts = Assessment.objects.get(pk=partnership.assessment.pk).stored_report.facts
    assert item.file_sha256 in facts
    assert item.stored_as not in facts
