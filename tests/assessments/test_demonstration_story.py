"""The demonstration: three fictional areas whose story the pages can tell."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from areas.models import Area, Audience, AuditEvent, Membership, User
from areas.permissions import Permission
from assessments.actions.demonstration import PASSWORD
from assessments.actions.demonstration_plan import DemonstrationPlan
from assessments.models import (
    ActionImpact,
    Assessment,
    CheckIn,
    Dissent,
    StoredReport,
    SupportRequest,
)
from assessments.models.actions_plan import Status
from assessments.reports.build import contents_of
from assessments.reports.check_in import contents_of_check_in
from assessments.reports.queue import queue_of
from assessments.reports.words import day as day_words
from ingredients.actions import load_framework, publish
from ingredients.models.framework import forget_published
from tests.assessments.pages import soup, text
from tests.conftest import client_of
from tests.factories import SupportPackageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def demonstration(django_db_setup, django_db_blocker):
    """Loaded once for the tests of this file; each of them is a transaction inside this one."""
    with django_db_blocker.unblock(), transaction.atomic():
        forget_published()
        framework, _ = load_framework(folder=settings.FIXTURES / "framework" / "1")
        publish(framework=framework)
        call_command("load_demo", "--force")
        yield
        transaction.set_rollback(True)


def assessments(name):
    return list(Assessment.objects.filter(area__name=name).order_by("started_at"))


def test_demo_tells_the_story_of_three_areas():
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


def test_demo_prints_the_bands_of_its_story():
    submitted = Assessment.objects.submitted().order_by("submitted_at")
    assert [(row.area.name, contents_of(row).band_label) for row in submitted] == [
        ("Northmoor", "Foundations first"),
        ("Northmoor", "Foundations first"),
        ("Southmere", "Nearly ready"),
    ]
    assert StoredReport.objects.count() == 3
    assert DBTaskResult.objects.count() == 3


def test_demo_areas_say_that_they_are_no_real_places():
    assert all(area.is_demonstration for area in Area.objects.all())
    lead = User.objects.get(email="lead@northmoor.example")
    page = text_of_body(client_of(lead).get("/areas/D01/"))
    assert "Northmoor is not a real place. Every name and score here is made up." in page


def text_of_body(response):
    return " ".join(soup(response).body.get_text(" ").split())


def test_demo_has_one_person_who_scores_in_two_areas():
    person = User.objects.get(email="health@northmoor.example")
    scores_in = {m.area.name for m in person.all_memberships if m.role == "contributor"}
    assert scores_in == {"Eastvale", "Northmoor"}
    page = text(client_of(person).get("/"))
    assert "Northmoor" in page
    assert "Eastvale" in page


def test_demo_has_dissent_and_one_that_was_withdrawn():
    assert Dissent.objects.filter(withdrawn_at__isnull=True).exists()
    assert Dissent.objects.filter(withdrawn_at__isnull=False).exists()


def test_demo_people_can_all_sign_in_with_the_printed_password():
    users = User.objects.all()
    assert users.count() > 20
    assert [user.email for user in users if not user.check_password(PASSWORD)] == []
    assert Membership.objects.filter(user__email="programme@dfe.example").get().role == "programme"


def test_demo_account_signs_in_on_the_page(client):
    call_command("createcachetable", verbosity=0)
    data = {"login": "parents@northmoor.example", "password": PASSWORD}
    response = client.post("/account/login/", data, follow=True)
    assert response.status_code == 200
    assert "Northmoor" in text(response)


def test_demo_pages_open_for_its_people():
    for name in ("northmoor", "eastvale", "southmere"):
        client = client_of(User.objects.get(email=f"lead@{name}.example"))
        for row in assessments(name.capitalize()):
            assert client.get(row.get_absolute_url()).status_code == 200
            if row.is_revealed:
                assert client.get(f"{row.get_absolute_url()}report/").status_code == 200
                assert client.get(f"{row.get_absolute_url()}moderation/").status_code == 200


def test_demo_history_reads_like_a_story():
    """In the words of the actions, each act on its day, from the first person to today's meeting."""
    lead = User.objects.get(email="lead@northmoor.example")
    events = list(AuditEvent.objects.filter(area_id=Area.objects.get(dfe_code="D01").pk))
    told = [event.sentence for event in reversed(events) if event.audience == Audience.AREA]
    assert told[0] == (
        "Ravi Menon added the membership of Rachel Osei (SEND lead for Northmoor Council)"
    )
    first = [event.sentence for event in reversed(events) if event.assessment_id]
    assert first[0].startswith("Rachel Osei started ‘Autumn 2025 assessment’: scoring closes on ")
    assert first[1].startswith("Rachel Osei opened scoring of ‘Autumn 2025 assessment’ to Northm")
    assert [event.verb for event in events if event.at > timezone.now()] == []
    assert {event.verb for event in events} >= {
        "score.save", "return.submit", "assessment.reveal", "agreed.save", "agreed.accept",
        "dissent.record", "dissent.withdraw", "moderation.finish", "sign_off.sign", "assessment.submit",
    }  # fmt: skip
    page = text(client_of(lead).get("/areas/D01/history/?words=dissent&kind=moderation"))
    assert "Amina Shah recorded dissent for Northmoor Parent Carer Forum on ‘Listening" in page


def test_demo_minutes_tell_a_change_of_mind():
    lead = User.objects.get(email="lead@northmoor.example")
    baseline, _, autumn = assessments("Northmoor")
    page = text(client_of(lead).get(f"{autumn.get_absolute_url()}moderation/minutes/"))
    assert "Rachel Osei changed it from level 3 to level 2" in page
    page = text(client_of(lead).get(f"{baseline.get_absolute_url()}moderation/minutes/"))
    assert "Accepted in one step: 4 statements" in page
    assert "opened ‘Autumn 2025 assessment’ for sign-off" in page


def test_demo_has_a_plan_with_late_actions_and_what_they_changed():
    area = Area.objects.get(dfe_code="D01")
    today = timezone.localdate()
    assert [row.body.sector for row in area.actions.late(today)] == [
        "health", "health", "local_authority",
    ]  # fmt: skip
    assert {row.status for row in area.actions.all()} == set(Status.values)
    assert ActionImpact.objects.filter(action__area=area).count() == 1


def test_demo_shows_momentum_over_two_check_ins():
    found = [
        contents_of_check_in(row)
        for row in CheckIn.objects.filter(area__name="Northmoor").order_by("on")
    ]
    assert [(row.kind, row.pace, row.is_closed) for row in found] == [
        ("With the partnership board", "Slow", True),
        ("With DfE or NHS England", "Slow", False),
    ]
    assert found[1].since == found[0].on
    assert found[1].sentence.startswith("1 of 6 priorities has moved")


def test_demo_shows_a_queue_with_owners_one_overdue_and_one_that_waits():
    programme = User.objects.get(email="programme@dfe.example")
    people = list(User.objects.who_can(Permission.CHECK_IN_RUN))
    lines = queue_of(Area.objects.visible_to(programme), people, timezone.localdate())
    assert [(row.state, row.area.name, row.owner.name) for row in lines] == [
        ("overdue", "Southmere", "Tom Adeyemi"),
        ("waits", "Southmere", "Helen Marsh"),
        ("due", "Northmoor", "Helen Marsh"),
    ]
    assert lines[1].blockers == ["No partner has money for a worker before April."]
    assert AuditEvent.objects.filter(verb="check_in.assign").count() == 3


def test_demo_keeps_in_a_report_the_actions_of_its_day():
    baseline, spring, *_ = assessments("Northmoor")
    assert contents_of(baseline).plan.actions == ()
    assert [row.status for row in contents_of(spring).plan.actions] == [
        f"Done on {day_words(timezone.localdate() - timedelta(days=255))}",
        f"Done on {day_words(timezone.localdate() - timedelta(days=195))}",
        "Under way",
    ]


def test_demo_asks_for_support_only_where_the_library_has_it():
    area = Area.objects.get(dfe_code="D01")
    lead = User.objects.get(email="lead@northmoor.example")
    about = {
        "area": area, "lead": lead, "people": {lead.email: lead}, "partners": {}, "statements": {},
        "assessments": {"spring": assessments("Northmoor")[1]}, "evidence": {},
        "day": lambda offset: timezone.localdate(), "moment": lambda offset: timezone.now(),
    }  # fmt: skip
    row = {
        "package": "coaching", "assessment": "spring", "asked": -9, "by": lead.email, "why": "So.",
    }  # fmt: skip
    DemonstrationPlan(**about).load({"support_requests": [row]})
    assert SupportRequest.objects.count() == 0
    SupportPackageFactory(slug="coaching", title="Coaching")
    DemonstrationPlan(**about).load({"support_requests": [row]})
    assert [str(found) for found in area.support_requests.all()] == ["Northmoor: Coaching"]
    told = AuditEvent.objects.get(verb="support.ask")
    assert told.sentence == "Rachel Osei asked for the support package ‘Coaching’"


def test_demo_has_notes_that_programme_staff_alone_read():
    staff = User.objects.get(email="programme@dfe.example")
    page = text(client_of(staff).get("/programme/areas/D01/"))
    assert page.count("Helen Marsh wrote a programme note") == 2
    assert "Follow up on" in page
    lead = User.objects.get(email="lead@northmoor.example")
    assert "programme note" not in text(client_of(lead).get("/areas/D01/history/"))
