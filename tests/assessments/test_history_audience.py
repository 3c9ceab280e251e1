"""Who reads of which act: every verb of the log, done once and looked for by everyone.

    lead      SEND lead, who also scores for the council
    own       contributor of Parent carers, for whom the act is
    other     contributor of Health
    board     board member of Parent carers
    view      viewer
    progr     DfE programme staff
    edit      content editor
    far       SEND lead of another area

What only `own` reads is never told to another partner: not before the reveal, and not after it.
What `board` does not read is of the meeting: board members read what came of it in the report.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from areas.actions import add_partner, invitations, partners, programme_notes
from areas.actions import people as memberships
from areas.actions.reminders import switch_reminders
from areas.actions.tokens import create_token, revoke_token
from areas.admin import ACTS, Recorded
from areas.models import Area, AuditEvent, Membership, Partner, Sector, User
from areas.permissions import Role
from assessments.actions import assessments as cycle
from assessments.actions import (
    check_ins,
    comments,
    dates,
    evidence,
    moderation,
    plan,
    queue,
    reopening,
    scoring,
    sign_off,
    summaries,
    support,
)
from assessments.actions.report_pdf import make_pdf_again
from assessments.actions.workbook import upload_workbook
from assessments.models import CheckIn, StoredReport
from assessments.reports.history import KINDS
from assessments.tasks import give_up
from assessments.views.moderation import Meeting
from assessments.workbook.build import contents_of, identity_of
from assessments.workbook.layout import Saved
from assessments.workbook.read import read_workbook
from assessments.workbook.write import make_workbook
from tests import factories
from tests.conftest import Partnership, client_of, make_partnership
from tests.test_before_the_reveal import TOKEN
from tests.test_house import trees

PEOPLE = ["lead", "own", "other", "board", "view", "progr", "edit", "far"]
TABLE = """
#                    lead  own  other  board  view  progr  edit  far
area.add             yes   yes  yes    yes    -     -      -     -
area.change          yes   yes  yes    yes    -     -      -     -
partner.add          yes   yes  yes    yes    -     -      -     -
partner.change       yes   yes  yes    yes    -     -      -     -
partner.close        yes   yes  yes    yes    -     -      -     -
partner.replace      yes   yes  yes    yes    -     -      -     -
invitation.send      yes   yes  yes    yes    -     -      -     -
invitation.resend    yes   yes  yes    yes    -     -      -     -
invitation.revoke    yes   yes  yes    yes    -     -      -     -
invitation.accept    yes   yes  yes    yes    -     -      -     -
membership.add       yes   yes  yes    yes    -     -      -     -
membership.change    yes   yes  yes    yes    -     -      -     -
membership.remove    yes   yes  yes    yes    -     -      -     -
membership.leave     yes   yes  yes    yes    -     -      -     -
user.add             -     -    -      -      -     -      -     -
user.change          -     -    -      -      -     -      -     -
person.rename        -     -    -      -      -     -      -     -
reminders.switch     -     -    -      -      -     -      -     -
token.create         -     -    -      -      -     -      -     -
token.revoke         -     -    -      -      -     -      -     -
assessment.start     yes   yes  yes    yes    -     -      -     -
assessment.open      yes   yes  yes    yes    -     -      -     -
dates.change         yes   yes  yes    yes    -     -      -     -
return.grace         yes   yes  yes    yes    -     -      -     -
assessment.consent   yes   yes  yes    yes    -     -      -     -
score.save           -     yes  -      -      -     -      -     -
workbook.upload      -     yes  -      -      -     -      -     -
comment.write        -     yes  -      -      -     -      -     -
comment.resolve      -     yes  -      -      -     -      -     -
comment.withdraw     -     yes  -      -      -     -      -     -
evidence.add         yes   yes  yes    yes    -     -      -     -
evidence.change      yes   yes  yes    yes    -     -      -     -
evidence.retire      yes   yes  yes    yes    -     -      -     -
evidence.restore     yes   yes  yes    yes    -     -      -     -
evidence.link        -     yes  -      -      -     -      -     -
evidence.unlink      -     yes  -      -      -     -      -     -
return.submit        yes   yes  yes    yes    -     -      -     -
return.withdraw      yes   yes  yes    yes    -     -      -     -
assessment.reveal    yes   yes  yes    yes    -     -      -     -
agreed.save          yes   yes  yes    -      -     -      -     -
agreed.accept        yes   yes  yes    -      -     -      -     -
dissent.record       yes   yes  yes    -      -     -      -     -
dissent.withdraw     yes   yes  yes    -      -     -      -     -
quorum.reason        yes   yes  yes    -      -     -      -     -
moderation.finish    yes   yes  yes    yes    -     -      -     -
moderation.reopen    yes   yes  yes    yes    -     -      -     -
sign_off.sign        yes   yes  yes    yes    -     -      -     -
sign_off.void        yes   yes  yes    yes    -     -      -     -
assessment.submit    yes   yes  yes    yes    -     -      -     -
report.correct       yes   yes  yes    yes    -     -      -     -
report.make_pdf_again  yes  yes  yes   yes    -     -      -     -
summary.publish      yes   yes  yes    yes    -     -      -     -
summary.withdraw     yes   yes  yes    yes    -     -      -     -
assessment.cancel    yes   yes  yes    yes    -     -      -     -
action.add           yes   yes  yes    yes    -     -      -     -
action.change        yes   yes  yes    yes    -     -      -     -
action.progress      yes   yes  yes    yes    -     -      -     -
action.impact        yes   yes  yes    yes    -     -      -     -
support.ask          yes   yes  yes    yes    -     -      -     -
support.withdraw     yes   yes  yes    yes    -     -      -     -
check_in.plan        yes   yes  yes    yes    -     -      -     -
check_in.change      yes   yes  yes    yes    -     -      -     -
check_in.cancel      yes   yes  yes    yes    -     -      -     -
check_in.choose      yes   yes  yes    yes    -     -      -     -
check_in.record      yes   yes  yes    yes    -     -      -     -
check_in.agree       yes   yes  yes    yes    -     -      -     -
check_in.reopen      yes   yes  yes    yes    -     -      -     -
check_in.assign      yes   yes  yes    yes    -     -      -     -
check_in.note        yes   yes  yes    yes    -     -      -     -
check_in.agenda      yes   yes  yes    yes    -     -      -     -
note.write           -     -    -      -      -     -      -     -
note.correct         -     -    -      -      -     -      -     -
note.withdraw        -     -    -      -      -     -      -     -
"""
# In the meeting, evidence and comments are laid beside a statement for all who are in it.
OF_THE_MEETING = {
    verb: {"lead", "own", "other"}
    for verb in (
        "evidence.link", "evidence.unlink", "comment.write", "comment.resolve", "comment.withdraw",
    )
}  # fmt: skip


def table() -> dict[str, set[str]]:
    rows = [line.split() for line in TABLE.splitlines() if line.strip() and line[0] != "#"]
    return {
        verb: {who for who, cell in zip(PEOPLE, cells, strict=True) if cell == "yes"}
        for verb, *cells in rows
    }


# ---- Every verb is in the table ----------------------------------------------------------------


def verbs_in_code() -> set[str]:
    """Every constant that looks like a verb and is handed to something that records."""
    found = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node).endswith(
                ("record", "_record_item", "_event")
            ):
                found |= {
                    arg.value
                    for given in node.args
                    # Also within a choice between two.
                    for arg in ast.walk(given)
                    if isinstance(arg, ast.Constant)
                    and isinstance(arg.value, str)
                    and re.fullmatch(r"[a-z_]+\.[a-z_]+", arg.value)
                }
    return found


def called(node: ast.Call) -> str:
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def verbs_of_the_admin_site() -> set[str]:
    recorded = {
        model._meta.model_name: shown
        for model, shown in admin.site._registry.items()
        if isinstance(shown, Recorded)
    }
    return {
        f"{name}.{act}"
        for name, shown in recorded.items()
        for act in ACTS
        if act != "remove" or shown.may_delete
    }


def test_every_verb_is_in_the_table():
    """A new one fails here until somebody has decided who reads of it."""
    assert verbs_in_code() | verbs_of_the_admin_site() == set(table())


def test_every_verb_of_an_area_is_found_under_a_kind():
    assert set(KINDS) == {verb for verb, who in table().items() if who}


# ---- Done once, looked for by everyone -----------------------------------------------------------


@pytest.fixture
def everybody(framework, programme, editor) -> tuple[Partnership, dict[str, User]]:
    own, far = make_partnership(), make_partnership("Fenland")
    people = {
        "lead": own.people["lead"],
        "own": own.people["parent_carers"],
        "other": own.people["health"],
        "board": own.people["parent_carers_board"],
        "view": own.people["viewer"],
        "progr": programme,
        "edit": editor,
        "far": far.people["lead"],
    }
    return own, people


def seen(people: dict[str, User]) -> dict[str, set[str]]:
    """Who sees an event of each verb, whatever else they see of it."""
    found: dict[str, set[str]] = {
        verb: set() for verb in AuditEvent.objects.values_list("verb", flat=True)
    }
    for who, user in people.items():
        for verb in AuditEvent.objects.visible_to(user).values_list("verb", flat=True):
            found[verb].add(who)
    return found


def in_the_admin_site(own: Partnership, editor: User) -> None:
    client = client_of(editor)

    def post(model: type, act: str, data: dict, *args: int) -> None:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{act}"
        answer = client.post(reverse(name, args=args), data)
        assert answer.status_code == 302, answer.content.decode()

    codes = {"codes-TOTAL_FORMS": "0", "codes-INITIAL_FORMS": "0"}
    area = {"name": "Moorland", "dfe_code": own.area.dfe_code, "region": "London"}
    post(Area, "change", area | codes, own.area.pk)
    # Seen in no area that exists for these people, so its event is moved to theirs below.
    post(Area, "add", {"name": "New", "dfe_code": "999", "region": "London"} | codes)
    council = own.partners["local_authority"]
    opened = {"opened_on": "2020-01-01"}
    post(Partner, "change", {"name": "Moorland City Council"} | opened, council.pk)
    post(User, "add", {"email": "new@area.example", "name": "New Person"})
    person = User.objects.get(email="new@area.example")
    post(User, "change", {"email": "new@area.example", "name": "New Name"}, person.pk)
    role = {"user": person.pk, "role": "viewer", "area": own.area.pk}
    post(Membership, "add", role)
    membership = person.memberships.get()
    data = role | {"role": "contributor", "partner": council.pk}
    post(Membership, "change", data, membership.pk)
    post(Membership, "delete", {"post": "yes"}, membership.pk)


def before_the_reveal(own: Partnership) -> None:
    """Parent carers do everything that a partner can do while it scores apart."""
    assessment, row, by = own.assessment, own.returns["parent_carers"], own.people["parent_carers"]
    statement = own.assessment.statements_for("parent_carers")[0]
    own.answer("parent_carers", "2")
    scoring.save_score(
        partner_return=row, statement=statement, answer="3", reason="", version=1, by=by
    )
    link = evidence.link_evidence(
        assessment=assessment, statement=statement, evidence=library(own), partner_return=row, by=by
    )
    evidence.unlink_evidence(link=link, by=by)
    item = link.evidence
    evidence.change_evidence(
        evidence=item, version=item.version, title="Forum survey, again", kind=item.kind,
        address=item.address, shows=item.shows, owner=item.owner, dated_on=None, review_on=None,
        by=by,
    )  # fmt: skip
    evidence.retire_evidence(evidence=item, by=by)
    evidence.restore_evidence(evidence=item, by=by)
    comment_twice(assessment, statement, row, by)
    blank = contents_of(row, address="-")
    full = tuple(replace(line, saved=Saved("4", "")) for line in blank.lines)
    read_back = [
        read_workbook(make_workbook(made), expected=identity_of(row))
        for made in (blank, replace(blank, lines=full))
    ]
    upload = replace(read_back[1], bases=read_back[0].bases)
    seen_versions = {line.slug: line.saved.version for line in blank.lines}
    upload_workbook(partner_return=row, upload=upload, seen=seen_versions, replace=(), by=by)
    scoring.submit_return(partner_return=row, by=by)
    scoring.withdraw_return(partner_return=row, by=by)
    move_days(own)


def move_days(own: Partnership) -> None:
    lead, days = own.people["lead"], dates.days_of(own.assessment)
    later = {name: value + timedelta(days=1) for name, value in days.items()}
    dates.change_dates(assessment=own.assessment, days=later, reason="Half-term.", by=lead)
    row = own.returns["parent_carers"]
    dates.give_grace(
        partner_return=row, until=later["moderation_on"], reason="Volunteers.", by=lead
    )
    parents = own.people["parent_carers"]
    switch_reminders(wants=False, by=parents)
    create_token(name="Spreadsheet", by=parents)
    revoke_token(token=parents.api_tokens.get(), by=parents)


def library(own: Partnership):
    return evidence.add_evidence(
        owner=own.partners["parent_carers"], title="Forum survey", kind="survey",
        address="https://forum.example/", shows="What families said.", dated_on=None,
        review_on=None, by=own.people["parent_carers"],
    )  # fmt: skip


def comment_twice(assessment, statement, row, by: User) -> None:  # type: ignore[no-untyped-def]
    """One comment is resolved and one withdrawn."""
    first, second = (
        comments.write_comment(
            assessment=assessment, statement=statement, partner_return=row, text="Is it so?",
            mentioned=(), by=by,
        )
        for _ in range(2)
    )  # fmt: skip
    comments.resolve_comment(comment=first, by=by)
    comments.withdraw_comment(comment=second, by=by)


def reveal(own: Partnership) -> None:
    for sector, row in own.returns.items():
        if sector not in {"health", "parent_carers"}:
            own.answer(sector, "2")
        if sector != "health":
            scoring.submit_return(partner_return=row, by=own.people[sector])
    scoring.close_scoring(
        assessment=own.assessment, reason="Health is late.", by=own.people["lead"]
    )


def meeting(own: Partnership) -> None:
    assessment, lead = own.assessment, own.people["lead"]
    first, second, third = own.statements[:3]
    agreement = Meeting(assessment).picture.statements[first.slug].agreement
    moderation.save_agreed(
        assessment=assessment, statement=first, agreement=agreement, answer="2",
        rationale="So it is.", outside_reason="", version=0, by=lead,
    )  # fmt: skip
    moderation.accept_aligned(assessment=assessment, levels={second: 2, third: 2}, by=lead)
    row, by = own.returns["parent_carers"], own.people["parent_carers"]
    dissent = moderation.record_dissent(partner_return=row, statement=first, text="No.", by=by)
    moderation.withdraw_dissent(dissent=dissent, by=by)
    moderation.record_quorum_reason(
        assessment=assessment, sector="health", ingredients=["leadership", "workforce"],
        reason="The post is vacant.", by=lead,
    )  # fmt: skip
    link = evidence.link_evidence(
        assessment=assessment, statement=first, evidence=library(own), partner_return=None, by=lead
    )
    evidence.unlink_evidence(link=link, by=lead)
    comment_twice(assessment, first, None, lead)
    moderation.finish_moderation(assessment=assessment, by=lead)
    sign(own, "parent_carers")
    moderation.return_to_moderation(assessment=assessment, reason="We forgot one.", by=lead)
    moderation.finish_moderation(assessment=assessment, by=lead)


def sign(own: Partnership, sector: str) -> None:
    own.assessment.refresh_from_db()
    row = own.returns[sector]
    row.assessment = own.assessment
    sign_off.sign(
        partner_return=row, decision="agree", text="", name="A", role="B",
        by=own.people[f"{sector}_board"],
    )  # fmt: skip


def signing(own: Partnership) -> None:
    sign(own, "parent_carers")
    sign_off.submit_with_reason(
        assessment=own.assessment, reason="On paper.", by=own.people["lead"]
    )
    cycle.set_consent(assessment=own.assessment, dfe_sees_partners=True, by=own.people["lead"])
    own.assessment.refresh_from_db()
    give_up(StoredReport.objects.filter(assessment=own.assessment), "No room.")
    make_pdf_again(assessment=own.assessment, by=own.people["lead"])
    about = {"assessment": own.assessment, "by": own.people["lead"]}
    summaries.publish_summary(**about, contact="")
    summaries.withdraw_summary(**about)


def next_cycle(own: Partnership) -> None:
    lead, day = own.people["lead"], date(2031, 5, 3)
    own.assessment.refresh_from_db()
    correction = reopening.correct_report(
        assessment=own.assessment, reason="A level was wrong.", sign_off_by=day, by=lead
    )
    reopening.cancel_assessment(assessment=correction, reason="It was right.", by=lead)
    started = cycle.start_assessment(
        area=own.area, purpose="check_in", title="Next", scoring_closes_on=day,
        moderation_on=day, sign_off_by=day, by=lead,
    )  # fmt: skip
    add_partner(area=own.area, sector=Sector.EARLY_YEARS, name="Nurseries", by=lead)
    cycle.choose_partners(
        assessment=started, partners=list(own.area.partners.exclude(sector="health")),
        reasons={"health": "The post is vacant."}, by=lead,
    )  # fmt: skip


def come_and_go(own: Partnership) -> None:
    """People are invited, join, change and leave; partners close and are replaced."""
    lead, day = own.people["lead"], date(2031, 5, 3)
    first, second, third = (
        invitations.invite(
            area=own.area, addresses=[f"{name}@area.example"], role="viewer", partner=None, by=lead
        )[0]
        for name in ("first", "second", "third")
    )  # fmt: skip
    invitations.resend_invitation(invitation=first, by=lead)
    invitations.revoke_invitation(invitation=first, by=lead)
    guests = [
        invitations.open_account(invitation=row, name="A Guest", job_title="", password="q8#hfK2l-x")
        for row in (second, third)
    ]  # fmt: skip
    council = own.partners["local_authority"]
    memberships.change_membership(
        membership=guests[0].memberships.get(), role="contributor", partner=council, by=lead
    )
    memberships.change_details(name="Renamed Guest", job_title="", by=guests[0])
    memberships.remove_membership(membership=guests[0].memberships.get(), by=lead)
    memberships.remove_membership(membership=guests[1].memberships.get(), by=guests[1])
    closing, merging = (
        add_partner(area=own.area, sector=Sector.POST16, name=name, by=lead)
        for name in ("A college", "Another college")
    )
    partners.close_partner(partner=closing, closed_on=day, by=lead)
    partners.replace_partner(
        partner=merging, opens_on=day, name="Both colleges", successor=None, move_people=True,
        by=lead,
    )  # fmt: skip


def plan_ahead(own: Partnership) -> None:
    """The lead plans, asks for support and keeps a check-in; parent carers record on an action."""
    lead, forum = own.people["lead"], own.partners["parent_carers"]
    by, today = own.people["parent_carers"], timezone.localdate()
    given = {"body": forum, "owner": "Co-chair", "due_on": today, "measure": "All signed."}
    action = plan.add_action(area=own.area, what="Sign the charter", by=lead, **given)
    plan.change_action(action=action, version=1, what="Sign it", by=lead, **given)
    plan.record_progress(action=action, version=2, status="done", note="", by=by)
    plan.record_impact(action=action, text="We are heard.", by=by)
    package = factories.SupportPackageFactory()
    asked = support.ask_support(area=own.area, package=package, why="We are new.", by=lead)
    support.withdraw_support(support_request=asked, by=lead)
    held, other = (
        check_ins.plan_check_in(area=own.area, kind="board", on=today, by=lead) for _ in "ab"
    )
    check_ins.cancel_check_in(check_in=other, by=lead)
    check_ins.change_check_in(check_in=held, version=1, kind="dfe", on=today, by=lead)
    slug = own.statements[-1].slug
    check_ins.choose_priorities(
        check_in=held, version=2, statements=[slug], reason="The board asked.", by=lead
    )
    priority = held.priorities.get()
    check_ins.record_priority(
        priority=priority, version=1, level="2", what_changed="It moved.", how_we_know="So.",
        evidence=None, blocker="", next_step="", body=None, next_on=None, by=lead,
    )  # fmt: skip
    check_ins.agree_check_in(check_in=held, by=lead)
    check_ins.reopen_check_in(check_in=held, reason="A day is wrong.", by=lead)
    run_for_dfe(held)


def run_for_dfe(check_in: CheckIn) -> None:
    staff = factories.MembershipFactory(role=Role.PROGRAMME, area=None).user
    queue.assign_check_in(check_in=check_in, version=0, owner=staff, by=staff)
    queue.note_check_in(
        check_in=check_in, version=1, held_on=None, not_held_because="", blocker="Secret",
        next_step="", next_on=None, by=staff,
    )  # fmt: skip
    queue.send_agenda(check_in=check_in, again=False, by=staff)


def note_something(own: Partnership) -> None:
    """Programme staff note something for themselves."""
    staff = factories.MembershipFactory(role=Role.PROGRAMME, area=None).user
    said = {"text": "A call.", "category": "", "follow_up_on": None, "by": staff}
    note = programme_notes.write_note(area=own.area, **said)
    programme_notes.correct_note(note=note, number=1, **said)
    programme_notes.withdraw_note(note=note, number=2, reason="No.", by=staff)


def test_each_act_is_told_to_those_whom_the_table_names(everybody):
    own, people = everybody
    in_the_admin_site(own, people["edit"])
    AuditEvent(
        verb="area.add", sentence="Editor added the area", actor_name="Editor",
        area_id=own.area.pk,
    ).save()  # fmt: skip
    before_the_reveal(own)
    early = seen(people)
    reveal(own)
    own.assessment.refresh_from_db()
    at_the_reveal = AuditEvent.objects.latest("pk").pk
    meeting(own)
    signing(own)
    next_cycle(own)
    plan_ahead(own)
    come_and_go(own)
    note_something(own)

    found = seen(people)
    expected = table()
    assert set(found) == set(expected)
    # The reveal opens nothing of what was closed before it.
    assert {verb: early[verb] for verb in early} == {verb: expected[verb] for verb in early}
    assert found == expected | OF_THE_MEETING
    later = AuditEvent.objects.filter(pk__gt=at_the_reveal, verb__in=OF_THE_MEETING)
    assert {event.partner_id for event in later} == {None}


# ---- Before the reveal, byte for byte -------------------------------------------------------------


@pytest.mark.parametrize("name", ["history", "history-csv", "history-json"])
@pytest.mark.parametrize("who", ["lead", "health", "health_board", "parent_carers_board"])
def test_nothing_that_a_partner_does_while_it_scores_changes_what_others_read(
    partnership, name, who
):
    client = partnership.client(who)
    addresses = [
        reverse(f"assessments:{name}", args=[partnership.area.dfe_code]) + query
        for query in ("", "?kind=scoring", f"?partner={partnership.partners['parent_carers'].pk}",
                      f"?statement={partnership.statements[0].slug}", "?words=scored")
    ]  # fmt: skip
    before = [read(client, address) for address in addresses]
    row, by = partnership.returns["parent_carers"], partnership.people["parent_carers"]
    for statement in partnership.assessment.statements_for("parent_carers"):
        for version, level in enumerate("1234"):
            scoring.save_score(
                partner_return=row, statement=statement, answer=level, reason="",
                version=version, by=by,
            )  # fmt: skip
    link = factories.EvidenceFactory(owner=partnership.partners["parent_carers"], added_by=by)
    for statement in partnership.statements[:3]:
        evidence.link_evidence(
            assessment=partnership.assessment, statement=statement, evidence=link,
            partner_return=row, by=by,
        )  # fmt: skip
    assert [read(client, address) for address in addresses] == before
    assert AuditEvent.objects.filter(verb="score.save").count() == 29


def read(client, address: str) -> str:
    return TOKEN.sub("", client.get(address).getvalue().decode())
