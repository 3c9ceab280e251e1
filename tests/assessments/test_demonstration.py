"""The demonstration: three fictional areas whose story the pages can tell."""

import pytest
from django.core.management import CommandError, call_command
from django_tasks_db.models import DBTaskResult

from areas.models import Area, Membership, User
from assessments.actions.demonstration import PASSWORD, load_demonstration
from assessments.models import Assessment, Dissent, Evidence, PartnerReturn, Score, StoredReport
from assessments.reports.build import contents_of
from tests.assessments.pages import soup, text
from tests.conftest import client_of
from tests.factories import FrameworkFactory


@pytest.fixture
def demonstration(framework):
    call_command("load_demo", "--force")


def assessments(name):
    return list(Assessment.objects.filter(area__name=name).order_by("started_at"))


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


def test_demo_with_a_broken_file_loads_nothing(framework, settings, tmp_path):
    for file in (settings.FIXTURES / "demo").iterdir():
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    broken = (
        (tmp_path / "southmere.yaml").read_text("utf-8").replace("stage: submitted", "stage: done")
    )
    (tmp_path / "southmere.yaml").write_text(broken, "utf-8")
    with pytest.raises(ValueError, match="'done' is not a valid"):
        load_demonstration(folder=tmp_path)
    assert (Area.objects.count(), User.objects.count()) == (0, 0)


def test_demo_tells_the_story_of_three_areas(demonstration):
    found = {
        name: [(row.title, row.stage) for row in assessments(name)]
        for name in ("Northmoor", "Eastvale", "Southmere")
    }
    assert found == {
        "Northmoor": [
            ("Autumn 2025 assessment", "submitted"),
            ("Spring 2026 check-in", "submitted"),
            ("Autumn 2026 assessment", "moderation"),
        ],
        "Eastvale": [("Autumn 2026 assessment", "scoring")],
        "Southmere": [("Summer 2026 assessment", "submitted")],
    }
    assert [row.baseline for row in assessments("Northmoor")] == [
        None, *assessments("Northmoor")[:2],
    ]  # fmt: skip


def test_demo_prints_the_bands_of_its_story(demonstration):
    submitted = Assessment.objects.submitted().order_by("submitted_at")
    assert [(row.area.name, contents_of(row).band_label) for row in submitted] == [
        ("Northmoor", "Foundations first"),
        ("Northmoor", "Foundations first"),
        ("Southmere", "Nearly ready"),
    ]
    assert StoredReport.objects.count() == 3
    assert DBTaskResult.objects.count() == 3


def test_demo_areas_say_that_they_are_no_real_places(demonstration):
    assert all(area.is_demonstration for area in Area.objects.all())
    lead = User.objects.get(email="lead@northmoor.example")
    page = text_of_body(client_of(lead).get("/areas/D01/"))
    assert "Northmoor is not a real place. Every name and score here is made up." in page


def text_of_body(response):
    return " ".join(soup(response).body.get_text(" ").split())


def test_demo_has_one_person_who_scores_in_two_areas(demonstration):
    person = User.objects.get(email="health@northmoor.example")
    scores_in = {m.area.name for m in person.all_memberships if m.role == "contributor"}
    assert scores_in == {"Eastvale", "Northmoor"}
    page = text(client_of(person).get("/"))
    assert "Northmoor" in page
    assert "Eastvale" in page


def test_demo_has_dissent_and_one_that_was_withdrawn(demonstration):
    assert Dissent.objects.filter(withdrawn_at__isnull=True).exists()
    assert Dissent.objects.filter(withdrawn_at__isnull=False).exists()


def test_demo_people_can_all_sign_in_with_the_printed_password(demonstration):
    users = User.objects.all()
    assert users.count() > 20
    assert [user.email for user in users if not user.check_password(PASSWORD)] == []
    assert Membership.objects.filter(user__email="programme@dfe.example").get().role == "programme"


def test_demo_account_signs_in_on_the_page(demonstration, client):
    call_command("createcachetable", verbosity=0)
    data = {"login": "parents@northmoor.example", "password": PASSWORD}
    response = client.post("/account/login/", data, follow=True)
    assert response.status_code == 200
    assert "Northmoor" in text(response)


def test_demo_pages_open_for_its_people(demonstration):
    for name in ("northmoor", "eastvale", "southmere"):
        client = client_of(User.objects.get(email=f"lead@{name}.example"))
        for row in assessments(name.capitalize()):
            assert client.get(row.get_absolute_url()).status_code == 200
            if row.is_revealed:
                assert client.get(f"{row.get_absolute_url()}report/").status_code == 200
                assert client.get(f"{row.get_absolute_url()}moderation/").status_code == 200
