"""What people do in an area is changed and ended; what they did stays, and who was what when."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connections
from django.utils import timezone

from areas.actions import people as actions
from areas.actions.errors import LastLeadError
from areas.models import AuditEvent, Invitation, Membership, PastMembership
from areas.permissions import Permission, Role
from tests.conftest import client_of
from tests.databases import on_postgresql
from tests.factories import (
    AreaFactory,
    InvitationFactory,
    MembershipFactory,
    PartnerFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def area():
    return AreaFactory(name="Moorland")


@pytest.fixture
def partner(area):
    return PartnerFactory(area=area, name="Moorland Trust")


@pytest.fixture
def zora(area):
    return MembershipFactory(user__name="Zora Lead", role=Role.LEAD, area=area)


@pytest.fixture
def lead(zora):
    return client_of(zora.user)


@pytest.fixture
def ann(area, partner):
    return MembershipFactory(
        user__name="Ann Lee",
        user__email="ann@trust.example",
        role=Role.CONTRIBUTOR,
        area=area,
        partner=partner,
        joined_at=timezone.now() - timedelta(days=90),
    )


def url(row, part: str = "") -> str:
    return f"/areas/{row.area.dfe_code}/people/{row.pk}/{part}"


def text(response) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").main.get_text(" ").split())


def test_the_lead_sees_the_day_on_which_somebody_last_signed_in(area, lead, ann):
    path = f"/areas/{area.dfe_code}/people/"
    ann.user.last_login = timezone.make_aware(timezone.datetime(2026, 3, 4, 23, 15))
    ann.user.save()

    assert "4 March 2026" in text(lead.get(path))
    assert "23:15" not in text(lead.get(path))
    assert "4 March 2026" not in text(client_of(ann.user).get(path))


def test_a_role_is_changed_and_the_old_one_remembered(area, partner, lead, ann):
    response = lead.post(url(ann), {"role": "board", "partner": partner.pk}, follow=True)

    assert "What Ann Lee does here is changed." in text(response)
    (now,) = ann.user.memberships.all()
    assert (now.role, now.partner, now.joined_at.date()) == (
        "board", partner, timezone.now().date(),
    )  # fmt: skip
    (past,) = PastMembership.objects.all()
    assert (past.user, past.role, past.area, past.partner) == (
        ann.user, "contributor", area, partner,
    )  # fmt: skip
    assert (past.joined_at, past.ended_by.name) == (ann.joined_at, "Zora Lead")
    assert AuditEvent.objects.get().sentence == (
        "Zora Lead made Ann Lee board member for Moorland Trust, "
        "before contributor for Moorland Trust"
    )


def test_nothing_is_written_when_nothing_changes(partner, lead, ann):
    lead.post(url(ann), {"role": "contributor", "partner": partner.pk})

    assert not PastMembership.objects.exists()
    assert not AuditEvent.objects.exists()
    assert Membership.objects.filter(pk=ann.pk).exists()


def test_a_change_into_what_one_is_already_leaves_one_membership(area, partner, lead, ann):
    MembershipFactory(user=ann.user, role=Role.BOARD, area=area, partner=partner)

    lead.post(url(ann), {"role": "board", "partner": partner.pk})

    assert [row.role for row in ann.user.memberships.all()] == ["board"]


def test_after_a_change_of_partner_work_stays_where_it_was_done(partnership):
    own, ann = partnership, partnership.people["health"]
    own.answer("health", "2")
    row = ann.memberships.get()
    data = {"role": "contributor", "partner": own.partners["schools"].pk}

    own.client("lead").post(url(row), data)

    assert own.returns["health"].scores.count() == 32
    assert not own.returns["schools"].scores.exists()
    client = client_of(ann)
    assessment = own.assessment.pk
    old, new = (own.returns[key].pk for key in ("health", "schools"))
    assert client.get(f"/assessments/{assessment}/returns/{old}/").status_code == 404
    assert client.get(f"/assessments/{assessment}/returns/{new}/").status_code == 200


def test_somebody_removed_is_out_at_the_next_click_and_their_work_stays(partnership):
    own, ann = partnership, partnership.people["health"]
    own.answer("health", "2")
    client, row = client_of(ann), ann.memberships.get()
    page = own.returns["health"].assessment.get_absolute_url()
    assert client.get(page).status_code == 200

    response = own.client("lead").post(url(row, "remove/"), follow=True)

    assert "is no longer contributor for Moorland Health." in text(response)
    assert client.get(page).status_code == 404
    assert own.returns["health"].scores.count() == 32
    past = PastMembership.objects.get()
    assert (past.user, past.role) == (ann, "contributor")
    assert AuditEvent.objects.latest("pk").sentence == (
        "Moorland Lead ended the membership of Moorland Health Contributor "
        "as contributor for Moorland Health"
    )


def test_looking_at_the_question_removes_nobody(lead, ann):
    assert "Remove them as contributor for Moorland Trust?" in text(lead.get(url(ann, "remove/")))

    assert Membership.objects.filter(pk=ann.pk).exists()


def test_who_is_removed_does_not_come_back_by_an_open_invitation(area, lead, ann):
    here = InvitationFactory(area=area, email=ann.user.email)
    elsewhere = InvitationFactory(email=ann.user.email)

    lead.post(url(ann, "remove/"))

    here.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (here.state, elsewhere.state) == (
        Invitation.State.REVOKED, Invitation.State.WAITING,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "target"),
    [
        ({"role": "contributor", "partner": ""}, "#id_partner"),
        ({"role": "board", "partner": ""}, "#id_partner"),
        ({"role": "programme", "partner": ""}, "#id_role_0"),
        ({"role": "editor", "partner": ""}, "#id_role_0"),
        ({"role": "viewer", "partner": "99999999999"}, "#id_partner"),
        ({}, "#id_role_0"),
    ],
)
def test_a_role_that_cannot_be_is_explained(lead, ann, data, target):
    response = lead.post(url(ann), data)

    assert response.status_code == 400
    soup = BeautifulSoup(response.content, "html.parser")
    assert [a["href"] for a in soup.select(".govuk-error-summary a")] == [target]
    assert soup.select_one(target)
    assert Membership.objects.filter(pk=ann.pk).exists()


def test_a_partner_of_another_area_is_never_given(lead, ann):
    foreign = PartnerFactory()

    assert lead.post(url(ann), {"role": "board", "partner": foreign.pk}).status_code == 400
    with pytest.raises(ValueError, match="partner"):
        actions.change_membership(membership=ann, role="board", partner=foreign, by=ann.user)
    with pytest.raises(ValueError, match="role"):
        actions.change_membership(membership=ann, role="editor", partner=None, by=ann.user)


def test_roles_that_hold_everywhere_are_not_a_leads_to_change(lead, zora, programme):
    row = programme.memberships.get()

    assert lead.post(f"/areas/{zora.area.dfe_code}/people/{row.pk}/").status_code == 404
    with pytest.raises(ValueError, match="everywhere"):
        actions.remove_membership(membership=row, by=zora.user)


class TestTheLastLead:
    def test_cannot_remove_or_demote_themselves(self, lead, zora):
        said = "The area needs a lead. Make somebody else a lead first."

        assert said in text(lead.post(url(zora), {"role": "viewer", "partner": ""}))
        response = lead.post(url(zora, "remove/"))
        assert response["Location"] == "/"
        assert said in text(lead.get("/"))
        assert zora.user.can(Permission.PEOPLE_MANAGE, zora.area)
        assert Membership.objects.filter(pk=zora.pk).exists()

    def test_cannot_leave(self, lead, zora):
        response = lead.post(f"/account/details/leave/{zora.pk}/", follow=True)

        assert "You are the only lead of Moorland. Invite another lead first." in text(response)
        assert Membership.objects.filter(pk=zora.pk).exists()

    def test_may_go_once_there_is_another(self, area, lead, zora):
        MembershipFactory(role=Role.LEAD, area=area)

        lead.post(url(zora, "remove/"))

        assert not Membership.objects.filter(pk=zora.pk).exists()

    def test_a_closed_account_is_no_other_lead(self, area, zora):
        MembershipFactory(role=Role.LEAD, area=area, user__is_active=False)

        with pytest.raises(LastLeadError):
            actions.remove_membership(membership=zora, by=zora.user)

    def test_may_take_on_a_partner(self, area, partner, lead, zora):
        lead.post(url(zora), {"role": "lead", "partner": partner.pk})

        assert zora.user.memberships.get().partner == partner


def test_a_membership_ended_twice_is_ended_once(zora, ann):
    for _ in range(2):
        actions.remove_membership(membership=Membership(pk=ann.pk, **fields(ann)), by=zora.user)
    actions.change_membership(
        membership=Membership(pk=ann.pk, **fields(ann)), role="viewer", partner=None, by=zora.user
    )

    assert PastMembership.objects.count() == 1
    assert AuditEvent.objects.count() == 1
    assert not ann.user.memberships.exists()


def fields(row) -> dict:
    return {"user": row.user, "role": row.role, "area": row.area, "partner": row.partner}


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_leads_who_remove_each_other_at_once_leave_one():
    area = AreaFactory()
    rows = MembershipFactory.create_batch(2, role=Role.LEAD, area=area)
    barrier, outcomes = threading.Barrier(2), []

    def remove(row, by) -> None:
        barrier.wait()
        try:
            actions.remove_membership(membership=row, by=by)
            outcomes.append("removed")
        except LastLeadError:
            outcomes.append("last")
        finally:
            connections.close_all()

    pairs = [(rows[0], rows[1].user), (rows[1], rows[0].user)]
    threads = [threading.Thread(target=remove, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["last", "removed"]
    assert Membership.objects.filter(area=area, role=Role.LEAD).count() == 1


class TestMyDetails:
    URL = "/account/details/"

    def test_everybody_finds_their_own_from_the_top_of_the_page(self, lead):
        soup = BeautifulSoup(lead.get("/").content, "html.parser")

        assert soup.header.find("a", string="Zora Lead")["href"] == self.URL

    def test_name_and_job_title_are_changed_and_old_records_keep_the_old_name(self, lead, zora):
        AuditEvent.objects.create(verb="t", sentence="Zora Lead did it", actor_name="Zora Lead")

        response = lead.post(
            self.URL, {"name": " Zora  North ", "job_title": "Director"}, follow=True
        )

        assert "Your details are saved." in text(response)
        zora.user.refresh_from_db()
        assert (zora.user.name, zora.user.job_title) == ("Zora North", "Director")
        assert [event.sentence for event in AuditEvent.objects.order_by("pk")] == [
            "Zora Lead did it",
            "Zora North was called Zora Lead before",
        ]

    def test_a_job_title_alone_is_no_event(self, lead):
        lead.post(self.URL, {"name": "Zora Lead", "job_title": ""})

        assert not AuditEvent.objects.exists()

    @pytest.mark.parametrize("name", ["", " ", "x" * 121, "a\x00b", "Zora\x1b[0m"])
    def test_a_name_that_cannot_be_is_explained(self, lead, zora, name):
        response = lead.post(self.URL, {"name": name, "job_title": "Director"})

        assert response.status_code == 400
        soup = BeautifulSoup(response.content, "html.parser")
        assert [a["href"] for a in soup.select(".govuk-error-summary a")] == ["#id_name"]
        assert soup.select_one("#id_job_title")["value"] == "Director"
        zora.user.refresh_from_db()
        assert zora.user.name == "Zora Lead"

    def test_address_staff_flag_and_rights_are_not_changed_here(self, lead, zora):
        lead.post(
            self.URL,
            {"name": "Z", "job_title": "", "email": "x@y.example", "is_staff": "on", "role": "editor"},
        )  # fmt: skip

        before = zora.user.email
        zora.user.refresh_from_db()
        assert (zora.user.email, zora.user.is_staff) == (before, False)
        assert zora.user.memberships.count() == 1

    def test_each_membership_is_listed_and_what_an_area_gave_can_be_left(self, ann):
        MembershipFactory(user=ann.user, role=Role.EDITOR, area=None)
        client = client_of(ann.user)

        soup = BeautifulSoup(client.get(self.URL).content, "html.parser")

        rows = {
            " ".join(row.dt.text.split()): row.a and row.a["href"]
            for row in soup.select(".govuk-summary-list__row")
        }
        assert rows == {"Moorland": f"/account/details/leave/{ann.pk}/", "Everywhere": None}
        editor = ann.user.memberships.get(role="editor")
        assert client.post(f"/account/details/leave/{editor.pk}/").status_code == 404

    def test_leaving_is_asked_first_and_remembered(self, ann):
        client = client_of(ann.user)
        path = f"/account/details/leave/{ann.pk}/"

        assert "Leave Moorland as contributor for Moorland Trust?" in text(client.get(path))
        response = client.post(path, follow=True)

        assert "You have left Moorland as contributor for Moorland Trust." in text(response)
        assert not ann.user.memberships.exists()
        assert PastMembership.objects.get().ended_by == ann.user
        assert AuditEvent.objects.get().sentence == (
            "Ann Lee left as contributor for Moorland Trust"
        )

    def test_nobody_leaves_for_somebody_else(self, lead, ann):
        path = f"/account/details/leave/{ann.pk}/"

        assert (lead.get(path).status_code, lead.post(path).status_code) == (404, 404)
        assert Membership.objects.filter(pk=ann.pk).exists()

    def test_it_costs_the_same_with_one_membership_and_three(self, ann, django_assert_num_queries):
        client = client_of(ann.user)
        with django_assert_num_queries(2):  # session, person with memberships
            client.get(self.URL)
        MembershipFactory(user=ann.user)
        MembershipFactory(user=ann.user)
        with django_assert_num_queries(2):
            client.get(self.URL)


def test_an_admin_who_changes_or_removes_a_membership_leaves_the_past_behind(editor, ann, partner):
    client = client_of(editor)
    path = f"/admin/areas/membership/{ann.pk}/"
    data = {"user": ann.user_id, "role": "board", "area": ann.area_id, "partner": partner.pk}

    assert client.post(f"{path}change/", data).status_code == 302
    assert [row.role for row in ann.user.memberships.all()] == ["board"]
    assert [row.role for row in PastMembership.objects.all()] == ["contributor"]
    client.post(f"/admin/areas/membership/{ann.user.memberships.get().pk}/delete/", {"post": "yes"})
    assert not ann.user.memberships.exists()
    assert PastMembership.objects.count() == 2
