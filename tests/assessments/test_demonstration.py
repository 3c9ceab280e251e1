"""Load the demonstration: only where it may be, whole, and once."""

import shutil

import pytest
from django.core.management import CommandError, call_command
from django_tasks_db.models import DBTaskResult

from areas.models import Area, Membership, User
from assessments.actions.demonstration import PASSWORD, load_demonstration
from assessments.models import Assessment, Evidence, PartnerReturn, QuorumReason, Score
from tests.assessments.pages import soup, words
from tests.conftest import client_of
from tests.factories import FrameworkFactory


@pytest.fixture
def demonstration(framework):
    call_command("load_demo", "--force")


def counts():
    models = (Area, User, Membership, Assessment, PartnerReturn, Score, Evidence, DBTaskResult)
    return [model.objects.count() for model in models]


def test_demo_is_refused_where_debug_is_off(framework):
    with pytest.raises(CommandError, match="accounts with a published password"):
        call_command("load_demo")
    assert Area.objects.count() == 0


def test_demo_with_debug_needs_no_force(framework, settings, capsys):
    settings.DEBUG = True
    call_command("load_demo")
    assert capsys.readouterr().out == (
        f"Loaded Northmoor, Eastvale, Southmere. Every account has the password {PASSWORD}\n"
    )


def test_demo_loaded_again_changes_nothing(demonstration, capsys):
    before = counts()
    call_command("load_demo", "--force")
    assert counts() == before
    assert "The demonstration is loaded already." in capsys.readouterr().out


def test_demo_without_a_published_framework_loads_nothing(settings, db):
    FrameworkFactory()
    with pytest.raises(ValueError, match="framework: publish one first"):
        load_demonstration(folder=settings.FIXTURES / "demo")
    assert Area.objects.count() == 0


@pytest.fixture
def changed(settings, tmp_path):
    """A copy of the files with some words replaced."""

    def change(name, old, new):
        shutil.copytree(settings.FIXTURES / "demo", tmp_path, dirs_exist_ok=True)
        before = (tmp_path / name).read_text("utf-8")
        assert old in before
        (tmp_path / name).write_text(before.replace(old, new), "utf-8")
        return tmp_path

    return change


def test_demo_file_may_say_why_a_sector_is_missing(framework, changed):
    reason = "quorum_reasons: [{sector: health, reason: The post is vacant.}]"
    load_demonstration(folder=changed("eastvale.yaml", "quorum_reasons: []", reason))
    assert str(QuorumReason.objects.get()) == "Health: The post is vacant."


def test_demo_with_a_broken_file_loads_nothing(framework, changed):
    folder = changed("southmere.yaml", "stage: submitted", "stage: done")
    with pytest.raises(ValueError, match="'done' is not a valid"):
        load_demonstration(folder=folder)
    assert (Area.objects.count(), User.objects.count()) == (0, 0)


def test_programme_staff_see_the_made_up_areas_marked_as_such(demonstration):
    client = client_of(User.objects.get(email="programme@dfe.example"))
    page = soup(client.get("/programme/"))
    assert {words(node) for node in page.select(".app-grid [scope=row] a")} == {
        "Northmoor", "Eastvale", "Southmere",
    }  # fmt: skip
    assert "Every area on this page is fictional" in words(page.select_one(".govuk-phase-banner"))
