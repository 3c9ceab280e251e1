"""Partners close, merge and are replaced; old reports keep old names."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.utils import timezone

from areas.actions import partners as actions
from areas.forms.partners import care_boards
from areas.models import AuditEvent, Invitation, Partner, Sector
from areas.permissions import Role
from tests.conftest import client_of
from tests.factories import (
    AreaFactory,
    EvidenceFactory,
    InvitationFactory,
    MembershipFactory,
    PartnerFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def area():
    return AreaFactory(name="Moorland")


@pytest.fixture
def zora(area):
    return MembershipFactory(user__name="Zora Lead", role=Role.LEAD, area=area).user


@pytest.fixture
def lead(zora):
    return client_of(zora)


@pytest.fixture
def board(area):
    return PartnerFactory(area=area, sector=Sector.HEALTH, name="Old Board")


def url(partner, part: str = "") -> str:
    return f"/areas/{partner.area.dfe_code}/partners/{partner.pk}/{part}"


def on(name: str, day: date) -> dict[str, str]:
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}  # fmt: skip


def text(response) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").main.get_text(" ").split())


def links(response) -> dict[str, str]:
    assert response.status_code == 400
    soup = BeautifulSoup(response.content, "html.parser")
    found = {link["href"]: link.text for link in soup.select(".govuk-error-summary a")}
    assert all(soup.select_one(target) for target in found)
    return found


# ---- The list ----------------------------------------------------------------------------------


def test_each_partner_shows_how_many_score_and_sign(area, lead, board):
    PartnerFactory(area=area, name="Empty")
    for role, active in (
        (Role.CONTRIBUTOR, True), (Role.CONTRIBUTOR, True), (Role.BOARD, True), (Role.BOARD, False),
        (Role.VIEWER, True),
    ):  # fmt: skip
        MembershipFactory(role=role, area=area, partner=board, user__is_active=active)

    soup = BeautifulSoup(lead.get(f"/areas/{area.dfe_code}/partners/").content, "html.parser")
    rows = [" ".join(row.get_text(" ").split()) for row in soup.tbody.find_all("tr")]

    assert "2 can score, 1 can sign" in rows[1]
    assert "Nobody yet Invite people to score for Empty" in rows[0]
    empty = Partner.objects.get(name="Empty")
    assert soup.tbody.a["href"].endswith(f"/people/invite/?partner={empty.pk}&role=contributor")


def test_inviting_from_a_partner_has_it_and_the_role_filled_in(area, lead, board):
    page = lead.get(f"/areas/{area.dfe_code}/people/invite/?partner={board.pk}&role=contributor")

    soup = BeautifulSoup(page.content, "html.parser")
    assert soup.select_one("#id_partner option[selected]").text == "Old Board"
    assert soup.select_one("input[name=role][checked]")["value"] == "contributor"


def test_closed_and_coming_partners_stand_apart(area, lead, board):
    today = timezone.localdate()
    new = PartnerFactory(area=area, name="New Board", opened_on=today + timedelta(days=3))
    board.closed_on, board.replaced_by = today, new
    board.save()

    page = text(lead.get(f"/areas/{area.dfe_code}/partners/"))

    assert "Closed, or still to open" in page
    assert "replaced by New Board" in page
    assert "Opens on" in page


# ---- Adding a care board -----------------------------------------------------------------------


def test_the_42_integrated_care_boards_are_offered(area, lead):
    soup = BeautifulSoup(lead.get(f"/areas/{area.dfe_code}/partners/").content, "html.parser")

    offered = [option.text for option in soup.select("#id_icb option")]
    assert offered == ["Another organisation", *care_boards()]
    assert len(care_boards()) == 42
    assert "NHS Devon Integrated Care Board" in offered


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"sector": "health", "icb": "NHS Devon Integrated Care Board"}, None),
        ({"sector": "health", "icb": "", "name": "Thames Valley Board"}, None),
        ({"sector": "schools", "icb": "NHS Devon Integrated Care Board"}, "#id_icb"),
        ({"sector": "health", "icb": "NHS Devon Integrated Care Board", "name": "X"}, "#id_name"),
        ({"sector": "health", "icb": "Made Up Board"}, "#id_icb"),
        ({"sector": "health", "icb": "", "name": ""}, "#id_name"),
    ],
)
def test_a_care_board_is_picked_or_typed(area, lead, data, expected):
    response = lead.post(f"/areas/{area.dfe_code}/partners/", {"name": ""} | data)

    if expected is None:
        assert Partner.objects.get().name == data["icb"] or data["name"]
    else:
        assert list(links(response)) == [expected]
        assert not Partner.objects.exists()


def test_a_care_board_that_is_here_already_is_not_added_twice(area, lead):
    PartnerFactory(area=area, name="NHS Devon Integrated Care Board")
    data = {"sector": "health", "icb": "NHS Devon Integrated Care Board", "name": ""}

    response = lead.post(f"/areas/{area.dfe_code}/partners/", data)

    assert list(links(response).values()) == ["This area already has a partner with this name"]


# ---- Changing ----------------------------------------------------------------------------------


def test_name_sector_and_opening_day_are_corrected(lead, board):
    data = {"sector": "schools", "name": "New Name", **on("opened_on", date(2021, 5, 6))}

    response = lead.post(url(board), data, follow=True)

    assert "New Name is changed." in text(response)
    board.refresh_from_db()
    assert (board.sector, board.name, board.opened_on) == ("schools", "New Name", date(2021, 5, 6))
    assert AuditEvent.objects.get().sentence == (
        "Zora Lead renamed the partner Old Board to New Name"
    )


def test_after_its_first_assessment_a_partner_keeps_its_sector(partnership):
    health = partnership.partners["health"]
    client = partnership.client("lead")
    data = {"sector": "schools", "name": "Renamed", **on("opened_on", health.opened_on)}

    assert "so its sector stays" in text(client.get(url(health)))
    client.post(url(health), data)

    health.refresh_from_db()
    assert (health.sector, health.name) == ("health", "Renamed")
    assert partnership.returns["health"].name == "Moorland Health", "as it was when it was invited"
    with pytest.raises(ValueError, match="sector"):
        actions.change_partner(
            partner=health, sector="schools", name="X", opened_on=health.opened_on,
            closed_on=None, by=partnership.people["lead"],
        )  # fmt: skip


def test_evidence_that_it_owns_counts_as_work_too(board):
    assert not board.has_work
    MembershipFactory(area=board.area, partner=board, role=Role.BOARD)
    InvitationFactory(area=board.area, partner=board)
    assert not board.has_work
    EvidenceFactory(owner=board)
    assert board.has_work


@pytest.mark.parametrize(
    ("change", "target"),
    [
        ({"name": ""}, "#id_name"),
        ({"name": "Taken"}, "#id_name"),
        ({"sector": "dragons"}, "#id_sector"),
        ({"opened_on_day": "31", "opened_on_month": "2"}, "#id_opened_on_0"),
        ({"opened_on_year": ""}, "#id_opened_on_2"),
    ],
)
def test_a_change_that_cannot_be_is_explained(area, lead, board, change, target):
    PartnerFactory(area=area, name="Taken")
    data = {"sector": "health", "name": "Old Board", **on("opened_on", board.opened_on)}

    assert list(links(lead.post(url(board), data | change))) == [target]


def test_a_closing_day_is_changed_or_taken_back(lead, board):
    today = timezone.localdate()
    actions.close_partner(partner=board, closed_on=today, by=board.area.memberships.get().user)
    data = {"sector": "health", "name": "Old Board", **on("opened_on", board.opened_on)}

    response = lead.post(url(board), data | on("closed_on", date(2019, 1, 1)))
    assert list(links(response)) == ["#id_closed_on_0"]
    lead.post(url(board), data)

    board.refresh_from_db()
    assert board.closed_on is None


# ---- Closing -----------------------------------------------------------------------------------


def test_a_closed_partner_is_not_offered_for_a_new_assessment(partnership):
    own, schools = partnership, partnership.partners["schools"]
    own.assessment.returns.all().delete()
    type(own.assessment).objects.filter(pk=own.assessment.pk).update(stage="setup")
    client, page = own.client("lead"), f"/assessments/{own.assessment.pk}/partners/"
    assert "Moorland Schools" in text(client.get(page))

    response = client.post(
        url(schools, "close/"), on("closed_on", timezone.localdate()), follow=True
    )

    assert "Closed on" in text(response)
    assert "Moorland Schools" not in text(client.get(page))


def test_what_it_has_begun_a_closed_partner_may_finish(partnership):
    own, health = partnership, partnership.partners["health"]
    own.answer("health", "2")

    own.client("lead").post(url(health, "close/"), on("closed_on", timezone.localdate()))

    page = f"/assessments/{own.assessment.pk}/returns/{own.returns['health'].pk}/"
    assert own.client("health").post(page, {"confirm": "on"}).status_code == 302
    own.returns["health"].refresh_from_db()
    assert own.returns["health"].is_submitted


def test_closing_withdraws_open_invitations_to_it(area, lead, board):
    to_it, other = InvitationFactory(area=area, partner=board), InvitationFactory(area=area)

    lead.post(url(board, "close/"), on("closed_on", timezone.localdate() + timedelta(days=9)))

    to_it.refresh_from_db()
    other.refresh_from_db()
    assert (to_it.state, other.state) == (Invitation.State.REVOKED, Invitation.State.WAITING)


@pytest.mark.parametrize("data", [{}, on("closed_on", date(2019, 12, 31)), {"closed_on_day": "x"}])
def test_a_closing_day_that_cannot_be_is_explained(lead, board, data):
    assert links(lead.post(url(board, "close/"), data))
    board.refresh_from_db()
    assert board.closed_on is None


# ---- Replacing ---------------------------------------------------------------------------------


def replace(client, partner, **data):
    day = data.pop("day", timezone.localdate())
    given = {"successor": "", "name": "New Board", "move_people": "on", **on("opens_on", day)}
    return client.post(url(partner, "replace/"), given | data, follow=True)


def test_the_old_partner_closes_the_new_one_opens_and_people_take_part_there_too(area, lead, board):
    ann = MembershipFactory(role=Role.CONTRIBUTOR, area=area, partner=board).user
    invitation = InvitationFactory(area=area, partner=board, role=Role.BOARD)
    day = timezone.localdate() + timedelta(days=5)

    response = replace(lead, board, day=day)

    assert "New Board takes the place of Old Board." in text(response)
    new = Partner.objects.get(name="New Board")
    board.refresh_from_db()
    assert (board.closed_on, new.opened_on, new.sector) == (day, day, "health")
    assert list(new.replaces.all()) == [board]
    assert {row.partner.name for row in ann.memberships.all()} == {"Old Board", "New Board"}
    invitation.refresh_from_db()
    assert (invitation.partner, invitation.state) == (new, Invitation.State.WAITING)
    assert AuditEvent.objects.latest("pk").sentence == (
        f"Zora Lead replaced the partner Old Board by New Board on {day.day} {day:%B %Y}"
    )


def test_people_stay_behind_if_wished(area, lead, board):
    ann = MembershipFactory(role=Role.CONTRIBUTOR, area=area, partner=board).user
    invitation = InvitationFactory(area=area, partner=board)

    replace(lead, board, move_people="")

    assert [row.partner for row in ann.memberships.all()] == [board]
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.REVOKED


def test_two_that_merge_are_both_replaced_by_one(area, lead, board):
    second = PartnerFactory(area=area, sector=Sector.HEALTH, name="Second Board")
    ann = MembershipFactory(role=Role.BOARD, area=area, partner=second).user
    MembershipFactory(user=ann, role=Role.BOARD, area=area, partner=board)
    replace(lead, board)
    new = Partner.objects.get(name="New Board")

    replace(lead, second, successor=str(new.pk), name="")

    assert set(new.replaces.all()) == {board, second}
    assert ann.memberships.filter(partner=new).count() == 1


def test_the_same_name_may_go_on(lead, board):
    replace(lead, board, name="Old Board")

    old, new = Partner.objects.order_by("pk")
    assert (old.name, new.name, old.replaced_by) == ("Old Board", "Old Board", new)


def test_an_open_return_and_a_report_keep_the_old_partner(partnership):
    own, health = partnership, partnership.partners["health"]
    own.answer("health", "2")

    replace(own.client("lead"), health, name="Merged Health")

    row = own.returns["health"]
    row.refresh_from_db()
    assert (row.partner, row.name) == (health, "Moorland Health")
    page = f"/assessments/{own.assessment.pk}/returns/{row.pk}/"
    assert own.client("health").post(page, {"confirm": "on"}).status_code == 302
    assert "Moorland Health" in text(own.client("lead").get(own.assessment.get_absolute_url()))


@pytest.mark.parametrize(
    ("change", "target"),
    [
        ({"name": ""}, "#id_name"),
        ({"name": "Taken"}, "#id_name"),
        ({"name": "x" * 161}, "#id_name"),
        ({"day": date(2019, 1, 1)}, "#id_opens_on_0"),
        ({"successor": "999999"}, "#id_successor_0"),
        ({"successor": "SCHOOL"}, "#id_successor_0"),
    ],
)
def test_a_replacement_that_cannot_be_is_explained(area, lead, board, change, target):
    taken = PartnerFactory(area=area, sector=Sector.SCHOOLS, name="Taken")
    if change.get("successor") == "SCHOOL":
        change = {"successor": str(taken.pk), "name": ""}

    assert target in links(replace(lead, board, **change))
    board.refresh_from_db()
    assert (board.closed_on, Partner.objects.count()) == (None, 2)


def test_a_successor_and_a_new_name_together_are_refused(area, lead, board):
    other = PartnerFactory(area=area, sector=Sector.HEALTH, name="Other")

    assert list(links(replace(lead, board, successor=str(other.pk)))) == ["#id_name"]


def test_the_act_refuses_a_successor_of_another_area_and_itself(zora, board):
    for successor in (PartnerFactory(), board):
        with pytest.raises(ValueError, match="successor"):
            actions.replace_partner(
                partner=board, opens_on=timezone.localdate(), name="", successor=successor,
                move_people=True, by=zora,
            )  # fmt: skip
    with pytest.raises(ValidationError):
        actions.close_partner(partner=board, closed_on=date(2000, 1, 1), by=zora)


@pytest.mark.parametrize("part", ["", "close/", "replace/"])
def test_only_a_lead_of_the_area_changes_its_partners(area, board, lead, part):
    member = MembershipFactory(role=Role.CONTRIBUTOR, area=area, partner=board).user
    foreign = PartnerFactory()

    assert client_of(member).get(url(board, part)).status_code == 403
    assert client_of(member).post(url(board, part)).status_code == 403
    assert lead.post(url(foreign, part)).status_code == 404
    path = f"/areas/{area.dfe_code}/partners/{foreign.pk}/{part}"
    assert lead.post(path).status_code == 404
