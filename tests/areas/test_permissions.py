"""The access policy, read out: who may do what, and where."""

import pytest

from areas.models import Area, Partner
from areas.permissions import EVERYWHERE, FOR_OWN_PARTNER, ROLE_PERMISSIONS, Permission, Role
from tests.factories import AreaFactory, MembershipFactory, PartnerFactory, UserFactory

# One row a permission: the roles that hold it.
TABLE = {
    "area.see": {"lead", "contributor", "board", "viewer"},
    "people.manage": {"lead"},
    "partners.change": {"lead"},
    "assessment.manage": {"lead"},
    "score": {"lead", "contributor"},
    "progress.see": {"lead", "contributor", "board"},
    "history.see": {"lead", "contributor", "board"},
    "scores.see": {"lead", "contributor"},
    "moderate": {"lead"},
    "dissent": {"lead", "contributor"},
    "evidence.change": {"lead", "contributor"},
    "draft.see": {"lead", "contributor", "board"},
    "sign": {"board"},
    "report.see": {"lead", "contributor", "board", "viewer", "programme"},
    "pdf.make_again": {"lead", "programme"},
    "publish": {"lead"},
    "consent": {"lead"},
    "plan.manage": {"lead"},
    "check_in.keep": {"lead"},
    "check_in.agree": {"programme"},
    "check_in.run": {"programme"},
    "action.progress": {"lead", "contributor"},
    "programme.see": {"programme"},
    "content.edit": {"editor"},
}


def test_the_table_names_every_permission():
    assert set(TABLE) == set(Permission.values)


def test_every_role_holds_what_the_table_says_and_no_more():
    held = {
        permission: {
            role.value for role in Role if Permission(permission) in ROLE_PERMISSIONS[role]
        }
        for permission in TABLE
    }

    assert held == TABLE


def test_programme_staff_and_editors_hold_everywhere_and_see_no_scores():
    assert {"programme", "editor"} == EVERYWHERE
    for role in EVERYWHERE:
        assert not ROLE_PERMISSIONS[role] & {
            Permission.SCORES_SEE,
            Permission.DRAFT_SEE,
            Permission.SCORE,
            Permission.PROGRESS_SEE,
            Permission.HISTORY_SEE,
        }


@pytest.mark.django_db
class TestPeople:
    def member(self, role, **fields):
        return MembershipFactory(role=role, **fields).user

    def test_a_right_holds_in_the_area_of_the_membership_only(self):
        here, there = AreaFactory(), AreaFactory()
        lead = self.member(Role.LEAD, area=here)

        assert lead.can(Permission.MODERATE, here)
        assert not lead.can(Permission.MODERATE, there)
        assert not lead.can_everywhere(Permission.MODERATE)
        assert lead.area_ids_with(Permission.MODERATE) == {here.pk}
        assert lead.area_ids_with(Permission.SIGN) == set()

    def test_scoring_dissent_and_signing_need_a_partner(self):
        partner = PartnerFactory()
        alone = self.member(Role.LEAD, area=partner.area)
        scoring = self.member(Role.LEAD, area=partner.area, partner=partner)

        assert {"score", "dissent", "sign", "action.progress"} == FOR_OWN_PARTNER
        assert not alone.can(Permission.SCORE, partner.area)
        assert scoring.can(Permission.SCORE, partner.area)
        assert scoring.partner_ids(Permission.SCORE) == {partner.pk}
        assert scoring.partner_ids(Permission.SIGN) == set()
        assert alone.partner_ids(Permission.SCORE) == set()

    def test_two_memberships_add_up(self):
        partner = PartnerFactory()
        person = self.member(Role.CONTRIBUTOR, area=partner.area, partner=partner)
        MembershipFactory(user=person, role=Role.BOARD, area=partner.area, partner=partner)

        assert person.can(Permission.SCORE, partner.area)
        assert person.can(Permission.SIGN, partner.area)

    def test_programme_staff_see_every_area_and_nothing_before_it_is_submitted(self):
        area = AreaFactory()
        person = self.member(Role.PROGRAMME, area=None)

        assert person.can(Permission.REPORT_SEE, area)
        assert not person.can(Permission.AREA_SEE, area)
        assert not person.can(Permission.PROGRESS_SEE, area)
        assert list(Area.objects.visible_to(person)) == [area]
        assert list(Partner.objects.visible_to(person)) == []

    def test_others_see_their_own_areas(self):
        mine = PartnerFactory()
        PartnerFactory()
        person = self.member(Role.VIEWER, area=mine.area)

        assert list(Area.objects.visible_to(person)) == [mine.area]
        assert list(Partner.objects.visible_to(person)) == [mine]

    def test_a_person_without_a_membership_sees_and_may_nothing(self):
        area, person = AreaFactory(), UserFactory()

        assert list(Area.objects.visible_to(person)) == []
        assert not any(person.can(permission, area) for permission in Permission)

    def test_only_an_active_editor_marked_as_staff_may_edit_content(self):
        editor = MembershipFactory(role=Role.EDITOR, area=None).user
        assert not editor.may_edit_content
        editor.is_staff = True
        assert editor.may_edit_content
        editor.is_active = False
        assert not editor.may_edit_content
        assert not UserFactory(is_staff=True, is_superuser=True).may_edit_content

    def test_rights_are_read_once_a_request(self, django_assert_num_queries):
        lead = self.member(Role.LEAD)
        area = lead.memberships.get().area
        with django_assert_num_queries(1):
            for permission in Permission:
                lead.can(permission, area)
            lead.partner_ids(Permission.SCORE)
            lead.can_everywhere(Permission.PROGRAMME_SEE)
