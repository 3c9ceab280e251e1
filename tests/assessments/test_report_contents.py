"""What a report says: one object for page, PDF and files."""

import copy
import dataclasses

import pytest

from assessments.reports.build import build, contents_of
from assessments.reports.contents import DissentLine, PartnerAnswer
from assessments.reports.facts import canonical, fingerprint, gather
from tests.assessments.shortcuts import agree, lay_evidence, next_assessment, submit
from tests.conftest import make_partnership
from tests.factories import DissentFactory, SignOffFactory

SLUG = "agency-joint-design"


@pytest.fixture
def meeting(partnership):
    partnership.reveal()
    return partnership


def dissent(partnership, slug, text="No.", sector="schools"):
    return DissentFactory(
        partner_return=partnership.returns[sector], statement=partnership.statement(slug),
        text=text, recorded_by=partnership.people[sector],
    )  # fmt: skip


def by_slug(rows):
    return {row.slug: row for row in rows}


def walk(value):
    """Every value inside a report, however deep."""
    yield value
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from walk(getattr(value, field.name))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from walk(key)
            yield from walk(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from walk(item)


# ---- Who reads what ----------------------------------------------------------------------------------


@pytest.fixture
def planted(partnership):
    """Every partner writes something that only the area may read; health stands alone."""
    for sector, row in partnership.returns.items():
        asked = partnership.assessment.statements_for(row.sector)
        level = {"health": "4", "parent_carers": "1"}.get(sector, "2")
        answers = {statement.slug: level for statement in asked}
        partnership.answer(sector, answers, reason=f"PLANTED by {sector}")
    partnership.reveal()
    agree(partnership, "3", rationale="What the meeting wrote.")
    dissent(partnership, SLUG, "PLANTED dissent")
    return partnership


def test_contents_for_the_area_hold_every_level_reason_and_dissent(planted):
    texts = {value for value in walk(contents_of(planted.assessment)) if isinstance(value, str)}
    said = {text for text in texts if "PLANTED" in text}
    assert said == {f"PLANTED by {sector}" for sector in planted.returns} | {"PLANTED dissent"}


def test_contents_without_consent_hold_nothing_that_a_partner_wrote_or_chose(planted):
    report = contents_of(planted.assessment, shows_partners=False)
    found = list(walk(report))
    assert not any("PLANTED" in value for value in found if isinstance(value, str))
    assert not any(isinstance(value, (PartnerAnswer, DissentLine)) for value in found)
    statement = report.statements[0]
    assert (statement.level, statement.is_contested, statement.rationale) == (
        3, True, "",
    )  # fmt: skip
    assert report.method.who_sees == (
        "Each partner’s levels, reasons and words stay in the area, which does not share them."
    )


def test_contents_without_consent_hold_a_decision_but_not_its_words(planted):
    SignOffFactory(
        partner_return=planted.returns["health"], decision="disagree", text="PLANTED in a signature"
    )
    shown = contents_of(planted.assessment).signatures
    kept = contents_of(planted.assessment, shows_partners=False).signatures
    assert "PLANTED in a signature" in [line.text for line in shown]
    assert {line.text for line in kept} == {""}
    assert "Does not agree" in [line.words for line in kept]


def test_next_step_of_a_level_without_evidence_is_to_add_it(partnership):
    partnership.reveal(dict.fromkeys(partnership.returns, "4"))
    agree(partnership, "4")
    report = contents_of(partnership.assessment)
    assert {row.statement.next_step for row in report.priorities} == {
        "Add evidence that is in date."
    }


def test_contents_without_consent_are_the_same_whatever_partners_chose(planted):
    facts = gather(planted.assessment)
    other = copy.deepcopy(facts)
    for partner in other["partners"]:
        for slug in partner["scores"]:
            partner["scores"][slug] = ["3", "Something else"]
    other["dissent"][0]["text"] = "Something else"
    content = planted.assessment.content
    shown, again = (
        dataclasses.replace(report, method=None)
        for report in (build(row, content, shows_partners=False) for row in (facts, other))
    )
    assert shown == again


# ---- Fixed by submission --------------------------------------------------------------------------------


def test_contents_after_submission_come_from_the_frozen_facts_alone(planted):
    before = contents_of(planted.assessment)
    submit(planted)
    planted.partners["health"].name = "Renamed trust"
    planted.partners["health"].save()
    planted.area.name = "Renamed area"
    planted.area.save()
    after = contents_of(type(planted.assessment).objects.get(pk=planted.assessment.pk))
    assert after.area == before.area == "Moorland"
    assert after.partners == before.partners
    assert after.ingredients == before.ingredients
    assert (before.is_draft, after.is_draft) == (True, False)
    assert after.method.sha256 == planted.assessment.stored_report.sha256


def test_facts_before_the_reveal_hold_no_score(partnership):
    partnership.answer("health", "4", reason="PLANTED")
    partnership.mark_submitted("health")
    facts = gather(partnership.assessment)
    assert [row["scores"] for row in facts["partners"]] == [{}] * 6
    assert "PLANTED" not in canonical(facts)


def test_fingerprint_is_of_the_canonical_text():
    same = [canonical({"b": 1, "a": "ł"}), canonical({"a": "ł", "b": 1})]
    assert same == ['{"a":"ł","b":1}'] * 2
    assert fingerprint("abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


# ---- The band and its parts -------------------------------------------------------------------------------


def test_contents_of_nothing_agreed(meeting):
    report = contents_of(meeting.assessment)
    assert report.band_label == "Not yet rated"
    assert report.band_sentence == (
        "Moorland is not yet rated: none of the six ingredients can be rated yet."
    )
    assert report.limits == "None of the six ingredients is rated yet."
    assert len(report.missing) == 6
    assert report.lift is None
    assert {row.level_words for row in report.ingredients} == {"Not yet rated"}
    assert all((row.strongest, row.weakest) == (None, None) for row in report.ingredients)
    assert [row.why for row in report.priorities] == [
        "Not decided: no agreed level. Agency co-production limits the band."
    ] * 5 + ["Not decided: no agreed level. Family co-production limits the band."]


def test_contents_of_everything_at_4_with_evidence(meeting):
    agree(meeting, "4")
    lay_evidence(meeting)
    report = contents_of(meeting.assessment)
    assert report.band_label == "Ready"
    assert report.band_sentence == (
        "Moorland is ready for change: every ingredient is in routine use."
    )
    assert (report.limits, report.missing, report.lift, report.priorities) == ("", (), None, ())
    assert not any(row.is_limiting for row in report.ingredients)
    assert [step.label for step in report.ladder if step.is_here] == ["Ready"]


def test_contents_of_four_ingredients_at_3(meeting):
    low = {"culture", "workforce"}
    agree(meeting, {s.slug: "2" if s.ingredient.slug in low else "3" for s in meeting.statements})
    lay_evidence(meeting)
    report = contents_of(meeting.assessment)
    assert report.band_label == "Nearly ready"
    assert report.band_sentence == (
        "Moorland is nearly ready for change: workforce and culture come next."
    )
    assert (
        report.limits == "Two ingredients are at level 2 and limit the band: workforce and culture."
    )
    assert [row.slug for row in report.ingredients if row.is_limiting] == ["workforce", "culture"]
    # Four of six and four of five statements must rise before both count at 3.
    assert (report.lift.steps, report.lift.steps_words, report.lift.band_after) == (
        8, "eight steps", "Ready",
    )  # fmt: skip
    assert [(group.ingredient, len(group.lines)) for group in report.lift.groups] == [
        ("Workforce", 4), ("Culture", 4),
    ]  # fmt: skip
    assert report.lift.groups[1].lines[0].endswith(": raise to 3")


def test_contents_of_the_smallest_lift_with_evidence_and_several_steps(meeting):
    agree(meeting, "2")
    report = contents_of(meeting.assessment)
    assert report.lift.band_after == "Nearly ready"
    assert report.lift.groups[0].lines[0].endswith(": raise to 3 and add evidence (2 steps)")


def test_contents_of_one_step_is_singular(meeting):
    slugs = [s.slug for s in meeting.statements if s.ingredient.slug == "culture"]
    agree(meeting, {s.slug: "3" for s in meeting.statements if s.slug not in slugs})
    agree(meeting, dict(zip(slugs, ["3", "3", "3", "2", "2"], strict=True)))
    lay_evidence(meeting)
    lift = contents_of(meeting.assessment).lift
    assert (lift.steps_words, lift.band_after) == ("one step", "Ready")


def test_contents_with_one_statement_missing_in_an_ingredient_is_still_rated(meeting):
    agree(meeting, {s.slug: "cannot_say" if s.slug == SLUG else "2" for s in meeting.statements})
    report = contents_of(meeting.assessment)
    first = report.ingredients[0]
    assert (first.level, first.coverage) == (2, "4 of 5")
    assert report.tiles[1].figure == "31 of 32"
    assert report.tiles[1].words == "1 cannot say"


def test_contents_count_the_rest_by_kind(meeting):
    answers = ["cannot_say", "not_agreed", "not_applicable", ""]
    chosen = dict(zip([s.slug for s in meeting.statements[:4]], answers, strict=True))
    agree(meeting, {s.slug: a for s in meeting.statements if (a := chosen.get(s.slug, "2"))})
    report = contents_of(meeting.assessment)
    assert report.tiles[1].figure == "28 of 31"
    assert report.tiles[1].words == (
        "1 cannot say, 1 not agreed, 1 not decided, 1 not counted because it does not apply"
    )
    titles = [meeting.statement(s.slug).title for s in meeting.statements[:4]]
    reason = report.ingredients[0].reasons[0]
    assert reason.startswith("3 statements have no agreed level: ")
    assert titles[2][1:] not in reason
    assert report.ingredients[0].is_contested


def test_contents_of_an_ingredient_that_does_not_apply(meeting):
    agree(meeting, {s.slug: "not_applicable" if s.ingredient.slug == "culture" else "2"
                    for s in meeting.statements})  # fmt: skip
    culture = by_slug(contents_of(meeting.assessment).ingredients)["culture"]
    assert culture.reasons == ("Partners agreed that no statement in it applies.",)
    assert culture.coverage == "0 of 0"


def test_contents_name_the_sectors_without_a_level(partnership):
    partnership.answer("health", "cannot_say")
    partnership.answer("parent_carers", "cannot_say")
    partnership.reveal()
    agree(partnership)
    report = contents_of(partnership.assessment)
    reason = "No level yet from health and parent carers, and no reason recorded."
    assert {row.reasons for row in report.ingredients} == {(reason,)}
    assert report.missing[0] == f"Agency co-production: {reason}"


def test_contents_of_one_partner_alone(framework):
    from areas.models import Sector

    alone = make_partnership("Islet", [Sector.LOCAL_AUTHORITY])
    alone.reveal()
    agree(alone)
    report = contents_of(alone.assessment)
    assert [line.code for line in report.partners] == ["C"]
    assert report.statements[0].sentence == "Only one partner gave a level."
    assert report.ingredients[0].widest is None
    assert report.tiles[3].figure == "1 of 1"


# ---- One ingredient ---------------------------------------------------------------------------------------


def test_strongest_and_weakest_go_by_the_level_that_counts(meeting):
    agree(meeting, "2")
    slugs = [s.slug for s in meeting.statements if s.ingredient.slug == "leadership"]
    levels = dict(zip(slugs, ["2", "4", "1", "3", "1"], strict=True))
    for slug, level in levels.items():
        meeting.assessment.agreed_scores.filter(statement__slug=slug).update(answer=level)
    lay_evidence(meeting, slugs[3])
    leadership = by_slug(contents_of(meeting.assessment).ingredients)["leadership"]
    # The 4 has no evidence and counts as 2, so the 3 with evidence is stronger.
    assert leadership.strongest.slug == slugs[3]
    assert leadership.weakest.slug == slugs[2]
    assert leadership.weakest.next_step == meeting.statement(slugs[2]).next_step["1"]
    assert leadership.is_not_evidenced


def test_widest_is_where_partners_were_two_or_more_apart(partnership):
    partnership.answer(
        "health", {"workforce-capacity": "4", "workforce-learning": "3", "culture-integration": "3"}
    )
    for sector in ("schools", "social_care"):
        levels = dict.fromkeys(
            ["workforce-capacity", "workforce-learning", "culture-integration"], "2"
        )
        partnership.answer(sector, levels)
    partnership.reveal()
    found = by_slug(contents_of(partnership.assessment).ingredients)
    assert found["workforce"].widest.slug == "workforce-capacity"
    assert found["culture"].widest is None


def test_places_of_partners_and_their_sentence(partnership):
    partnership.reveal({"health": "4", "young_people": "cannot_say"})
    first = contents_of(partnership.assessment).ingredients[0]
    assert [(row.partner.code, row.level, row.words) for row in first.places] == [
        ("C", 2, "Level 2"), ("H", 4, "Level 4"), ("SC", 2, "Level 2"), ("S", 2, "Level 2"),
        ("PC", 2, "Level 2"), ("YP", None, "Not placed"),
    ]  # fmt: skip
    assert [row.partner.code for row in first.places if row.is_alone] == ["H"]
    assert first.sentence == (
        "4 of 5 partners within one level; health two above. Young people not placed."
    )


def test_answers_of_every_submitted_partner_are_in_words(partnership):
    partnership.answer("health", {"agency-safe-learning": "cannot_say"})
    partnership.answer("schools", {"agency-safe-learning": "not_applicable"})
    partnership.answer("social_care", {"agency-safe-learning": ""}, reason="Half done")
    partnership.reveal()
    statement = contents_of(partnership.assessment).statements[1]
    assert [(row.words, row.cell) for row in statement.answers] == [
        ("Level 2", "2"), ("Cannot say", "Cannot say"), ("Not decided", "Not decided"),
        ("Does not apply", "Does not apply"), ("Not asked", "Not asked"), ("Not asked", "Not asked"),
    ]  # fmt: skip


# ---- Priorities -------------------------------------------------------------------------------------------


def test_priorities_are_those_that_limit_first_then_without_level_then_the_largest_gap(meeting):
    one, two, three, four, _ = (
        s.slug for s in meeting.statements if s.ingredient.slug == "leadership"
    )
    given = {one: "1", two: "1", three: "not_agreed", four: "2"}
    given |= {"culture-integration": "2", "agency-adulthood": "not_applicable"}
    agree(meeting, {s.slug: given.get(s.slug, "3") for s in meeting.statements})
    lay_evidence(meeting, *(s.slug for s in meeting.statements if s.slug != "family-clear-terms"))
    dissent(meeting, two)
    priorities = contents_of(meeting.assessment).priorities
    assert [(row.statement.slug, row.why) for row in priorities] == [
        (three, "Not agreed: no agreed level. Leadership limits the band."),
        (two, "At level 1. Leadership limits the band."),
        (one, "At level 1. Leadership limits the band."),
        (four, "At level 2. Leadership limits the band."),
        ("family-clear-terms", "Level 3 without evidence in date, so it counts as 2."),
        ("culture-integration", "At level 2."),
    ]


def test_priorities_are_six_at_most(meeting):
    agree(meeting)
    slugs = [row.statement.slug for row in contents_of(meeting.assessment).priorities]
    assert slugs == [s.slug for s in meeting.statements[:6]]


# ---- Since the baseline ---------------------------------------------------------------------------------------


@pytest.fixture
def again(partnership):
    """A submitted first assessment at 2 throughout, but for a 1, a 3 and one not agreed; then the
    second one, revealed."""
    partnership.reveal({"health": "4"})
    given = {
        "agency-joint-design": "1",
        "agency-shared-language": "3",
        "agency-adulthood": "not_agreed",
    }
    agree(partnership, {s.slug: given.get(s.slug, "2") for s in partnership.statements})
    lay_evidence(partnership, "agency-shared-language")
    submit(partnership)
    second = next_assessment(partnership)
    second.reveal()
    return second


def test_change_says_up_down_and_still(again):
    agree(again)
    report = contents_of(again.assessment)
    changes = {row.slug: row.change for row in report.statements}
    assert changes["agency-joint-design"] == "Up from 1 to 2."
    assert changes["agency-shared-language"] == "Down from 3 to 2."
    assert changes["agency-adulthood"] == "Was not agreed, now level 2."
    assert changes["agency-legal-duties"] == "Still at 2."
    assert report.baseline.title == "Autumn assessment"
    assert report.baseline.sha256 == again.assessment.baseline.stored_report.sha256
    # Health had been alone at 4 on all it was asked; now everyone is at 2.
    assert report.baseline.summary == (
        "1 statement went up, 1 down and 29 stayed. 1 cannot be compared. "
        "Partners’ views came closer on 32, moved further apart on 0 and are as before on 0."
    )
    assert [row.change for row in report.ingredients] == ["Still at 2."] * 6
    assert [row.before for row in report.ingredients] == [2] * 6
    assert [(step.label, step.was_here) for step in report.ladder if step.was_here] == [
        ("Building", "Autumn assessment")
    ]


def test_change_without_partners_leaves_out_their_views(again):
    agree(again)
    report = contents_of(again.assessment, shows_partners=False)
    assert report.baseline.summary == (
        "1 statement went up, 1 down and 29 stayed. 1 cannot be compared."
    )


def test_change_counts_evidence_that_lapsed(again):
    agree(again, {s.slug: "3" for s in again.statements})
    assert "Evidence lapsed on 1 statement." in contents_of(again.assessment).baseline.summary


def test_change_of_an_ingredient_not_rated_now(again):
    first = contents_of(again.assessment).ingredients[0]
    assert (first.before, first.level, first.change) == (2, None, "Was level 2, now not rated.")


def test_change_is_not_compared_across_framework_versions(again):
    agree(again)
    facts = gather(again.assessment)
    facts["baseline"]["framework"] = "f" * 64
    report = build(facts, again.assessment.content)
    assert report.baseline.summary == (
        "It used another framework version, so levels are not compared."
    )
    assert {row.change for row in report.statements} == {""}
    assert {(row.change, row.before, row.move) for row in report.ingredients} == {("", None, None)}


def test_without_a_baseline_nothing_is_compared(meeting):
    report = contents_of(meeting.assessment)
    assert report.baseline is None
    assert {row.change for row in report.ingredients} == {""}


# ---- Signatures and reasons -------------------------------------------------------------------------------------


def test_evidence_of_two_links_is_listed_once(meeting):
    agree(meeting, "3")
    item = lay_evidence(meeting, SLUG, title="Minutes")
    row = meeting.assessment.evidence_links.get()
    row.pk, row.partner_return = None, meeting.returns["health"]
    row.save()
    facts = gather(meeting.assessment)
    assert [entry["statements"] for entry in facts["evidence"]] == [[SLUG]]
    assert [line.title for line in contents_of(meeting.assessment).statements[0].evidence] == [
        item.title
    ]


def test_name_of_a_report_is_area_and_title(meeting):
    assert contents_of(meeting.assessment).name == "Moorland: readiness report, Autumn assessment"
