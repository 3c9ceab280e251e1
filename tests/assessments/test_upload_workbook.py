"""The workbook that comes back: a preview first, then all of it or nothing; never by wording."""

import re
from dataclasses import replace

import pytest
from django.core import signing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from areas.models import AuditEvent
from assessments.actions.errors import NotNowError
from assessments.actions.scoring import save_score
from assessments.actions.workbook import UploadMovedError, preview_upload, upload_workbook
from assessments.models import PartnerReturn, Score
from assessments.workbook.build import contents_of, identity_of
from assessments.workbook.layout import ANSWER_WORDS, Saved, tidy
from assessments.workbook.read import read_workbook
from assessments.workbook.write import make_workbook
from tests.assessments.pages import cells, heading, problems, sentences, soup, text, words
from tests.assessments.workbooks import a_file, address, changed, downloaded, filled, read, upload
from tests.factories import MembershipFactory, UserFactory

FIRST, SECOND, THIRD = "agency-joint-design", "agency-safe-learning", "agency-shared-language"
LISTENING = "culture-listening"
DOWNLOAD, PREVIEW, CONFIRM, SAVEPOINT = 4, 4, 10, 2


def answers(partnership, sector="health"):
    rows = Score.objects.filter(partner_return=partnership.returns[sector])
    return {row.statement.slug: (row.answer, row.reason) for row in rows}


def listed(page, caption):
    """The rows of one table of the preview; [] when it is not there."""
    found = [table for table in soup(page).find_all("table") if words(table.caption) == caption]
    return cells(found[0]) if found else []


def hidden(page):
    return soup(page).find("input", {"name": "rows"})["value"]


def confirm(partnership, page, sector="health", who=None, **data):
    client = partnership.client(who or sector)
    return client.post(
        address(partnership, "upload-workbook", sector), {"rows": hidden(page), **data}
    )


def change_in_the_portal(partnership, slug, answer, reason="", version=0, by=None):
    return save_score(
        partner_return=partnership.returns["health"], statement=partnership.statement(slug),
        answer=answer, reason=reason, version=version, by=by or partnership.people["health"],
    )  # fmt: skip


# ---- Preview and confirm ----------------------------------------------------------------------


def test_new_answers_are_shown_and_then_saved(partnership):
    data = filled(
        downloaded(partnership),
        {
            FIRST: (3, "As we see it."),
            SECOND: ("Cannot say", None),
            THIRD: ("Does not apply", "Not ours."),
        },
    )
    page = upload(partnership, data)
    assert (page.status_code, heading(page)) == (200, "What your workbook would change")
    label = partnership.assessment.content.level_labels[3]
    assert listed(page, "New answers") == [
        ["1.1 Designing change together", f"3 {label} As we see it."],
        ["1.2 Safe space to learn together", "Cannot say No reason written"],
        ["1.3 A common language", "Does not apply Not ours."],
    ]
    assert "29 blank: left as they are" in text(page)
    assert answers(partnership) == {}

    done = confirm(partnership, page)
    assert done.url == address(partnership, "return")
    assert answers(partnership) == {
        FIRST: ("3", "As we see it."),
        SECOND: ("cannot_say", ""),
        THIRD: ("not_applicable", "Not ours."),
    }
    check = partnership.client("health").get(done.url)
    assert "3 of 5 answered" in text(check)


def test_success_is_said_on_the_page_of_scores(partnership):
    client = partnership.client("health")
    page = upload(partnership, filled(downloaded(partnership), {FIRST: 2}))
    done = client.post(address(partnership, "upload-workbook"), {"rows": hidden(page)}, follow=True)
    assert "1 answer is saved from your workbook." in words(soup(done))


def test_changed_answers_are_shown_with_both_reasons(partnership):
    partnership.answer("health", {FIRST: "2"}, "It was so.")
    page = upload(partnership, filled(downloaded(partnership), {FIRST: (4, "It is better.")}))
    labels = partnership.assessment.content.level_labels
    assert listed(page, "Changed answers") == [
        [
            "1.1 Designing change together",
            f"2 {labels[2]} It was so.",
            f"4 {labels[4]} It is better.",
        ]
    ]
    confirm(partnership, page)
    assert answers(partnership) == {FIRST: ("4", "It is better.")}
    assert Score.objects.get().version == 2
    assert Score.objects.get().saved_by == partnership.people["health"]


def test_untouched_workbook_changes_nothing(partnership):
    partnership.answer("health", "2", "As it is.\nTwo lines.")
    page = upload(partnership, downloaded(partnership))
    assert "There is nothing to save" in text(page)
    assert "32 as in the portal or as downloaded: left as they are" in text(page)
    assert soup(page).find("input", {"name": "rows"}) is None


def test_untouched_rows_stay_quiet_also_when_a_colleague_changed_them_since(partnership):
    partnership.answer("health", {FIRST: "2"}, "It was so.")
    data = downloaded(partnership)
    change_in_the_portal(partnership, FIRST, "3", "A colleague.", version=1)
    page = upload(partnership, data)
    assert "There is nothing to save" in text(page)
    assert answers(partnership) == {FIRST: ("3", "A colleague.")}


def test_blank_cells_never_overwrite(partnership):
    partnership.answer("health", {FIRST: "2", SECOND: "3"}, "Kept.")
    data = filled(downloaded(partnership), {FIRST: (None, None), SECOND: (4, None)})
    page = upload(partnership, data)
    assert [row[0] for row in listed(page, "Changed answers")] == [
        "1.2 Safe space to learn together"
    ]
    confirm(partnership, page)
    assert answers(partnership) == {FIRST: ("2", "Kept."), SECOND: ("4", "Kept.")}


def test_reason_alone_is_kept_beside_the_answer_that_is_saved(partnership):
    partnership.answer("health", {FIRST: "2"})
    confirm(
        partnership,
        upload(
            partnership,
            filled(
                downloaded(partnership),
                {FIRST: (None, "Now with a reason."), SECOND: (None, "Half a thought.")},
            ),
        ),
    )
    assert answers(partnership) == {
        FIRST: ("2", "Now with a reason."),
        SECOND: ("", "Half a thought."),
    }


def test_refused_rows_are_listed_with_their_cell_and_the_rest_can_be_saved(partnership):
    data = filled(
        downloaded(partnership),
        {
            FIRST: (5, "Too high."),
            SECOND: ("Does not apply", None),
            THIRD: (3, "x" * 1203),
            LISTENING: (2, "Fine."),
        },
    )
    page = upload(partnership, data)
    assert listed(page, "Rows that cannot be used") == [
        ["1.1 Designing change together", "J2: ‘5’ is not an answer. Choose 1, 2, 3, 4, Cannot say or Does not apply."],
        ["1.2 Safe space to learn together", "K3: ‘Does not apply’ needs a reason. Write it there."],
        ["1.3 A common language", "K4: the reason has 1,203 characters. Shorten it to 500 or fewer."],
    ]  # fmt: skip
    confirm(partnership, page)
    assert answers(partnership) == {LISTENING: ("2", "Fine.")}


def test_unknown_and_foreign_statements_are_refused(partnership):
    def add_rows(book):
        book["Scores"]["B34"], book["Scores"]["J34"] = "no-such-statement", 2
        book["Scores"]["B35"], book["Scores"]["J35"] = SECOND, 2
        book["Scores"]["J36"] = 2

    data = changed(downloaded(partnership, "parent_carers"), add_rows)
    page = upload(partnership, data, "parent_carers")
    assert [row[1] for row in listed(page, "Rows that cannot be used")] == [
        "B34: ‘no-such-statement’ is not the id of a statement.",
        "B35: this statement is not asked of your organisation.",
        "J36: there is an answer, but no statement id in B36.",
    ]


def test_rows_are_matched_by_id_wherever_they_stand_and_whatever_they_say(partnership):
    def swap(book):
        sheet = book["Scores"]
        for column in "ABCDEFGHI":
            first, last = sheet[f"{column}2"].value, sheet[f"{column}33"].value
            sheet[f"{column}2"], sheet[f"{column}33"] = last, first
        sheet["D2"], sheet["A2"] = "Another wording", "9.9"
        sheet["J2"], sheet["J33"] = 1, 4

    upload_of = read(partnership, changed(downloaded(partnership), swap))
    found = {row.slug: row.answer for row in upload_of.rows if row.answer}
    assert found == {"accountability-equality": "1", FIRST: "4"}


def test_missing_rows_are_left_as_they_are(partnership):
    partnership.answer("health", "2")
    data = changed(downloaded(partnership), lambda book: book["Scores"].delete_rows(3, 31))
    upload_of = read(partnership, data)
    assert [row.slug for row in upload_of.rows] == [FIRST]
    assert "There is nothing to save" in text(upload(partnership, data))
    assert len(answers(partnership)) == 32


# ---- Someone else in between ------------------------------------------------------------------


def a_conflict(partnership):
    """A workbook that says 4 where a colleague has said 1 since it was downloaded."""
    colleague = UserFactory(name="Priya Nair")
    partner = partnership.partners["health"]
    MembershipFactory(user=colleague, role="contributor", area=partnership.area, partner=partner)
    partnership.answer("health", {FIRST: "2"}, "Before.")
    data = filled(downloaded(partnership), {FIRST: (4, "Mine. Shared."), SECOND: (3, "New.")})
    change_in_the_portal(partnership, FIRST, "1", "Theirs. Shared.", version=1, by=colleague)
    return data


def test_answer_changed_since_the_download_is_shown_with_both_texts_and_not_overwritten(
    partnership,
):
    page = upload(partnership, a_conflict(partnership))
    said = text(page)
    assert "Changed in the portal too" in said
    assert "saved by Priya Nair" in said
    assert [mark.get_text().strip() for mark in soup(page).select(".app-typed mark")] == ["Theirs.", "Mine."]  # fmt: skip
    box = soup(page).find("input", {"name": "replace", "value": FIRST})
    assert not box.has_attr("checked")
    confirm(partnership, page)
    assert answers(partnership) == {FIRST: ("1", "Theirs. Shared."), SECOND: ("3", "New.")}


def test_answer_changed_since_the_download_is_replaced_when_chosen(partnership):
    page = upload(partnership, a_conflict(partnership))
    confirm(partnership, page, replace=[FIRST])
    assert answers(partnership) == {FIRST: ("4", "Mine. Shared."), SECOND: ("3", "New.")}
    assert Score.objects.get(statement__slug=FIRST).version == 3


def test_nothing_ticked_and_nothing_else_to_save_saves_nothing(partnership):
    partnership.answer("health", {FIRST: "2"})
    data = filled(downloaded(partnership), {FIRST: (4, "Mine.")})
    change_in_the_portal(partnership, FIRST, "1", "Theirs.", version=1)
    page = upload(partnership, data)
    assert soup(page).find("button", string="Save what I ticked")
    assert confirm(partnership, page).url == address(partnership, "return")
    assert answers(partnership) == {FIRST: ("1", "Theirs.")}
    assert sentences("workbook.upload") == []


def test_answer_changed_since_the_preview_stops_everything_and_is_shown_anew(partnership):
    data = filled(downloaded(partnership), {FIRST: (4, "Mine."), SECOND: (3, "New.")})
    page = upload(partnership, data)
    change_in_the_portal(partnership, FIRST, "1", "Theirs.")
    again = confirm(partnership, page)
    assert (again.status_code, heading(again)) == (409, "What your workbook would change")
    assert "Someone changed an answer while you were reading this page." in text(again)
    assert "Changed in the portal too" in text(again)
    assert answers(partnership) == {FIRST: ("1", "Theirs.")}
    confirm(partnership, again, replace=[FIRST])
    assert answers(partnership) == {FIRST: ("4", "Mine."), SECOND: ("3", "New.")}


def test_upload_is_refused_when_seen_versions_are_old(partnership):
    upload_of = read(partnership, filled(downloaded(partnership), {FIRST: 4}))
    change_in_the_portal(partnership, FIRST, "1")
    with pytest.raises(UploadMovedError):
        upload_workbook(
            partner_return=partnership.returns["health"], upload=upload_of, seen={FIRST: 0},
            replace=[], by=partnership.people["health"],
        )  # fmt: skip
    assert answers(partnership) == {FIRST: ("1", "")}


# ---- When, who --------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["submitted", "revealed"])
def test_upload_after_the_end_is_refused(partnership, end):
    page = upload(partnership, filled(downloaded(partnership), {FIRST: 4}))
    upload_of = read(partnership, filled(downloaded(partnership), {FIRST: 4}))
    partnership.answer("health", "2")
    if end == "submitted":
        partnership.mark_submitted("health")
    else:
        partnership.reveal()
    assert confirm(partnership, page).status_code == 409
    assert upload(partnership, downloaded(partnership)).status_code == 409
    with pytest.raises(NotNowError):
        upload_workbook(
            partner_return=partnership.returns["health"], upload=upload_of, seen={FIRST: 0},
            replace=[], by=partnership.people["health"],
        )  # fmt: skip
    assert set(answers(partnership).values()) == {("2", "")}


def test_preview_can_be_confirmed_by_its_own_person_only(partnership):
    colleague = UserFactory()
    partner = partnership.partners["health"]
    MembershipFactory(user=colleague, role="contributor", area=partnership.area, partner=partner)
    partnership.people["colleague"] = colleague
    page = upload(partnership, filled(downloaded(partnership), {FIRST: 4}))
    again = confirm(partnership, page, who="colleague")
    assert problems(again) == ["That preview can no longer be used. Select the workbook again"]
    assert answers(partnership) == {}


def test_preview_of_one_return_cannot_be_confirmed_for_another(partnership):
    page = upload(partnership, filled(downloaded(partnership), {FIRST: 4}))
    lead = partnership.people["lead"]
    MembershipFactory(
        user=lead, role="contributor", area=partnership.area, partner=partnership.partners["health"]
    )
    mine = upload(partnership, filled(downloaded(partnership), {FIRST: 4}), who="lead")
    client = partnership.client("lead")
    council = address(partnership, "upload-workbook", "local_authority")
    for said in (hidden(page), hidden(mine)):
        assert client.post(council, {"rows": said}).status_code == 400
    assert Score.objects.count() == 0


def test_preview_is_good_for_an_hour(partnership, time_machine):
    time_machine.move_to("2026-11-02 10:00+00:00", tick=False)
    page = upload(partnership, filled(downloaded(partnership), {FIRST: 4}))
    time_machine.move_to("2026-11-02 11:01+00:00", tick=False)
    again = confirm(partnership, page)
    assert problems(again) == ["That preview can no longer be used. Select the workbook again"]
    assert answers(partnership) == {}


@pytest.mark.parametrize("rows", ["", "x", "a:b:c", "." * 1000, "9" * 600_000])
def test_preview_that_was_made_up_is_refused(partnership, rows):
    client = partnership.client("health")
    answer = client.post(address(partnership, "upload-workbook"), {"rows": rows})
    assert problems(answer) == ["That preview can no longer be used. Select the workbook again"]


def test_preview_that_was_changed_is_refused(partnership):
    page = upload(partnership, filled(downloaded(partnership), {FIRST: 4}))
    said = hidden(page)
    forged = signing.dumps({"rows": [], "bases": {}, "seen": {}}, salt="another", compress=True)
    client = partnership.client("health")
    for rows in (forged, said[:-1], "A" + said):
        answer = client.post(address(partnership, "upload-workbook"), {"rows": rows})
        assert answer.status_code == 400
    answer = client.post(
        address(partnership, "upload-workbook"), {"rows": said, "replace": "no-such"}
    )
    assert answer.status_code == 400
    assert answers(partnership) == {}


# ---- The log ----------------------------------------------------------------------------------


def test_log_has_one_event_without_levels_or_texts(partnership):
    data = filled(downloaded(partnership), {FIRST: (4, "SECRET"), SECOND: ("Cannot say", "SECRET")})
    confirm(partnership, upload(partnership, data))
    event = AuditEvent.objects.get()
    name = partnership.returns["health"].name
    assert event.verb == "workbook.upload"
    assert event.sentence == (
        f"{partnership.people['health'].name} uploaded a workbook for {name}: 2 answers"
    )
    assert (event.details, event.statement) == ({}, "")
    assert event.partner_id == partnership.partners["health"].pk


def test_download_and_preview_leave_no_trace(partnership):
    upload(partnership, filled(downloaded(partnership), {FIRST: 4}))
    assert (AuditEvent.objects.count(), Score.objects.count()) == (0, 0)


# ---- Query counts -----------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [2, 3, 32])
def test_queries_do_not_grow_with_rows(partnership, django_assert_num_queries, rows):
    slugs = [statement.slug for statement in partnership.statements[:rows]]
    partnership.answer("health", dict.fromkeys(slugs[: rows // 2], "2"))
    data = filled(downloaded(partnership), dict.fromkeys(slugs, (3, "Because.")))
    client = partnership.client("health")
    url = address(partnership, "upload-workbook")
    client.get(url)
    with django_assert_num_queries(DOWNLOAD):
        client.get(address(partnership, "workbook"))
    with django_assert_num_queries(PREVIEW):
        page = client.post(url, {"workbook": a_file(data)})
    # One statement for all new answers, one for all changed ones.
    with django_assert_num_queries(CONFIRM + SAVEPOINT):
        assert client.post(url, {"rows": hidden(page)}).status_code == 302
    assert len(answers(partnership)) == rows


# ---- Round trip -------------------------------------------------------------------------------

said = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=120
) | st.sampled_from(
    ["=1+1", "+1", "-1", "@SUM(1)", "_x0041_", "'quoted", " lead ", "a\u00a0b", "1", "2026-01-01"]
)
given_answers = st.dictionaries(
    st.integers(0, 31),
    st.tuples(st.sampled_from(list(ANSWER_WORDS.values())), said),
    max_size=32,
)
few = settings(
    max_examples=40, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


def fresh(row):
    return PartnerReturn.objects.select_related("assessment__area").get(pk=row.pk)


def prepared(partnership):
    row = fresh(partnership.returns["health"])
    Score.objects.filter(partner_return=row).delete()
    return row


@few
@given(given_answers=given_answers)
def test_what_is_filled_in_is_exactly_what_is_saved(partnership, given_answers):
    row = prepared(partnership)
    chosen = {
        partnership.statements[place].slug: (answer, reason)
        for place, (answer, reason) in given_answers.items()
        if answer != "not_applicable" or tidy(reason)
    }
    # Filled in by the portal's own writer: openpyxl cannot hold every character.
    blank = contents_of(row, address="-")
    full = [
        replace(line, saved=Saved(*chosen[line.slug])) if line.slug in chosen else line
        for line in blank.lines
    ]
    base = read_workbook(make_workbook(blank), expected=identity_of(row))
    came = read_workbook(
        make_workbook(replace(blank, lines=tuple(full))), expected=identity_of(row)
    )
    upload_workbook(
        partner_return=row, upload=replace(came, bases=base.bases),
        seen=dict.fromkeys(chosen, 0), replace=[], by=partnership.people["health"],
    )  # fmt: skip
    wanted = {slug: (answer, tidy(reason)) for slug, (answer, reason) in chosen.items()}
    assert answers(partnership) == wanted
    # And out again without a touch: nothing to save.
    row = fresh(row)
    untouched = read_workbook(
        make_workbook(contents_of(row, address="-")), expected=identity_of(row)
    )
    found = preview_upload(partner_return=row, upload=untouched)
    assert found.savable == []
    assert found.refused == []


@few
@given(
    stored=st.dictionaries(
        st.integers(0, 31), st.tuples(st.sampled_from(["", "1", "4", "cannot_say"]), said)
    ),
    later=st.sets(st.integers(0, 31), max_size=4),
)
def test_untouched_workbook_never_changes_anything(partnership, stored, later):
    row = prepared(partnership)
    for place, (answer, reason) in stored.items():
        Score.objects.create(
            partner_return=row, statement=partnership.statements[place], answer=answer,
            reason=reason.replace("\x00", ""), saved_by=partnership.people["health"],
        )  # fmt: skip
    data = make_workbook(contents_of(row, address="-"))
    for place in later:
        Score.objects.update_or_create(
            partner_return=row, statement=partnership.statements[place],
            defaults={"answer": "2", "version": 9, "saved_by": partnership.people["health"]},
        )  # fmt: skip
    found = preview_upload(
        partner_return=row, upload=read_workbook(data, expected=identity_of(row))
    )
    assert found.savable == []
    assert found.refused == []


def test_every_statement_id_is_in_the_framework(partnership):
    ids = [row.slug for row in read(partnership, downloaded(partnership)).rows]
    assert ids == [statement.slug for statement in partnership.statements]
    assert all(re.fullmatch(r"[a-z-]+", slug) for slug in ids)
