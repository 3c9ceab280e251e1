"""The admin site: editors edit content, areas and people; nobody reads scores there."""

import pytest
from allauth.account.models import EmailAddress
from bs4 import BeautifulSoup
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import authenticate
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from areas.models import AuditEvent, Membership, User
from areas.permissions import Role
from ingredients.actions import load_library
from ingredients.models import GlossaryTerm, Guidance, Page, Statement
from tests import factories
from tests.conftest import client_of
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
OURS = [
    model for model in admin.site._registry if model._meta.app_label in {"areas", "ingredients"}
]
each = pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)


def path(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def text(response) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


@pytest.fixture
def client(editor) -> Client:
    return client_of(editor)


def test_no_model_of_an_assessment_is_in_the_admin():
    registered = set(admin.site._registry)

    assert registered.isdisjoint(apps.get_app_config("assessments").get_models())
    assert {f"{model._meta.app_label}.{model.__name__}" for model in registered} == {
        "areas.Area",
        "areas.AuditEvent",
        "areas.Membership",
        "areas.Partner",
        "areas.User",
        "django_tasks_database.DBTaskResult",
        "ingredients.Framework",
        "ingredients.GlossaryTerm",
        "ingredients.Guidance",
        "ingredients.Ingredient",
        "ingredients.Measure",
        "ingredients.Page",
        "ingredients.SourcePoint",
        "ingredients.Statement",
        "ingredients.SupportPackage",
        "send_portal.Mail",
    }


def test_no_score_is_shown_anywhere_in_the_admin(partnership, client):
    partnership.answer("health", "1", reason="Words that only health may read")

    for model in OURS:
        assert "Words that only health may read" not in text(client.get(path(model, "changelist")))
    for model in apps.get_app_config("assessments").get_models():
        address = f"/admin/assessments/{model._meta.model_name}/"
        assert client.get(address).status_code == 404


def test_an_editor_opens_every_list_and_every_row(framework, client):
    load_library(folder=settings.FIXTURES / "library")
    partner = factories.PartnerFactory()
    factories.AreaCodeFactory(area=partner.area)
    factories.AuditEventFactory(sentence="Ada did something")

    index = text(client.get("/admin/"))
    for model in OURS:
        assert str(model._meta.verbose_name_plural).lower() in index.lower()
        assert client.get(path(model, "changelist"), {"q": "a"}).status_code == 200
        row = model._default_manager.first()
        assert client.get(path(model, "change", row.pk)).status_code == 200, model


@each
@pytest.mark.parametrize("view", ["changelist", "add"])
def test_others_do_not_enter(model, view, programme):
    lead = factories.MembershipFactory(role=Role.LEAD).user
    staff = factories.MembershipFactory(role=Role.LEAD, user__is_staff=True).user
    superuser = factories.UserFactory(is_staff=True, is_superuser=True)
    not_staff = factories.MembershipFactory(role=Role.EDITOR, area=None).user

    address = path(model, view)
    assert Client().get(address)["Location"] == f"/account/login/?next={address}"
    for user in (lead, programme, not_staff):
        assert client_of(user).get(address, follow=True).status_code == 403
    for user in (staff, superuser):
        assert client_of(user).get(address).status_code == 403


@pytest.mark.parametrize("name", ["Framework", "Ingredient", "Statement", "SourcePoint", "Measure"])
def test_a_published_framework_is_only_read(framework, client, name):
    model = apps.get_model("ingredients", name)
    row = model.objects.first()

    assert client.get(path(model, "add")).status_code == 403
    assert client.post(path(model, "add"), {"title": "New"}).status_code == 403
    assert client.post(path(model, "change", row.pk), {"title": "New"}).status_code == 403
    assert client.post(path(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_a_statement_shows_its_four_levels(framework, client):
    statement = Statement.objects.first()

    found = text(client.get(path(Statement, "change", statement.pk)))

    for descriptor in statement.descriptors.all():
        assert descriptor.text in found


def test_the_audit_log_is_searched_by_its_sentences_and_only_read(client):
    event = factories.AuditEventFactory(sentence="Ada North closed scoring")
    factories.AuditEventFactory(sentence="Ben South added a partner")

    found = text(client.get(path(AuditEvent, "changelist"), {"q": "closed"}))
    assert "Ada North closed scoring" in found
    assert "Ben South" not in found
    assert client.get(path(AuditEvent, "add")).status_code == 403
    assert client.post(path(AuditEvent, "delete", event.pk), {"post": "yes"}).status_code == 403
    client.post(
        path(AuditEvent, "changelist"),
        {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"},
    )
    assert AuditEvent.objects.count() == 2


def test_an_editor_changes_a_glossary_term_and_the_public_reads_it(client):
    factories.GlossaryTermFactory(term="Baseline")
    term = factories.GlossaryTermFactory(term="Board", slug="board", aliases=["the board"])

    response = client.post(
        path(GlossaryTerm, "change", term.pk),
        {
            "term": "Board",
            "slug": "board",
            "order": "1",
            "aliases": "SEND board\r\n\r\n partnership board ",
            "meaning": "Who answers for SEND in an area.",
            "plain": "The people in charge.",
            "see_also": "Baseline",
            "auto_link": "on",
        },
    )

    assert response.status_code == 302
    term.refresh_from_db()
    assert term.aliases == ["SEND board", "partnership board"]
    assert term.alias_text == "SEND board, partnership board"
    page = text(Client().get("/glossary/board/"))
    assert "Who answers for SEND in an area." in page
    assert "Baseline" in page
    assert "Board" in text(Client().get("/glossary/?q=partnership+board"))


def test_a_see_also_must_name_a_term_of_the_glossary(client):
    term = factories.GlossaryTermFactory(term="Board", slug="board")

    response = client.post(
        path(GlossaryTerm, "change", term.pk),
        {
            "term": "Board",
            "slug": "board",
            "order": "1",
            "meaning": "m",
            "plain": "p",
            "see_also": "Nope",
        },
    )

    assert "Not in the glossary: Nope" in text(response)


def test_an_editor_adds_guidance_for_the_ingredients_ticked(framework, client):
    response = client.post(
        path(Guidance, "add"),
        {
            "title": "A new guide",
            "slug": "a-new-guide",
            "order": "99",
            "provider": "A provider",
            "kind": "guide",
            "address": "https://provider.example/guide",
            "summary": "It helps.",
            "ingredient_list": ["leadership", "culture"],
            "lowest_level": "1",
            "highest_level": "2",
            "standing": "current",
        },
    )

    assert response.status_code == 302, text(response)
    assert Guidance.objects.get().ingredient_list == "|leadership|culture|"
    assert "A new guide" in text(Client().get("/guidance/?ingredient=culture"))
    form = BeautifulSoup(
        client.get(path(Guidance, "change", Guidance.objects.get().pk)).content, "html.parser"
    )
    ticked = form.select("input[name=ingredient_list][checked]")
    assert {box["value"] for box in ticked} == {"leadership", "culture"}


def test_an_editor_changes_a_support_package_and_its_lists(framework, client):
    package = factories.SupportPackageFactory(helps_when=[1], check_in_pattern=[6])
    address = path(type(package), "change", package.pk)
    form = BeautifulSoup(client.get(address).content, "html.parser")
    data = {
        field["name"]: field.get("value", "")
        for field in form.select("#supportpackage_form input[type=text], input[type=url]")
    }
    data |= {
        field["name"]: field.text.strip() for field in form.select("#supportpackage_form textarea")
    }
    data |= {"order": "1", "ingredient_list": ["leadership"], "term": "short", "cost": "free"}
    data |= {"standing": "current", "helps_when": "1\n2", "regions": "London\nSouth West"}

    assert client.post(address, data | {"check_in_pattern": "six"}).status_code == 200
    response = client.post(address, data)

    assert response.status_code == 302, text(response)
    package.refresh_from_db()
    assert (package.helps_when, package.check_in_pattern) == ([1, 2], [6])
    assert package.regions == ["London", "South West"]


def test_an_editor_changes_a_page_but_adds_and_removes_none(client):
    page = factories.PageFactory(slug="privacy")

    assert client.post(path(Page, "change", page.pk), {"markdown": "# Ours"}).status_code == 302
    assert client.get(path(Page, "add")).status_code == 403
    assert client.post(path(Page, "delete", page.pk), {"post": "yes"}).status_code == 403
    assert "Ours" in text(Client().get("/privacy/"))


class TestPeople:
    def test_a_new_person_has_no_password_and_gets_one_by_mail(self, client, letters):
        response = client.post(
            path(User, "add"),
            {"email": "New@Area.example", "name": "New Person", "is_active": "on"},
        )

        assert response.status_code == 302
        person = User.objects.get(name="New Person")
        assert not person.has_usable_password()
        assert person.email == "new@area.example", "sign-in looks for small letters"
        Client().post("/account/password/reset/", {"email": "new@area.example"})
        assert "/account/password/reset/key/" in letters()[0].body

    def test_no_password_or_its_hash_is_shown(self, client):
        person = factories.UserFactory()

        response = client.get(path(User, "change", person.pk))

        assert person.password not in response.content.decode()
        form = BeautifulSoup(response.content, "html.parser").select_one("#user_form")
        assert "password" not in form.get_text().lower()
        assert not form.select("input[name*=password]")

    def test_rights_are_not_given_past_memberships(self, client, editor):
        person = factories.UserFactory()
        data = {"email": person.email, "name": "Same", "is_active": "on", "is_superuser": "on"}

        client.post(path(User, "change", person.pk), data | {"groups": "1", "password": "x"})

        person.refresh_from_db()
        assert (person.name, person.is_superuser) == ("Same", False)

    def test_after_a_change_of_address_only_the_new_one_signs_in(self, client):
        person = factories.UserFactory(email="old@area.example")
        EmailAddress.objects.create(
            user=person, email="old@area.example", primary=True, verified=True
        )

        client.post(
            path(User, "change", person.pk),
            {"email": "new@area.example", "name": person.name, "is_active": "on"},
        )

        assert authenticate(None, email="old@area.example", password=PASSWORD) is None
        assert authenticate(None, email="new@area.example", password=PASSWORD) == person

    def test_an_account_is_closed_not_deleted(self, client):
        person = factories.UserFactory()

        assert client.post(path(User, "delete", person.pk), {"post": "yes"}).status_code == 403
        client.post(path(User, "change", person.pk), {"email": person.email, "name": "Left"})

        assert authenticate(None, email=person.email, password=PASSWORD) is None

    def test_a_membership_is_added_removed_and_logged(self, client, editor):
        partner = factories.PartnerFactory(area__name="Moorland")
        person = factories.UserFactory(name="Ada North")
        data = {
            "user": person.pk,
            "role": "contributor",
            "area": partner.area_id,
            "partner": partner.pk,
        }

        assert client.post(path(Membership, "add"), data).status_code == 302
        row = person.memberships.get()
        assert client.post(path(Membership, "delete", row.pk), {"post": "yes"}).status_code == 302

        assert not person.memberships.exists()
        events = AuditEvent.objects.order_by("pk")
        assert [event.sentence for event in events] == [
            f"Content Editor {act} the membership of Ada North (contributor for {partner.name})"
            for act in ("added", "removed")
        ]
        assert {event.area_code for event in events} == {partner.area.dfe_code}

    def test_memberships_removed_together_are_logged_one_by_one(self, client):
        rows = factories.MembershipFactory.create_batch(2)

        client.post(
            path(Membership, "changelist"),
            {
                "action": "delete_selected",
                "_selected_action": [row.pk for row in rows],
                "post": "yes",
            },
        )

        assert Membership.objects.count() == 1, "only the editor's own is left"
        assert AuditEvent.objects.filter(verb="membership.remove").count() == 2

    @pytest.mark.parametrize(
        ("role", "given", "message"),
        [
            ("lead", [], "This role needs an area."),
            ("contributor", ["area"], "This role needs a partner."),
            ("board", ["area"], "This role needs a partner."),
            ("programme", ["area"], "leave area and partner empty"),
            ("editor", ["area", "partner"], "leave area and partner empty"),
            ("lead", ["area", "stranger"], "This partner belongs to another area."),
            ("", ["area"], "This field is required."),
        ],
    )
    def test_a_membership_that_cannot_be_is_explained(self, client, role, given, message):
        partner, stranger = factories.PartnerFactory(), factories.PartnerFactory()
        values = {"area": ("area", partner.area_id), "partner": ("partner", partner.pk)}
        values["stranger"] = ("partner", stranger.pk)
        data = {"user": factories.UserFactory().pk, "role": role} | dict(
            values[name] for name in given
        )

        response = client.post(path(Membership, "add"), data)

        assert response.status_code == 200
        assert message in text(response)
        assert Membership.objects.count() == 1


def test_a_partner_stays_in_its_area_and_is_never_deleted(client):
    partner, other = factories.PartnerFactory(name="Before"), factories.AreaFactory()

    response = client.post(
        path(type(partner), "change", partner.pk),
        {"name": "After", "area": other.pk, "sector": "health", "opened_on": "2020-01-01"},
    )

    assert response.status_code == 302
    before = partner.area_id
    partner.refresh_from_db()
    assert (partner.name, partner.area_id, partner.sector) == ("After", before, "local_authority")
    assert (
        client.post(path(type(partner), "delete", partner.pk), {"post": "yes"}).status_code == 403
    )


def test_a_renamed_area_keeps_its_codes_and_the_change_is_logged(client):
    code = factories.AreaCodeFactory(area__dfe_code="301", area__name="Before")
    address = path(type(code.area), "change", code.area_id)
    assert "Former area" in text(client.get(address))

    client.post(
        address,
        {"dfe_code": "301", "name": "After", "region": "London"}
        | {"codes-TOTAL_FORMS": "0", "codes-INITIAL_FORMS": "0"},
    )

    event = AuditEvent.objects.get()
    assert event.sentence == (
        "Content Editor changed the area After: name from ‘Before’ to ‘After’, "
        "region from ‘North East’ to ‘London’"
    )
    assert (event.area_code, event.details) == ("301", {"fields": ["name", "region"]})
    code.refresh_from_db()
    assert code.name == "Former area"


def test_an_area_cannot_take_a_demonstration_code(client):
    area = factories.AreaFactory(dfe_code="301")

    response = client.post(
        path(type(area), "change", area.pk),
        {
            "dfe_code": "D01",
            "name": area.name,
            "region": area.region,
            "codes-TOTAL_FORMS": "0",
            "codes-INITIAL_FORMS": "0",
        },
    )

    assert response.status_code == 200
    area.refresh_from_db()
    assert area.dfe_code == "301"


@pytest.mark.parametrize("name", ["User", "Membership", "Partner", "AuditEvent"])
def test_a_list_costs_the_same_with_one_row_and_three(client, django_assert_num_queries, name):
    model = apps.get_model("areas", name)
    factory = getattr(factories, f"{name}Factory")
    factory()
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(path(model, "changelist"))
    factory.create_batch(2)
    with django_assert_num_queries(len(few)):
        client.get(path(model, "changelist"))
