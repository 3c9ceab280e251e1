"""The library of an area: finding an item, where it is used, changing and retiring it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from areas.models import AuditEvent
from areas.permissions import Role
from assessments.actions.errors import ConflictError, NotNowError
from assessments.actions.evidence import change_evidence, link_evidence, retire_evidence
from assessments.models import Assessment, Evidence
from assessments.reports.build import contents_of
from tests.assessments.pages import (
    cells,
    chosen,
    heading,
    held,
    problems,
    sentences,
    soup,
    text,
    words,
)
from tests.assessments.shortcuts import agree, lay_evidence, open_sign_off, submit
from tests.conftest import client_of
from tests.factories import EvidenceFactory, EvidenceLinkFactory, MembershipFactory, PartnerFactory

SLUG, OTHER = "agency-joint-design", "agency-safe-learning"
NOTHING = "Nothing that you can see"


def library_url(partnership):
    return reverse("assessments:evidence", args=[partnership.area.dfe_code])


def url(item, page):
    return reverse(f"assessments:{page}", args=[item.area.dfe_code, item.pk])


def titles(response):
    table = soup(response).find("table")
    return [words(link) for link in table.select("tbody th a")] if table else []


def used_for(response):
    return [row[4] for row in cells(soup(response).find("table"))]


def found(partnership, **asked):
    return titles(partnership.client("lead").get(library_url(partnership), asked))


@pytest.fixture
def item(partnership):
    return EvidenceFactory(
        owner=partnership.partners["health"], title="Board minutes", shows="Who came.",
        added_by=partnership.people["health"], dated_on=date(2026, 1, 31),
    )  # fmt: skip


@pytest.fixture
def shelf(partnership):
    """One item of every state."""
    today = timezone.localdate()
    health, schools = partnership.partners["health"], partnership.partners["schools"]
    EvidenceFactory(owner=health, title="Always", kind="plan", shows="The whole strategy.")
    EvidenceFactory(owner=health, title="Lapsed", review_on=today)
    EvidenceFactory(owner=schools, title="Soon", review_on=today + timedelta(days=60))
    EvidenceFactory(owner=schools, title="Later", review_on=today + timedelta(days=61))
    EvidenceFactory(
        owner=schools, title="Retired", retired_at=timezone.now(),
        retired_by=partnership.people["lead"], as_file=True, file_name="Old plan.pdf",
    )  # fmt: skip
    return partnership


# ---- The list ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({}, ["Always", "Lapsed", "Later", "Soon"]),
        ({"q": "STRATEGY whole"}, ["Always"]),
        ({"q": "strategy zebra"}, []),
        ({"kind": "plan"}, ["Always"]),
        ({"state": "lapsed"}, ["Lapsed"]),
        ({"state": "soon"}, ["Soon"]),
        ({"state": "retired"}, ["Retired"]),
        ({"state": "retired", "q": "old pdf"}, ["Retired"]),
        ({"state": "nonsense", "kind": "x", "owner": "x"}, ["Always", "Lapsed", "Later", "Soon"]),
    ],
)
def test_list_is_narrowed_by_its_address(shelf, asked, titles):
    assert found(shelf, **asked) == titles


def test_list_by_owner(shelf):
    assert found(shelf, owner=shelf.partners["schools"].pk) == ["Later", "Soon"]
    page = soup(shelf.client("lead").get(library_url(shelf), {"state": "soon", "q": "so"}))
    assert page.find("input", {"name": "q"})["value"] == "so"
    assert page.select_one("select[name=state] option[selected]")["value"] == "soon"
    assert words(page.find(role="status")) == "1 item found"


def test_list_of_another_area_is_not_mixed_in(shelf, other_partnership):
    EvidenceFactory(owner=other_partnership.partners["health"], title="Foreign")
    assert "Foreign" not in found(shelf)
    assert found(other_partnership) == ["Foreign"]


def test_list_without_a_match_says_how_to_go_on(shelf):
    said = text(shelf.client("lead").get(library_url(shelf), {"q": "zebra"}))
    assert "0 items found" in said
    assert "There is no evidence yet." not in said


def test_list_says_first_what_is_out_of_date_and_what_will_be(shelf):
    page = soup(shelf.client("lead").get(library_url(shelf)))
    note = page.select_one(".govuk-inset-text")
    assert words(note) == "1 item is out of date. 1 item will be within 60 days."
    assert [link["href"] for link in note.select("a")] == ["?state=lapsed", "?state=soon"]
    states = [row[3] for row in cells(page.find("table"))]
    assert [state.split(" ")[0] for state in states] == ["Yes,", "Out", "Until", "Ends"]
    narrowed = soup(shelf.client("lead").get(library_url(shelf), {"q": "s"}))
    assert narrowed.select_one(".govuk-inset-text") is None


def test_list_without_anything_to_renew_says_nothing_of_it(partnership):
    EvidenceFactory(owner=partnership.partners["health"])
    page = soup(partnership.client("lead").get(library_url(partnership)))
    assert page.select_one(".govuk-inset-text") is None


def test_long_list_has_pages_that_keep_the_search(partnership):
    for number in range(27):
        EvidenceFactory(owner=partnership.partners["health"], title=f"Item {number:02}")
    client = partnership.client("lead")
    first = client.get(library_url(partnership), {"q": "item"})
    assert len(titles(first)) == 25
    link = soup(first).select_one(".govuk-pagination__next a")["href"]
    second = client.get(library_url(partnership) + link)
    assert titles(second) == ["Item 25", "Item 26"]
    assert soup(second).select_one(".govuk-pagination__prev a")["href"] == "?q=item&page=1"
    assert len(titles(client.get(library_url(partnership), {"page": "-5"}))) == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_list_and_item_queries(partnership, django_assert_num_queries, rows):
    partnership.reveal()
    items = [
        lay_evidence(partnership, SLUG, OTHER, title=f"Item {number}") for number in range(rows)
    ]
    client = partnership.client("health")
    for address, expected in ((library_url(partnership), 8), (items[0].get_absolute_url(), 5)):
        client.get(address)
        with django_assert_num_queries(expected):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize("who", ["lead", "health", "health_board"])
def test_list_offers_to_add_to_those_who_may(partnership, who):
    page = text(partnership.client(who).get(library_url(partnership)))
    assert ("Add evidence" in page) == (who != "health_board")


# ---- Where it is used --------------------------------------------------------------------------


def linked_by_health(partnership, item):
    return EvidenceLinkFactory(
        assessment=partnership.assessment, statement=partnership.statement(SLUG), evidence=item,
        partner_return=partnership.returns["health"], linked_by=partnership.people["health"],
    )  # fmt: skip


def seen_by(partnership, item, who):
    client = partnership.client(who)
    code = partnership.statement(SLUG).code
    on_list = used_for(client.get(library_url(partnership)))[0]
    on_page = text(client.get(item.get_absolute_url()))
    assert on_list in {NOTHING, f"Autumn assessment: {code}"}
    assert (on_list == NOTHING) == ("Nowhere that you can see." in on_page)
    return on_list != NOTHING


def who_see(partnership, item):
    people = ("lead", "health", "schools", "health_board")
    return {who for who in people if seen_by(partnership, item, who)}


def test_use_is_told_to_the_partner_alone_before_the_reveal_and_then_to_all(partnership, item):
    linked_by_health(partnership, item)
    assert who_see(partnership, item) == {"health"}
    partnership.reveal()
    assert who_see(partnership, item) == {"lead", "health", "schools"}
    open_sign_off(partnership)
    assert who_see(partnership, item) == {"lead", "health", "schools", "health_board"}
    agree(partnership)
    submit(partnership)
    assert who_see(partnership, item) == {"lead", "health", "schools", "health_board"}


def test_a_lead_without_a_partner_sees_no_use_before_the_reveal(partnership, item):
    linked_by_health(partnership, item)
    lead = MembershipFactory(area=partnership.area, role=Role.LEAD).user
    assert used_for(client_of(lead).get(library_url(partnership))) == [NOTHING]


@pytest.mark.parametrize(
    ("stage", "page"),
    [("scoring", "score"), ("moderation", "moderate"), ("sign_off", "statements/#")],
)
def test_use_leads_to_the_statement(partnership, item, stage, page):
    linked_by_health(partnership, item)
    if stage != "scoring":
        partnership.reveal()
        partnership.move_to(stage)
    response = partnership.client("health").get(item.get_absolute_url())
    link = soup(response).select_one("main ul.govuk-list a")
    assert words(link.parent).endswith(", linked by Moorland Health")
    opened = partnership.client("health").get(link["href"])
    assert opened.status_code == 200
    assert partnership.statement(SLUG).title in text(opened)
    assert page.split("/")[0] in link["href"] or page in {"score", "moderate"}


def test_item_laid_by_a_partner_and_the_meeting_is_told_once(partnership, item):
    linked_by_health(partnership, item)
    partnership.reveal()
    EvidenceLinkFactory(
        assessment=partnership.assessment, statement=partnership.statement(SLUG), evidence=item
    )
    said = text(partnership.client("lead").get(item.get_absolute_url()))
    assert said.count(partnership.statement(SLUG).title) == 1
    assert "linked by Moorland Health, the meeting" in said


# ---- One item ----------------------------------------------------------------------------------


def test_item_says_all_that_is_known(partnership, item):
    page = partnership.client("schools").get(item.get_absolute_url())
    assert heading(page) == "Board minutes"
    said = text(page)
    for part in (
        "Who came.", "https://documents.example/minutes", "Minutes or terms of reference",
        "Moorland Health", "31 January 2026", "Yes, no review date", "Moorland Health Contributor",
    ):  # fmt: skip
        assert part in said
    assert "Change this item" not in said


def test_item_that_lapsed_says_what_that_does(partnership, item):
    Evidence.objects.update(review_on=timezone.localdate())
    said = text(partnership.client("health").get(item.get_absolute_url()))
    assert "A level of 3 or 4 that rests on it alone counts as 2." in said
    assert "give it a later review date" in said


def test_item_of_another_area_is_not_there(partnership, other_partnership, item):
    for page in ("evidence-item", "change-evidence", "retire-evidence"):
        assert other_partnership.client("lead").get(url(item, page)).status_code == 404
        own_code = reverse(f"assessments:{page}", args=[other_partnership.area.dfe_code, item.pk])
        assert other_partnership.client("lead").get(own_code).status_code == 404


def test_item_added_without_a_statement(partnership):
    client = partnership.client("schools")
    address = reverse("assessments:add-to-library", args=[partnership.area.dfe_code])
    assert "names a child" in text(client.get(address))
    response = client.post(
        address,
        {
            "title": "Strategy", "kind": "plan", "address": "documents.example/strategy",
            "shows": "Outcomes.", "owner": partnership.partners["schools"].pk,
        },
        follow=True,
    )  # fmt: skip
    assert heading(response) == "Strategy"
    assert "‘Strategy’ is in the library." in text(response)
    assert sentences() == [
        "Moorland Schools Contributor added the evidence ‘Strategy’ for Moorland Schools"
    ]


# ---- Change ------------------------------------------------------------------------------------


def change(client, item, version=1, **more):
    data = {
        "title": item.title, "kind": item.kind, "address": item.address, "shows": item.shows,
        "owner": item.owner_id, "dated_on_day": "31", "dated_on_month": "1",
        "dated_on_year": "2026", "version": version, **more,
    }  # fmt: skip
    if item.is_file:
        del data["address"]
    return client.post(url(item, "change-evidence"), data)


def test_change_by_the_owner_is_seen_and_recorded(partnership, item):
    client = partnership.client("health")
    page = client.get(url(item, "change-evidence"))
    assert held(page, "title") == "Board minutes"
    assert chosen(page, "kind") == ["minutes"]
    assert held(page, "dated_on_year") == "2026"
    response = change(client, item, title="Board minutes 2026", shows="Who came and when.")
    assert response.url == item.get_absolute_url()
    item.refresh_from_db()
    assert (item.title, item.shows, item.version) == ("Board minutes 2026", "Who came and when.", 2)
    event = AuditEvent.objects.get(verb="evidence.change")
    assert (
        event.sentence
        == "Moorland Health Contributor changed the evidence ‘Board minutes 2026’ for Moorland Health"
    )
    assert event.details == {"fields": ["title", "shows"]}


def test_change_of_nothing_is_no_change(partnership, item):
    assert change(partnership.client("health"), item).status_code == 302
    item.refresh_from_db()
    assert item.version == 1
    assert sentences() == []


@pytest.mark.parametrize(
    ("who", "status"), [("lead", 302), ("health", 302), ("schools", 403), ("health_board", 403)]
)
def test_change_is_for_the_owner_and_the_lead(partnership, item, who, status):
    assert change(partnership.client(who), item, title="New").status_code == status
    assert Evidence.objects.filter(title="New").exists() == (status == 302)


def test_change_of_owner_by_the_lead_to_any_partner_and_by_the_owner_to_none_but_its_own(
    partnership, item
):
    schools = partnership.partners["schools"].pk
    assert change(partnership.client("health"), item, owner=schools).status_code == 400
    assert change(partnership.client("lead"), item, owner=schools).status_code == 302
    assert Evidence.objects.get().owner_id == schools


def test_change_of_an_item_whose_owner_has_closed_keeps_its_owner(partnership):
    gone = PartnerFactory(
        area=partnership.area, sector="health", name="Old trust",
        closed_on=timezone.localdate() - timedelta(days=1),
    )  # fmt: skip
    item = EvidenceFactory(owner=gone, dated_on=date(2026, 1, 31))
    client = partnership.client("lead")
    page = soup(client.get(url(item, "change-evidence")))
    assert words(page.select_one("select[name=owner] option[selected]")) == "Old trust"
    assert change(client, item, title="New").status_code == 302
    assert Evidence.objects.get().owner == gone


def test_change_with_mistakes_keeps_what_was_typed(partnership, item):
    response = change(
        partnership.client("health"), item, title="", address="javascript:alert(1)",
        shows="W" * 501, review_on_day="1", review_on_month="1", review_on_year="2025",
    )  # fmt: skip
    assert problems(response) == [
        "Enter title",
        "Enter a web address, like https://example.org/minutes",
        "What does it show must be 500 characters or fewer",
        "Review date must not be before the date of the evidence",
    ]
    assert held(response, "shows") == "W" * 501


@pytest.mark.parametrize("version", ["", "abc", "-1", "9" * 30])
def test_change_without_the_version_that_was_seen_is_refused(partnership, item, version):
    response = change(partnership.client("health"), item, version=version, title="New")
    assert response.status_code == 400
    assert Evidence.objects.get().title == "Board minutes"


def test_a_file_stays_a_file_and_a_link_a_link(partnership, item):
    file = EvidenceFactory(
        as_file=True, owner=partnership.partners["health"], dated_on=date(2026, 1, 31)
    )
    client = partnership.client("health")
    page = client.get(url(file, "change-evidence"))
    assert soup(page).find(attrs={"name": ["address", "file"]}) is None
    assert "cannot be exchanged" in text(page)
    change(client, file, title="New", address="https://other.example")
    file.refresh_from_db()
    assert (file.title, file.address, file.file_name) == ("New", "", "Minutes.pdf")
    assert problems(change(client, item, address="")) == ["Enter web address"]
    given = {
        name: getattr(item, name)
        for name in ("title", "kind", "shows", "owner", "dated_on", "review_on")
    }
    with pytest.raises(ValueError, match="address"):
        change_evidence(
            evidence=item, version=1, address="", by=partnership.people["health"], **given
        )


def test_change_by_two_people_shows_both_texts_and_loses_neither(partnership, item):
    lead, health = partnership.client("lead"), partnership.client("health")
    assert change(lead, item, shows="Who came. It met six times.").status_code == 302
    response = change(health, item, shows="Who came. Papers were late.", kind="audit")
    assert response.status_code == 409
    said = text(response)
    assert "Someone else changed this item while you had it open" in said
    for part in ("It met six times.", "Papers were late.", "Audit or review", "Moorland Lead"):
        assert part in said
    marked = [words(mark) for mark in soup(response).select(".app-version .app-typed mark")]
    assert "It met six times." in marked
    assert "Papers were late." in marked
    assert Evidence.objects.get().shows == "Who came. It met six times."

    mine, both = soup(response).select("main form")
    sent = {field["name"]: field["value"] for field in both.select("input")}
    merged = health.post(url(item, "change-evidence"), sent | {"then": "merge"})
    assert held(merged, "shows") == "Who came. It met six times.\nWho came. Papers were late."
    assert chosen(merged, "kind") == ["audit"]
    assert held(merged, "dated_on_day") == "31"
    assert Evidence.objects.get().version == 2

    sent = {field["name"]: field["value"] for field in mine.select("input")}
    assert health.post(url(item, "change-evidence"), sent).status_code == 302
    item.refresh_from_db()
    assert (item.shows, item.kind, item.version) == ("Who came. Papers were late.", "audit", 3)
    assert item.dated_on == date(2026, 1, 31)


def test_change_in_two_windows_of_one_person_says_so(partnership, item):
    client = partnership.client("health")
    change(client, item, title="One")
    response = change(client, item, title="Two")
    assert heading(response) == "You changed this item in another window"


def test_change_twice_the_same_is_no_conflict(partnership, item):
    client = partnership.client("health")
    change(client, item, title="One")
    assert change(client, item, title="One").status_code == 302
    assert Evidence.objects.get().version == 2


def test_an_action_with_an_old_version_is_a_conflict(partnership, item):
    given = {
        "evidence": item, "kind": "plan", "address": item.address, "shows": "x",
        "owner": item.owner, "dated_on": None, "review_on": None, "by": partnership.people["lead"],
    }  # fmt: skip
    change_evidence(version=1, title="One", **given)
    with pytest.raises(ConflictError) as error:
        change_evidence(version=1, title="Two", **given)
    assert error.value.current.title == "One"


def test_change_while_the_report_is_signed_is_refused_and_keeps_what_was_typed(partnership, item):
    linked_by_health(partnership, item)
    partnership.reveal()
    open_sign_off(partnership)
    response = change(partnership.client("health"), item, title="Moved under the pen")
    assert response.status_code == 409
    assert "‘Autumn assessment’ is being signed" in text(response)
    assert held(response, "title") == "Moved under the pen"
    assert Evidence.objects.get().title == "Board minutes"


def test_change_of_what_is_in_no_signed_report_goes_on(partnership, item):
    partnership.reveal()
    open_sign_off(partnership)
    assert change(partnership.client("health"), item, title="New").status_code == 302


def test_a_submitted_report_keeps_what_it_froze(partnership, item):
    linked_by_health(partnership, item)
    partnership.reveal()
    agree(partnership, "3")
    submit(partnership)
    change(partnership.client("health"), item, title="Renamed", address="https://new.example/x")
    assert Evidence.objects.get().title == "Renamed"
    retire_evidence(evidence=item, by=partnership.people["lead"])
    (line,) = contents_of(partnership.assessment).statements[0].evidence
    assert (line.title, line.address) == ("Board minutes", "https://documents.example/minutes")
    assert line.kind == "Minutes or terms of reference"


# ---- Retire ------------------------------------------------------------------------------------


def test_retired_item_is_kept_where_it_is_used_and_offered_no_more(partnership, item):
    linked_by_health(partnership, item)
    client = partnership.client("health")
    assert "You can bring it back." in text(client.get(url(item, "retire-evidence")))
    response = client.post(url(item, "retire-evidence"), follow=True)
    assert "Moorland Health Contributor retired this item" in text(response)
    row = partnership.returns["health"]
    scored = reverse("assessments:score", args=[row.assessment_id, row.pk, SLUG])
    assert "Board minutes" in text(client.get(scored))
    picker = reverse("assessments:add-evidence", args=[row.assessment_id, row.pk, OTHER])
    assert soup(client.get(picker)).select("input[name=evidence]") == []
    EvidenceFactory(owner=partnership.partners["health"])
    refused = client.post(picker, {"choose": "yes", "evidence": item.pk})
    assert problems(refused) == ["Select a piece of evidence from the list"]
    assert found(partnership, state="retired") == ["Board minutes"]
    assert sentences("evidence.retire") == [
        "Moorland Health Contributor retired the evidence ‘Board minutes’ for Moorland Health"
    ]


def test_retired_item_comes_back(partnership, item):
    client = partnership.client("lead")
    client.post(url(item, "retire-evidence"))
    response = client.post(url(item, "restore-evidence"), follow=True)
    assert "‘Board minutes’ is offered again." in text(response)
    item.refresh_from_db()
    assert not item.is_retired
    assert len(sentences("evidence.restore")) == 1


def test_retiring_and_bringing_back_twice_are_one_event_each(partnership, item):
    client = partnership.client("lead")
    for page in ("retire-evidence", "restore-evidence"):
        for _ in range(2):
            assert client.post(url(item, page)).status_code == 302
    assert len(sentences()) == 2


def test_item_retired_while_it_was_chosen_is_not_linked(partnership, item):
    retire_evidence(evidence=item, by=partnership.people["lead"])
    with pytest.raises(NotNowError, match="retired"):
        link_evidence(
            assessment=partnership.assessment, statement=partnership.statement(SLUG),
            evidence=item, partner_return=partnership.returns["health"],
            by=partnership.people["health"],
        )  # fmt: skip


# ---- Choosing beside a statement ---------------------------------------------------------------


def picker(partnership, **asked):
    row = partnership.returns["health"]
    address = reverse("assessments:add-evidence", args=[row.assessment_id, row.pk, SLUG])
    return partnership.client("health").get(address, asked)


def choices(response):
    return [
        words(radio.find_next("label")) for radio in soup(response).select("input[name=evidence]")
    ]


def test_chooser_finds_by_words_and_shows_few(partnership):
    for number in range(12):
        EvidenceFactory(owner=partnership.partners["schools"], title=f"Item {number:02}")
    EvidenceFactory(
        owner=partnership.partners["schools"], title="Strategy", shows="Outcomes agreed."
    )
    first = picker(partnership)
    assert choices(first) == [f"Item {number:02}" for number in range(8)]
    assert "The first 8 items. Search for others by their words." in text(first)
    assert choices(picker(partnership, q="outcomes")) == ["Strategy"]
    none = picker(partnership, q="zebra")
    assert choices(none) == []
    assert "0 items found." in text(none)


def test_chooser_links_what_a_search_found(partnership):
    item = EvidenceFactory(owner=partnership.partners["schools"], title="Strategy")
    row = partnership.returns["health"]
    address = reverse("assessments:add-evidence", args=[row.assessment_id, row.pk, SLUG])
    response = partnership.client("health").post(
        f"{address}?q=strategy", {"choose": "yes", "evidence": item.pk}, follow=True
    )
    assert "‘Strategy’ is linked to this statement." in text(response)


def test_chooser_says_whose_and_whether_in_date(partnership, item):
    page = soup(picker(partnership))
    hint = page.select_one(".govuk-radios__hint")
    assert words(hint) == "Minutes or terms of reference, Moorland Health. In date, no review date"


@pytest.mark.parametrize("rows", [1, 3])
def test_chooser_queries(partnership, django_assert_num_queries, rows):
    for number in range(rows):
        EvidenceFactory(owner=partnership.partners["schools"], title=f"Item {number}")
    picker(partnership)
    client = partnership.client("health")
    row = partnership.returns["health"]
    address = reverse("assessments:add-evidence", args=[row.assessment_id, row.pk, SLUG])
    with django_assert_num_queries(5):
        assert client.get(address).status_code == 200


def test_stage_of_an_assessment_is_left_alone(partnership, item):
    change(partnership.client("lead"), item, title="New")
    assert Assessment.objects.get().stage == "scoring"
