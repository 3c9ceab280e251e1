"""Agree together: the agenda, one statement, live readiness, finish and reopen."""

import pytest
from django.urls import reverse

from areas.models import AuditEvent
from assessments import agreement
from assessments.actions.errors import NotNowError
from assessments.actions.moderation import (
    finish_moderation,
    record_quorum_reason,
    return_to_moderation,
    save_agreed,
)
from assessments.models import AgreedScore, Assessment, QuorumReason, Score, SignOff
from assessments.models.scores import answer_value
from assessments.reports.build import contents_of
from assessments.reports.contents import Reason
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
from tests.assessments.shortcuts import agree, lay_evidence, open_sign_off

FAR, APART, CLOSE, FEW = (
    "workforce-learning", "leadership-stability", "agency-adulthood", "culture-integration",
)  # fmt: skip
SAME = "agency-joint-design"
GIVEN = {
    FAR: {"local_authority": "4", "parent_carers": "1"},
    APART: {"health": "4"},
    CLOSE: {"schools": "3"},
    FEW: dict.fromkeys(
        ["health", "social_care", "schools", "parent_carers", "young_people"], "cannot_say"
    ),
}


@pytest.fixture
def meeting(partnership):
    """Everyone chose 2, but for GIVEN."""
    for sector, row in partnership.returns.items():
        asked = partnership.assessment.statements_for(row.sector)
        partnership.answer(
            sector, {s.slug: GIVEN.get(s.slug, {}).get(sector, "2") for s in asked}, reason="Why."
        )
    partnership.reveal()
    return partnership


def agenda_url(partnership):
    return reverse("assessments:moderation", args=[partnership.assessment.pk])


def url(partnership, slug=SAME):
    return reverse("assessments:moderate", args=[partnership.assessment.pk, slug])


def save(partnership, slug=SAME, who="lead", **data):
    return partnership.client(who).post(url(partnership, slug), {"version": 0} | data)


def agreed():
    return {
        row.statement.slug: (row.answer, row.rationale, row.outside_reason)
        for row in AgreedScore.objects.select_related("statement")
    }


# ---- The agenda --------------------------------------------------------------------------------


def test_agenda_is_in_the_order_of_the_rule(meeting):
    given = {statement.slug: {} for statement in meeting.statements}
    for slug, who, answer in Score.objects.values_list(
        "statement__slug", "partner_return_id", "answer"
    ):
        given[slug][str(who)] = answer_value(answer)
    rule = agreement.agenda({slug: agreement.compare(found) for slug, found in given.items()})
    page = soup(meeting.client("lead").get(agenda_url(meeting)))
    assert [link["href"] for link in page.select(".app-agenda__item h3 a")] == [
        url(meeting, slug) for slug in rule
    ]
    assert rule[:3] == [FAR, APART, CLOSE]
    assert rule[-1] == FEW


def test_agenda_groups_say_how_far_apart(meeting):
    page = soup(meeting.client("schools").get(agenda_url(meeting)))
    assert [words(h2) for h2 in page.select(".app-agenda h2")] == [
        "Far apart 1", "Apart 1", "Close 1", "Same 28", "Too few scores to compare 1",
    ]  # fmt: skip
    first = page.select_one(".app-agenda__words").p.get_text()
    assert first == "5 of 6 partners within one level; council two above."


def test_agenda_has_a_table_with_every_score(meeting):
    page = soup(meeting.client("schools").get(agenda_url(meeting)))
    rows = cells(page.find("table"))
    assert rows[0][1:] == ["4", "2", "2", "2", "1", "2", "Not decided"]
    assert rows[-1][1:] == ["2", *["Cannot say"] * 5, "Not decided"]
    not_asked = next(row for row in rows if row[0].startswith("1.2 "))
    assert not_asked[1:] == ["2", "2", "2", "2", "Not asked", "Not asked", "Not decided"]


def test_agenda_sends_the_lead_to_the_first_and_then_to_the_next(meeting):
    page = soup(meeting.client("lead").get(agenda_url(meeting)))
    button = page.find("a", role="button")
    assert (words(button), button["href"]) == ("Start with the first statement", url(meeting, FAR))
    agree(meeting, {FAR: "2"})
    page = soup(meeting.client("lead").get(agenda_url(meeting)))
    button = page.find("a", role="button")
    assert (words(button), button["href"]) == ("Go to the next statement", url(meeting, APART))
    assert "1 of 32 decided" in page.get_text()


def test_agenda_with_everything_decided_sends_the_lead_to_finish(meeting):
    agree(meeting, "not_agreed")
    page = soup(meeting.client("lead").get(agenda_url(meeting)))
    assert [words(button) for button in page.select("a[role=button]")] == [
        "Finish the meeting and open sign-off"
    ]
    assert "32 of 32 decided" in page.get_text()


def test_agenda_marks_what_was_decided(meeting):
    agree(meeting, {FAR: "3", APART: "not_agreed"})
    page = soup(meeting.client("lead").get(agenda_url(meeting)))
    states = [words(node) for node in page.select(".app-agenda__state")]
    assert states[:3] == [
        "Agreed level 3 No evidence in date, counts as 2", "Not agreed", "Next",
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["lead", "schools"])
def test_agenda_before_the_reveal_is_forbidden(partnership, who):
    partnership.answer("health", "4", reason="Planted")
    response = partnership.client(who).get(agenda_url(partnership))
    assert response.status_code == 403
    assert "Planted" not in response.content.decode()
    assert partnership.client(who).get(url(partnership)).status_code == 403


@pytest.mark.parametrize("who", ["health_board"])
def test_agenda_by_a_board_member_is_forbidden(meeting, who):
    assert meeting.client(who).get(agenda_url(meeting)).status_code == 403


def test_agenda_of_another_area_is_not_found(meeting, other_partnership):
    assert other_partnership.client("lead").get(agenda_url(meeting)).status_code == 404


# ---- One statement -----------------------------------------------------------------------------


def test_statement_shows_every_level_and_reason(meeting):
    response = meeting.client("schools").get(url(meeting, FAR))
    rows = cells(soup(response).find("table"))
    assert rows == [
        ["Council", "Level 4", "Why."], ["Health", "Level 2", "Why."],
        ["Social care", "Level 2", "Why."], ["Schools", "Level 2", "Why."],
        ["Parent carers", "Level 1", "Why."], ["Young people", "Level 2", "Why."],
    ]  # fmt: skip
    assert "Ask council to speak first." in text(response)
    assert soup(response).find("form", id="agree") is None


def test_statement_that_families_are_not_asked_says_so(meeting):
    rows = cells(
        soup(meeting.client("lead").get(url(meeting, "agency-safe-learning"))).find("table")
    )
    assert rows[-1] == ["Young people", "Not asked", "Families are not asked this one"]


def test_statement_board_names_who_chose_each_level(meeting):
    page = soup(meeting.client("lead").get(url(meeting, APART)))
    for dot in page.select(".app-dot"):
        dot.decompose()
    assert [words(node) for node in page.select(".app-board__who")] == [
        "No partner chose this",
        "Council Social care Schools Parent carers Young people",
        "No partner chose this",
        "Health",
    ]
    assert words(page.select_one(".app-who--alone")) == "Health"


def test_level_that_all_chose_is_offered_but_not_saved(meeting):
    response = meeting.client("lead").get(url(meeting))
    assert chosen(response, "answer") == ["2"]
    assert "Every partner who gave a level chose 2, so it is offered." in text(response)
    assert "Not decided yet" in text(response)
    assert AgreedScore.objects.count() == 0


@pytest.mark.parametrize("slug", [FAR, APART, CLOSE, FEW])
def test_nothing_is_offered_unless_two_partners_chose_one_level(meeting, slug):
    response = meeting.client("lead").get(url(meeting, slug))
    assert chosen(response, "answer") == []
    assert "Nothing is chosen for you." in text(response)


def test_level_is_offered_although_others_cannot_say(partnership):
    for sector in partnership.returns:
        answer = {"health": "3", "schools": "3", "young_people": "not_applicable"}
        partnership.answer(sector, {SAME: answer.get(sector, "cannot_say")})
    partnership.reveal()
    assert chosen(partnership.client("lead").get(url(partnership)), "answer") == ["3"]


def test_save_leads_to_the_next_undecided_statement(meeting):
    response = save(meeting, FAR, answer="2", rationale="The forum told of two teams.")
    assert response.url == url(meeting, APART)
    assert agreed() == {FAR: ("2", "The forum told of two teams.", "")}
    assert sentences() == [
        f"Moorland Lead recorded what was agreed on ‘{meeting.statement(FAR).title}’"
    ]


def test_save_of_the_last_on_the_agenda_leads_back_to_the_first_undecided(meeting):
    agree(meeting, {FAR: "2"})
    assert save(meeting, FEW, answer="2", rationale="x").url == url(meeting, APART)


def test_save_of_the_last_undecided_leads_to_the_agenda(meeting):
    agree(meeting, {s.slug: "2" for s in meeting.statements if s.slug != CLOSE})
    assert save(meeting, CLOSE, answer="2", rationale="x").url == agenda_url(meeting)


@pytest.mark.parametrize("answer", ["cannot_say", "not_applicable", "not_agreed"])
def test_save_without_a_level_is_recorded(meeting, answer):
    assert save(meeting, answer=answer, rationale="Because.").status_code == 302
    assert agreed() == {SAME: (answer, "Because.", "")}
    title = meeting.statement(SAME).title
    assert sentences() == [f"Moorland Lead recorded what was agreed on ‘{title}’"]


def test_save_of_the_offered_level_needs_no_rationale(meeting):
    assert save(meeting, answer="2").status_code == 302
    assert agreed() == {SAME: ("2", "", "")}


@pytest.mark.parametrize("answer", ["cannot_say", "not_applicable", "not_agreed"])
def test_save_without_a_level_needs_a_rationale(meeting, answer):
    response = save(meeting, answer=answer)
    assert problems(response) == ["Write why you agreed this"]
    assert chosen(response, "answer") == [answer]
    assert agreed() == {}


def test_save_of_a_level_that_not_all_chose_needs_a_rationale(meeting):
    assert problems(save(meeting, CLOSE, answer="2")) == ["Write why you agreed this"]


def test_save_outside_the_range_needs_a_reason_of_its_own(meeting):
    response = save(meeting, answer="4", rationale="New figures came in.")
    assert problems(response) == [
        "Say why level 4 is right although it is outside the levels partners chose"
    ]
    assert held(response, "rationale") == "New figures came in."
    response = save(
        meeting, answer="4", rationale="New figures.", outside_reason="They came after scoring."
    )
    assert response.status_code == 302
    assert agreed() == {SAME: ("4", "New figures.", "They came after scoring.")}


def test_save_outside_the_range_without_any_words_names_both(meeting):
    assert problems(save(meeting, answer="1")) == [
        "Write why you agreed this",
        "Say why level 1 is right although it is outside the levels partners chose",
    ]


def test_save_inside_the_range_forgets_a_reason_typed_for_another_level(meeting):
    assert (
        save(meeting, FAR, answer="3", rationale="Between.", outside_reason="For 4.").status_code
        == 302
    )
    assert agreed() == {FAR: ("3", "Between.", "")}


def test_save_inside_the_range_though_nobody_chose_it_needs_no_second_reason(meeting):
    assert save(meeting, FAR, answer="3", rationale="Between.").status_code == 302


def test_save_where_nobody_gave_a_level_needs_no_second_reason(partnership):
    for sector in partnership.returns:
        partnership.answer(sector, "cannot_say")
    partnership.reveal()
    response = partnership.client("lead").get(url(partnership))
    assert "Not needed here: partners chose every level, or none." in text(response)
    assert save(partnership, answer="4", rationale="We know now.").status_code == 302


def test_statement_page_says_which_levels_need_a_second_reason(meeting):
    assert "Only if you agree level 1 or 4 here." in text(
        meeting.client("lead").get(url(meeting, CLOSE))
    )
    assert "Only if you agree level 1 here." in text(
        meeting.client("lead").get(url(meeting, APART))
    )
    assert "Only if you agree level 1, 3 or 4 here." in text(
        meeting.client("lead").get(url(meeting))
    )


def test_save_without_an_answer_is_refused_and_keeps_the_text(meeting):
    response = save(meeting, rationale="We talked for long.")
    assert problems(response) == ["Select the level you agree, or say why there is none"]
    assert held(response, "rationale") == "We talked for long."
    assert cells(soup(response).find("table"))[0] == ["Council", "Level 2", "Why."]


@pytest.mark.parametrize("answer", ["5", "x", "prefill"])
def test_save_with_an_unknown_answer_is_refused(meeting, answer):
    assert problems(save(meeting, answer=answer, rationale="x")) == [
        "Select the level you agree, or say why there is none"
    ]


def test_save_with_a_rationale_over_1000_characters_is_refused_and_kept(meeting):
    assert save(meeting, CLOSE, answer="2", rationale="W" * 1000).status_code == 302
    response = save(meeting, answer="not_agreed", rationale="W" * 1001)
    assert problems(response) == ["Why did you agree this must be 1000 characters or fewer"]
    assert held(response, "rationale") == "W" * 1001


def test_save_outside_reason_too_long_says_only_that(meeting):
    response = save(meeting, answer="4", rationale="x", outside_reason="W" * 1001)
    assert problems(response) == [
        "Why is the level outside the range partners chose must be 1000 characters or fewer"
    ]


def test_saved_statement_shows_who_saved_it_and_what(meeting):
    save(meeting, FAR, answer="3", rationale="Between the two.")
    response = meeting.client("lead").get(url(meeting, FAR))
    assert (chosen(response, "answer"), held(response, "rationale")) == (["3"], "Between the two.")
    assert held(response, "version") == "1"
    assert "by Moorland Lead" in text(response)
    said = text(meeting.client("schools").get(url(meeting, FAR)))
    assert "Level 3 , with no evidence in date, so it counts as 2 Between the two." in said


@pytest.mark.parametrize("who", ["schools", "health_board"])
def test_save_by_another_role_is_forbidden(meeting, who):
    assert save(meeting, who=who, answer="2").status_code == 403
    assert agreed() == {}


def test_unknown_statement_on_the_agenda_is_not_found(meeting):
    assert meeting.client("lead").get(url(meeting, "no-such")).status_code == 404


def test_save_after_the_meeting_is_refused_with_the_text(meeting):
    open_sign_off(meeting)
    response = save(meeting, answer="3", rationale="Too late", outside_reason="Also late")
    assert response.status_code == 409
    assert "Moderation is not open, so agreed levels cannot be changed." in text(response)
    assert "Too late" in text(response)
    assert "Also late" in text(response)
    assert agreed() == {}


def save_with(partnership, **changed):
    given = {
        "assessment": partnership.assessment, "statement": partnership.statement(SAME),
        "agreement": agreement.compare({"a": 2, "b": 2}), "answer": "2", "rationale": "",
        "outside_reason": "", "version": 0, "by": partnership.people["lead"],
    }  # fmt: skip
    return save_agreed(**given | changed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"answer": ""}, "answer: choose a level"),
        ({"answer": "3"}, "rationale: needed"),
        ({"answer": "3", "rationale": "x"}, "outside_reason: needed"),
    ],
)
def test_save_agreed_with_something_missing_names_the_field(meeting, changed, message):
    with pytest.raises(ValueError, match=message):
        save_with(meeting, **changed)
    assert AuditEvent.objects.count() == 0


def test_save_agreed_outside_moderation_raises_and_leaves_no_event(meeting):
    open_sign_off(meeting)
    with pytest.raises(NotNowError):
        save_with(meeting)
    assert AuditEvent.objects.count() == 0


# ---- Readiness as it would be now ----------------------------------------------------------------


def tiles(page):
    return [words(div) for div in page.select(".app-tiles > div")]


def readiness_of(partnership):
    """What the agenda and the report page each say."""
    agenda = soup(partnership.client("lead").get(agenda_url(partnership)))
    address = reverse("assessments:report", args=[partnership.assessment.pk])
    report = soup(partnership.client("lead").get(address))
    return agenda, report


def test_readiness_with_nothing_agreed_is_the_same_on_agenda_and_report(meeting):
    agenda, report = readiness_of(meeting)
    assert (
        tiles(agenda)
        == tiles(report)
        == [
            "Confidence High no statement has dissent on record or was left not agreed",
            "Statements agreed 0 of 32 32 not decided",
            "Evidence in date 0 of 0 no level of 3 or 4 was agreed",
            "Partners 6 of 6 returns were submitted",
        ]
    )
    assert words(report.select_one(".app-verdict__band")) == "Not yet rated"
    assert words(agenda.select_one(".app-band")) == (
        "Not yet rated None of the six ingredients is rated yet."
    )
    section = agenda.find("h2", id="readiness").parent
    missing = [words(li) for li in section.select("ul.govuk-list--bullet li")]
    assert len(missing) == 6
    assert missing[0] == "Agency co-production: 5 statements have no agreed level."


def test_readiness_with_all_at_3_and_evidence_for_one_ingredient(meeting):
    agree(meeting, "3")
    slugs = [s.slug for s in meeting.statements if s.ingredient.slug == "leadership"]
    lay_evidence(meeting, *slugs)
    agenda, report = readiness_of(meeting)
    assert tiles(agenda) == tiles(report)
    assert tiles(agenda)[2] == "Evidence in date 5 of 32 levels of 3 or 4 have evidence in date"
    assert words(report.select_one(".app-verdict__band")) == "Building"
    assert words(agenda.select_one(".app-band")).startswith(
        "Building Five ingredients are at level 2 and limit the band:"
    )
    lift = [words(node) for node in agenda.select(".app-lift li")]
    assert lift == [words(node) for node in report.select(".app-lift li")]
    # Three more ingredients, four of five statements each (rounded up two thirds).
    assert len(lift) == 12
    assert lift[0].endswith(": add evidence")
    assert "Worked out by rule floor-count-1." in words(agenda.main)
    assert "floor-count-1" in words(report.main)


def test_readiness_moves_with_the_next_save(meeting):
    agree(meeting, "2")
    agenda, _ = readiness_of(meeting)
    assert words(agenda.select_one(".app-band")).startswith("Building All six ingredients are at")
    save(meeting, version=1, answer="1", rationale="No.", outside_reason="Really.")
    save(meeting, "agency-adulthood", version=1, answer="1", rationale="No.", outside_reason="Yes.")
    agenda, report = readiness_of(meeting)
    assert words(agenda.select_one(".app-band")) == (
        "Foundations first Agency co-production is at level 1 and limits the band."
    )
    assert words(report.select_one(".app-verdict__band")) == "Foundations first"


# ---- A sector without a level --------------------------------------------------------------------


@pytest.fixture
def silent(partnership):
    """Health gave no level at all."""
    partnership.answer("health", "cannot_say")
    partnership.reveal()
    agree(partnership)
    return partnership


def quorum_url(partnership):
    return reverse("assessments:quorum-reason", args=[partnership.assessment.pk])


def test_quorum_reason_is_asked_of_the_lead_and_lets_ingredients_be_rated(silent):
    assert "Health gave no level in any ingredient. Record why" in text(
        silent.client("lead").get(agenda_url(silent))
    )
    assert contents_of(silent.assessment).band_label == "Not yet rated"
    data = {"sector": "health", "reason": "The post is vacant."}
    response = silent.client("lead").post(quorum_url(silent), data, follow=True)
    assert "The reason is recorded. It will be printed in the report." in text(response)
    report = contents_of(silent.assessment)
    assert report.band_label == "Building"
    assert report.reasons == (Reason("No level from health", "The post is vacant."),)
    assert sentences() == ["Moorland Lead recorded why there is no level from health"]


def test_quorum_reason_empty_is_refused(silent):
    response = silent.client("lead").post(quorum_url(silent), {"sector": "health", "reason": ""})
    assert problems(response) == ["Say why this sector gave no level"]


def test_quorum_reason_for_a_sector_that_scored_is_refused(silent):
    data = {"sector": "local_authority", "reason": "x"}
    assert silent.client("lead").post(quorum_url(silent), data).status_code == 400
    assert QuorumReason.objects.count() == 0


def test_quorum_reason_when_none_is_missing_is_refused_with_the_text(meeting):
    data = {"sector": "health", "reason": "Typed for nothing"}
    response = meeting.client("lead").post(quorum_url(meeting), data)
    assert response.status_code == 409
    assert "Typed for nothing" in text(response)


def test_quorum_reason_after_the_meeting_is_refused(silent):
    open_sign_off(silent)
    assert silent.client("lead").get(quorum_url(silent)).status_code == 409


def test_quorum_reason_by_a_contributor_is_forbidden(silent):
    assert silent.client("health").get(quorum_url(silent)).status_code == 403
    assert "The lead can record why." in text(silent.client("health").get(agenda_url(silent)))


def test_record_quorum_reason_again_replaces_the_words(silent):
    every = [row.slug for row in silent.assessment.content.all_ingredients]
    given = {
        "assessment": silent.assessment, "sector": "health", "ingredients": every,
        "by": silent.people["lead"],
    }  # fmt: skip
    record_quorum_reason(**given, reason="First")
    record_quorum_reason(**given, reason="Second")
    assert QuorumReason.objects.get().reason == "Second"
    with pytest.raises(ValueError, match="reason: say why"):
        record_quorum_reason(**given, reason="")


def test_quorum_reason_is_for_the_ingredients_where_the_sector_is_missed(partnership):
    workforce = [s.slug for s in partnership.statements if s.ingredient.slug == "workforce"]
    given = {s.slug: "cannot_say" if s.slug in workforce else "2" for s in partnership.statements}
    partnership.answer("health", given)
    partnership.reveal()
    client = partnership.client("lead")
    assert "Health gave no level in workforce. Record why" in text(
        client.get(agenda_url(partnership))
    )

    client.post(quorum_url(partnership), {"sector": "health", "reason": "No figures reach us."})

    assert QuorumReason.objects.get().ingredient == "workforce"
    assert contents_of(partnership.assessment).reasons == (
        Reason("No level from health in Workforce", "No figures reach us."),
    )


# ---- Finish, and go back -------------------------------------------------------------------------


def finish_url(partnership):
    return reverse("assessments:finish-moderation", args=[partnership.assessment.pk])


def back_url(partnership):
    return reverse("assessments:return-to-moderation", args=[partnership.assessment.pk])


def test_finish_page_lists_what_is_not_decided(meeting):
    agree(meeting, {s.slug: "2" for s in meeting.statements if s.slug not in {FAR, FEW}})
    page = soup(meeting.client("lead").get(finish_url(meeting)))
    listed = [link["href"] for link in page.select(".govuk-inset-text li a")]
    assert listed == [url(meeting, FAR), url(meeting, FEW)]
    assert "2 statements are not decided. The report will say so:" in words(page.main)


def test_finish_page_with_everything_decided_lists_nothing(meeting):
    agree(meeting)
    page = soup(meeting.client("lead").get(finish_url(meeting)))
    assert page.select(".govuk-inset-text") == []


def test_finish_without_confirming_is_refused(meeting):
    response = meeting.client("lead").post(finish_url(meeting), {"confirm": ""})
    assert problems(response) == ["Confirm that the meeting is finished"]


def test_finish_opens_sign_off_once(meeting):
    client = meeting.client("lead")
    response = client.post(finish_url(meeting), {"confirm": "on"}, follow=True)
    assert heading(response) == "Sign off the report"
    assert "The report is open for sign-off." in text(response)
    assert Assessment.objects.get().stage == Assessment.Stage.SIGN_OFF
    assert sentences() == ["Moorland Lead opened ‘Autumn assessment’ for sign-off"]
    assert client.post(finish_url(meeting), {"confirm": "on"}).status_code == 409
    assert client.get(finish_url(meeting)).status_code == 409
    meeting.assessment.refresh_from_db()
    with pytest.raises(NotNowError, match="Moderation is not open"):
        finish_moderation(assessment=meeting.assessment, by=meeting.people["lead"])
    assert len(sentences()) == 1


def test_finish_by_a_contributor_is_forbidden(meeting):
    response = meeting.client("health").post(finish_url(meeting), {"confirm": "on"})
    assert response.status_code == 403


def test_agenda_after_the_meeting_is_read_only(meeting):
    open_sign_off(meeting)
    page = soup(meeting.client("lead").get(agenda_url(meeting)))
    assert "The meeting is finished. Agreed levels cannot be changed now." in words(page.main)
    assert page.select("a[role=button]") == []
    assert soup(meeting.client("lead").get(url(meeting))).find("form", id="agree") is None


def test_back_to_moderation_needs_a_reason(meeting):
    open_sign_off(meeting)
    response = meeting.client("lead").post(back_url(meeting), {"reason": ""})
    assert problems(response) == ["Say why you are going back to moderation"]


def test_back_to_moderation_before_anyone_signed(meeting):
    open_sign_off(meeting)
    response = meeting.client("lead").post(
        back_url(meeting), {"reason": "We forgot one."}, follow=True
    )
    assert "Moderation is open again." in text(response)
    assert Assessment.objects.get().stage == Assessment.Stage.MODERATION
    assert sentences() == ["Moorland Lead went back to moderation: We forgot one."]
    assert save(meeting, answer="2").status_code == 302


def test_back_to_moderation_by_a_board_member_is_forbidden(meeting):
    open_sign_off(meeting)
    assert meeting.client("health_board").get(back_url(meeting)).status_code == 403


def test_return_to_moderation_outside_sign_off_or_without_reason_raises(meeting):
    given = {"assessment": meeting.assessment, "by": meeting.people["lead"]}
    with pytest.raises(NotNowError):
        return_to_moderation(**given, reason="x")
    with pytest.raises(ValueError, match="reason: say why"):
        return_to_moderation(**given, reason="")
    assert SignOff.objects.count() == 0
