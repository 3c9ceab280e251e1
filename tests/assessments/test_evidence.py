"""Evidence: the library, links to statements, and what is in date."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from areas.models import AuditEvent
from areas.permissions import Role
from assessments.actions.errors import NotNowError
from assessments.actions.evidence import link_evidence, unlink_evidence
from assessments.models import Assessment, Evidence, EvidenceLink, Score
from assessments.reports.build import contents_of
from tests.assessments.pages import cells, held, problems, sentences, soup, text, words
from tests.assessments.shortcuts import agree, lay_evidence, open_sign_off, submit
from tests.conftest import client_of
from tests.factories import (
    AssessmentFactory,
    EvidenceFactory,
    EvidenceLinkFactory,
    MembershipFactory,
    PartnerReturnFactory,
    UserFactory,
)

SLUG, OTHER = "agency-joint-design", "agency-safe-learning"
TODAY = date(2026, 11, 10)
ITEM = {
    "title": "Board minutes 2026",
    "kind": "minutes",
    "address": "https://documents.example/minutes",
    "shows": "Who came and what was decided.",
}


def score_url(partnership, slug=SLUG, sector="health"):
    row = partnership.returns[sector]
    return reverse("assessments:score", args=[row.assessment_id, row.pk, slug])


def url(partnership, slug=SLUG, sector="health"):
    row = partnership.returns[sector]
    return reverse("assessments:add-evidence", args=[row.assessment_id, row.pk, slug])


def meeting_url(partnership, slug=SLUG):
    return reverse("assessments:add-meeting-evidence", args=[partnership.assessment.pk, slug])


def unlink_url(link):
    return reverse("assessments:unlink-evidence", args=[link.assessment_id, link.pk])


def library_url(partnership):
    return reverse("assessments:evidence", args=[partnership.area.dfe_code])


def add(partnership, **data):
    owner = {"owner": partnership.partners["health"].pk}
    return partnership.client("health").post(url(partnership), ITEM | owner | data)


def offered(page):
    """Titles in the library that may be chosen."""
    return [words(radio.find_next("label")) for radio in page.select("input[name=evidence]")]


def linked(response):
    return [words(item) for item in soup(response).select(".app-evidence li")]


# ---- Add, link, remove -----------------------------------------------------------------------------


def test_evidence_added_is_linked_to_the_statement_and_in_the_library(partnership):
    response = add(
        partnership, dated_on_day="1", dated_on_month="march", dated_on_year="2026",
        review_on_day="1", review_on_month="3", review_on_year="2031",
    )  # fmt: skip
    assert response.url == score_url(partnership)
    page = partnership.client("health").get(score_url(partnership))
    assert linked(page) == [
        "Board minutes 2026 In date until 1 March 2031 Remove Board minutes 2026"
    ]
    item = Evidence.objects.get()
    assert (item.area, item.owner) == (partnership.area, partnership.partners["health"])
    assert (item.dated_on, item.review_on) == (date(2026, 3, 1), date(2031, 3, 1))
    library = soup(partnership.client("schools").get(library_url(partnership)))
    assert cells(library.find("table")) == [
        [
            "Board minutes 2026 Minutes or terms of reference, link",
            "Who came and what was decided.",
            "Moorland Health",
            "Until 1 March 2031",
            "Nothing that you can see",
        ]
    ]
    who = "Moorland Health Contributor"
    assert sentences() == [
        f"{who} added the evidence ‘Board minutes 2026’ for Moorland Health",
        f"{who} linked ‘Board minutes 2026’ to a statement for Moorland Health",
    ]


def test_evidence_in_the_library_can_be_linked_to_another_statement(partnership):
    add(partnership)
    item = Evidence.objects.get()
    client = partnership.client("health")
    page = soup(client.get(url(partnership, OTHER)))
    assert [radio["value"] for radio in page.select("input[name=evidence]")] == [str(item.pk)]
    response = client.post(url(partnership, OTHER), {"choose": "yes", "evidence": item.pk})
    assert response.url == score_url(partnership, OTHER)
    assert linked(client.get(score_url(partnership, OTHER)))[0].startswith(
        "Board minutes 2026 In date"
    )
    assert Evidence.objects.count() == 1


def test_evidence_laid_beside_a_statement_last_time_can_be_chosen_for_it_again(partnership):
    item = lay_evidence(partnership, OTHER, sector="health")
    partnership.reveal()
    submit(partnership)
    row = PartnerReturnFactory(
        assessment=AssessmentFactory(area=partnership.area),
        partner=partnership.partners["health"],
        sector="health",
    )
    # Now it is linked to another statement; that must not hide it here.
    EvidenceLinkFactory(
        assessment=row.assessment, statement=partnership.statement(SLUG), evidence=item,
        partner_return=row,
    )  # fmt: skip
    address = reverse("assessments:add-evidence", args=[row.assessment_id, row.pk, OTHER])
    page = soup(partnership.client("health").get(address))
    assert offered(page) == [item.title]


def test_evidence_that_is_linked_already_is_not_offered_again(partnership):
    add(partnership)
    client = partnership.client("health")
    assert offered(soup(client.get(url(partnership)))) == []
    EvidenceFactory(owner=partnership.partners["schools"], title="Another")
    assert offered(soup(client.get(url(partnership)))) == ["Another"]


def test_link_without_choosing_is_refused(partnership):
    EvidenceFactory(owner=partnership.partners["health"])
    response = partnership.client("health").post(
        url(partnership), {"choose": "yes", "evidence": ""}
    )
    assert problems(response) == ["Select a piece of evidence"]


def test_link_of_evidence_of_another_area_is_refused(partnership, other_partnership):
    EvidenceFactory(owner=partnership.partners["health"])
    foreign = EvidenceFactory(owner=other_partnership.partners["health"], title="Foreign")
    response = partnership.client("health").post(
        url(partnership), {"choose": "yes", "evidence": foreign.pk}
    )
    assert problems(response) == ["Select a piece of evidence from the list"]
    assert "Foreign" not in text(response)
    assert EvidenceLink.objects.count() == 0


def test_choosing_from_an_empty_library_shows_the_form(partnership):
    response = partnership.client("health").post(url(partnership), {"choose": "yes", "evidence": 5})
    assert response.status_code == 200
    assert Evidence.objects.count() == 0


def test_linking_twice_is_one_link_and_one_event(partnership):
    item = EvidenceFactory(owner=partnership.partners["health"])
    given = {
        "assessment": partnership.assessment, "statement": partnership.statement(SLUG),
        "evidence": item, "partner_return": partnership.returns["health"],
        "by": partnership.people["health"],
    }  # fmt: skip
    assert link_evidence(**given) == link_evidence(**given)
    assert len(sentences("evidence.link")) == 1


def test_evidence_removed_from_a_statement_stays_in_the_library(partnership):
    add(partnership)
    link = EvidenceLink.objects.get()
    response = partnership.client("health").post(unlink_url(link), follow=True)
    assert "‘Board minutes 2026’ is no longer linked to this statement." in text(response)
    assert linked(response) == []
    assert Evidence.objects.count() == 1
    assert sentences()[-1].endswith(
        "removed ‘Board minutes 2026’ from a statement for Moorland Health"
    )


def test_evidence_removed_beside_an_answer_keeps_the_answer_just_typed(partnership):
    add(partnership)
    link = EvidenceLink.objects.get()
    client = partnership.client("health")
    button = soup(client.get(score_url(partnership))).find(
        "button", string=None, value=f"remove-{link.pk}"
    )
    assert "Board minutes 2026" in button.get_text()
    data = {"answer": "3", "reason": "Typed just now.", "version": 0, "then": button["value"]}

    response = client.post(score_url(partnership), data, follow=True)

    assert EvidenceLink.objects.count() == 0
    assert "Typed just now." in text(response)
    assert Score.objects.get().answer == "3"


def test_a_link_of_another_statement_is_not_removed_by_the_score_form(partnership):
    link = EvidenceLinkFactory(
        assessment=partnership.assessment,
        statement=partnership.statement(OTHER),
        partner_return=partnership.returns["health"],
    )
    data = {"answer": "3", "reason": "", "version": 0, "then": f"remove-{link.pk}"}

    assert partnership.client("health").post(score_url(partnership), data).status_code == 302

    assert EvidenceLink.objects.count() == 1


def test_evidence_of_a_partner_that_never_submitted_does_not_count(partnership):
    lay_evidence(partnership, SLUG, sector="schools")
    partnership.answer("health", "3")
    partnership.mark_submitted("health")
    partnership.move_to(Assessment.Stage.MODERATION)
    agree(partnership, {SLUG: "3"})

    report = contents_of(partnership.assessment)

    statement = next(row for row in report.statements if row.slug == SLUG)
    assert statement.evidence == ()
    assert statement.is_not_evidenced


@pytest.mark.parametrize("who", ["schools", "lead", "health_board"])
def test_evidence_of_another_partner_cannot_be_removed(partnership, who):
    add(partnership)
    link = EvidenceLink.objects.get()
    assert partnership.client(who).post(unlink_url(link)).status_code == 404
    assert EvidenceLink.objects.count() == 1


def test_evidence_of_another_area_cannot_be_removed(partnership, other_partnership):
    partnership.reveal()
    lay_evidence(partnership, SLUG)
    link = EvidenceLink.objects.get()
    assert other_partnership.client("lead").post(unlink_url(link)).status_code == 404


def test_removing_needs_a_post(partnership):
    add(partnership)
    assert (
        partnership.client("health").get(unlink_url(EvidenceLink.objects.get())).status_code == 405
    )


# ---- Bad input -------------------------------------------------------------------------------------


def test_evidence_empty_names_every_field(partnership):
    response = partnership.client("health").post(
        url(partnership), {"title": "", "owner": partnership.partners["health"].pk}
    )
    assert problems(response) == [
        "Enter title",
        "Answer ‘What kind of evidence is it?’",
        "Answer ‘What does it show?’",
        "Select a file, or enter a web address",
    ]


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "ftp://files.example/x", "not an address", "data:text/html,x", "//"],
)
def test_evidence_with_an_address_that_no_browser_should_open_is_refused_and_kept(
    partnership, address
):
    response = add(partnership, address=address)
    assert problems(response) == ["Enter a web address, like https://example.org/minutes"]
    assert held(response, "address") == address
    assert held(response, "title") == ITEM["title"]
    assert Evidence.objects.count() == 0


def test_evidence_address_without_a_scheme_is_taken_as_https(partnership):
    add(partnership, address="documents.example/minutes")
    assert Evidence.objects.get().address == "https://documents.example/minutes"


def test_evidence_too_long_is_refused_beside_each_field(partnership):
    response = add(partnership, title="W" * 161, shows="W" * 501)
    assert problems(response) == [
        "Title must be 160 characters or fewer",
        "What does it show must be 500 characters or fewer",
    ]
    assert held(response, "shows") == "W" * 501


def test_evidence_with_half_a_date_is_refused_and_kept(partnership):
    response = add(partnership, review_on_day="31", review_on_month="2", review_on_year="2027")
    assert problems(response) == ["Review date must be a real date"]
    assert held(response, "review_on_day") == "31"


def test_evidence_of_another_partner_is_refused(partnership):
    response = add(partnership, owner=partnership.partners["schools"].pk)
    assert response.status_code == 400
    assert Evidence.objects.count() == 0


def test_evidence_of_a_person_with_two_partners_is_of_the_one_chosen(partnership):
    MembershipFactory(
        user=partnership.people["health"], role=Role.CONTRIBUTOR, area=partnership.area,
        partner=partnership.partners["schools"],
    )  # fmt: skip
    page = soup(partnership.client("health").get(url(partnership)))
    assert len(page.select("select[name=owner] option")) == 2
    add(partnership, owner=partnership.partners["schools"].pk)
    assert Evidence.objects.get().owner == partnership.partners["schools"]


def test_families_cannot_lay_evidence_where_they_are_not_asked(partnership):
    client = partnership.client("parent_carers")
    assert client.get(url(partnership, OTHER, "parent_carers")).status_code == 404


# ---- Who sees what ---------------------------------------------------------------------------------


def test_evidence_before_the_reveal_is_linked_for_its_own_partner_alone(partnership):
    add(partnership)
    assert linked(partnership.client("schools").get(score_url(partnership, sector="schools"))) == []
    check = reverse(
        "assessments:return", args=[partnership.assessment.pk, partnership.returns["health"].pk]
    )
    partnership.answer("health", {SLUG: "3"})
    assert "1 piece of evidence" in text(partnership.client("health").get(check))


def test_evidence_after_the_reveal_is_seen_by_all(partnership):
    add(partnership)
    partnership.reveal()
    address = reverse("assessments:moderate", args=[partnership.assessment.pk, SLUG])
    for who in ("lead", "schools", "parent_carers"):
        page = partnership.client(who).get(address)
        assert linked(page) == ["Board minutes 2026 Moorland Health. In date, no review date"]


def test_library_is_for_those_who_take_part(partnership, other_partnership, programme):
    EvidenceFactory(owner=partnership.partners["health"], title="Minutes")
    statuses = {
        who: partnership.client(who).get(library_url(partnership)).status_code
        for who in ("lead", "health", "health_board", "viewer")
    }
    assert statuses == {"lead": 200, "health": 200, "health_board": 200, "viewer": 403}
    assert other_partnership.client("lead").get(library_url(partnership)).status_code == 404
    assert client_of(programme).get(library_url(partnership)).status_code == 403
    visible = Evidence.objects.visible_to(partnership.people["health"])
    assert [item.title for item in visible] == ["Minutes"]
    assert not Evidence.objects.visible_to(other_partnership.people["health"]).exists()


def test_library_without_evidence_says_so(partnership):
    assert "There is no evidence yet." in text(
        partnership.client("lead").get(library_url(partnership))
    )


def test_library_says_what_is_out_of_date(partnership):
    day = timezone.localdate()
    for title, review_on in (
        ("Always", None),
        ("Today", day),
        ("Tomorrow", day + timedelta(days=1)),
    ):
        EvidenceFactory(owner=partnership.partners["health"], title=title, review_on=review_on)
    rows = cells(soup(partnership.client("lead").get(library_url(partnership))).find("table"))
    states = [row[3].split(" ")[0] for row in rows]
    assert states == ["Yes,", "Out", "Ends"]


# ---- Moved on ---------------------------------------------------------------------------------------


def test_evidence_after_submitting_is_refused_with_what_was_typed(partnership):
    add(partnership)
    partnership.answer("health", "2")
    partnership.mark_submitted("health")
    response = add(partnership, title="A second piece")
    assert response.status_code == 409
    assert all(
        said in text(response) for said in ("A second piece", ITEM["address"], ITEM["shows"])
    )
    assert (
        partnership.client("health").post(unlink_url(EvidenceLink.objects.get())).status_code == 409
    )
    assert Evidence.objects.count() == 1


def test_evidence_of_a_partner_after_the_reveal_is_refused(partnership):
    add(partnership)
    partnership.reveal()
    link = EvidenceLink.objects.get()
    assert add(partnership).status_code == 409
    assert partnership.client("health").post(unlink_url(link)).status_code == 409
    with pytest.raises(NotNowError):
        unlink_evidence(link=link, by=partnership.people["health"])
    assert EvidenceLink.objects.count() == 1


def test_statement_page_after_submitting_has_no_way_to_remove(partnership):
    add(partnership)
    partnership.answer("health", "2")
    partnership.mark_submitted("health")
    page = partnership.client("health").get(score_url(partnership))
    assert linked(page) == ["Board minutes 2026 In date"]


# ---- The meeting's evidence ------------------------------------------------------------------------


@pytest.fixture
def meeting(partnership):
    partnership.reveal()
    return partnership


def test_meeting_evidence_by_the_lead_counts_at_once(meeting):
    agree(meeting, "3")
    assert contents_of(meeting.assessment).statements[0].is_not_evidenced
    data = ITEM | {"owner": meeting.partners["local_authority"].pk}
    response = meeting.client("lead").post(meeting_url(meeting), data, follow=True)
    assert linked(response) == ["Board minutes 2026 Moorland Council. In date, no review date"]
    statement = contents_of(meeting.assessment).statements[0]
    assert (statement.level, statement.counts_as, statement.is_not_evidenced) == (3, 3, False)
    assert AuditEvent.objects.filter(verb="evidence.link").get().partner_id is None


def test_meeting_evidence_by_a_lead_without_a_partner_names_whose_it_is(meeting):
    user = UserFactory()
    MembershipFactory(user=user, role=Role.LEAD, area=meeting.area)
    client = client_of(user)
    page = soup(client.get(meeting_url(meeting)))
    assert [words(option) for option in page.select("select[name=owner] option")] == sorted(
        partner.name for partner in meeting.partners.values()
    )
    data = ITEM | {"owner": meeting.partners["schools"].pk}
    assert client.post(meeting_url(meeting), data).status_code == 302
    assert Evidence.objects.get().owner == meeting.partners["schools"]


def test_meeting_evidence_can_be_removed_by_the_lead_alone(meeting):
    lay_evidence(meeting, SLUG)
    link = EvidenceLink.objects.get()
    assert meeting.client("schools").post(unlink_url(link)).status_code == 403
    response = meeting.client("lead").post(unlink_url(link))
    assert response.url == reverse("assessments:moderate", args=[meeting.assessment.pk, SLUG])
    assert EvidenceLink.objects.count() == 0


def test_meeting_evidence_has_a_button_to_remove_it(meeting):
    lay_evidence(meeting, SLUG)
    page = soup(meeting.client("lead").get(
        reverse("assessments:moderate", args=[meeting.assessment.pk, SLUG])
    ))  # fmt: skip
    button = page.find("button", form=True)
    form = page.find("form", id=button["form"])
    assert button.get_text() == "Remove Board minutes"
    assert form["action"] == unlink_url(EvidenceLink.objects.get())


def test_meeting_evidence_by_a_contributor_is_forbidden(meeting):
    assert meeting.client("health").get(meeting_url(meeting)).status_code == 403


def test_meeting_evidence_before_the_reveal_is_forbidden(partnership):
    assert partnership.client("lead").get(meeting_url(partnership)).status_code == 403
    with pytest.raises(NotNowError):
        link_evidence(
            assessment=partnership.assessment, statement=partnership.statement(SLUG),
            evidence=EvidenceFactory(owner=partnership.partners["health"]), partner_return=None,
            by=partnership.people["lead"],
        )  # fmt: skip


def test_meeting_evidence_in_sign_off_is_refused_with_what_was_typed(meeting):
    open_sign_off(meeting)
    data = ITEM | {"owner": meeting.partners["local_authority"].pk}
    response = meeting.client("lead").post(meeting_url(meeting), data)
    assert response.status_code == 409
    assert ITEM["shows"] in text(response)
    assert Evidence.objects.count() == 0


def test_meeting_may_link_what_a_partner_has_linked(partnership):
    item = lay_evidence(partnership, SLUG, sector="health")
    partnership.reveal()
    client = partnership.client("lead")
    assert offered(soup(client.get(meeting_url(partnership)))) == [item.title]
    client.post(meeting_url(partnership), {"choose": "yes", "evidence": item.pk})
    statement = contents_of(partnership.assessment).statements[0]
    assert [line.title for line in statement.evidence] == ["Board minutes"]


# ---- In date ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("review_on", "in_date"),
    [(None, True), (TODAY + timedelta(days=1), True), (TODAY, False), (TODAY - timedelta(days=1), False)],
)  # fmt: skip
def test_evidence_is_in_date_until_the_day_before_its_review(review_on, in_date):
    assert Evidence(review_on=review_on).is_in_date(TODAY) is in_date


@pytest.mark.parametrize(
    ("review_on", "counts_as", "said"),
    [
        (None, 4, "In date, no review date"),
        (TODAY + timedelta(days=1), 4, "In date until 11 November 2026"),
        (TODAY, 2, "Out of date since 10 November 2026"),
    ],
)
def test_evidence_out_of_date_lets_a_level_4_count_as_2(
    partnership, time_machine, review_on, counts_as, said
):
    time_machine.move_to("2026-11-10 09:00+00:00")
    partnership.reveal()
    agree(partnership, "4")
    lay_evidence(partnership, SLUG, review_on=review_on)
    statement = contents_of(partnership.assessment).statements[0]
    assert (statement.level, statement.counts_as) == (4, counts_as)
    assert statement.is_not_evidenced is (counts_as == 2)
    assert [line.words for line in statement.evidence] == [said]


def test_evidence_that_lapses_after_submission_stays_in_date_in_the_report(
    partnership, time_machine
):
    time_machine.move_to("2026-11-09 09:00+00:00")
    partnership.reveal()
    agree(partnership, "4")
    lay_evidence(partnership, review_on=TODAY)
    submit(partnership)
    time_machine.move_to("2027-11-09 09:00+00:00")
    report = contents_of(Assessment.objects.get())
    assert {statement.counts_as for statement in report.statements} == {4}
    assert report.band_label == "Ready"


def test_statement_page_says_since_when_evidence_is_out_of_date(partnership):
    lay_evidence(partnership, SLUG, sector="health", review_on=date(2020, 1, 5))
    page = partnership.client("health").get(score_url(partnership))
    assert linked(page) == ["Board minutes Out of date since 5 January 2020 Remove Board minutes"]
