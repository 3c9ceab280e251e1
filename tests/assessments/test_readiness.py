"""The rules by example: read these first."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml

from assessments.agreement import CANNOT_SAY, NOT_AGREED, NOT_APPLICABLE
from assessments.readiness import (
    FAMILY_SECTORS,
    SECTORS,
    ActionState,
    Band,
    ChangeMark,
    Confidence,
    Coverage,
    Direction,
    DissentItem,
    EvidenceCoverage,
    EvidenceItem,
    IngredientSpec,
    Lift,
    LiftChange,
    Lowest,
    MapKind,
    MapRow,
    Mark,
    Pace,
    PartnerScores,
    PriorityState,
    QuorumReason,
    Reason,
    Returns,
    StatementSpec,
    StatementState,
    Views,
    assess,
    change,
    direction,
    is_evidenced,
    momentum,
    support,
    unchanged,
)
from tests.assessments.strategies import DAY, REQUIRED, an_assessment

TODAY = DAY
YESTERDAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 24)
READY = ([3], [3], [3], [3], [3], [3])
SIX_AT_3 = an_assessment(*READY)


def test_sectors_are_those_of_the_library():
    fixtures = Path(__file__).parents[2] / "fixtures" / "library" / "sectors.yaml"
    sectors = yaml.safe_load(fixtures.read_text(encoding="utf-8"))["sectors"]
    assert tuple(sector["id"] for sector in sectors) == SECTORS
    assert set(FAMILY_SECTORS) < set(SECTORS)


# Evidence


@pytest.mark.parametrize(
    ("review_dates", "expected"),
    [
        ([], False),
        ([None], True),
        ([TOMORROW], True),
        ([TODAY], False),
        ([YESTERDAY, TOMORROW], True),
    ],
)
def test_evidence_is_in_date_before_its_review_day(review_dates, expected):
    assert is_evidenced(review_dates, TODAY) is expected


def test_is_evidenced_refuses_what_is_no_day():
    with pytest.raises(ValueError, match=r"^review_on: "):
        is_evidenced(["2026-11-24"], TODAY)
    with pytest.raises(ValueError, match=r"^day: "):
        is_evidenced([], datetime(2026, 11, 23))  # noqa: DTZ001


def test_a_claim_without_evidence_counts_as_2_and_is_marked():
    picture = assess(an_assessment([4], [3], [3], [3], [3], [3], evidenced=["2-1"]))
    statement = picture.statements["1-1"]
    assert (statement.agreed, statement.evidenced_level) == (4, 2)
    assert statement.not_evidenced
    assert statement.marks == picture.ingredients["1"].marks == (Mark.NOT_EVIDENCED,)
    assert picture.ingredients["1"].level == 2
    assert picture.evidence_coverage == EvidenceCoverage(evidenced=1, claimed=6)


# The ingredient's level


@pytest.mark.parametrize(
    ("agreed", "level"),
    [
        ([3, 3, 3, 2], 3),
        ([3, 3, 2, 2], 2),
        ([4, 4, 4, 2], 3),
        ([3, 3, 3, 1], 2),
        ([1, 1, 4], 1),
        ([3, 3, None], 3),
        ([3, 3, None, CANNOT_SAY], None),
        ([3, NOT_APPLICABLE, NOT_APPLICABLE], 3),
        ([None], None),
    ],
)
def test_level_of_an_ingredient(agreed, level):
    picture = assess(an_assessment(agreed, [3], [3], [3], [3], [3]))
    assert picture.ingredients["1"].level == level


def test_an_ingredient_that_is_not_yet_rated_says_why_and_what_is_missing():
    picture = assess(an_assessment([3, None, NOT_AGREED], [NOT_APPLICABLE], [1], [3], [3], [3]))
    first, second = picture.ingredients["1"], picture.ingredients["2"]
    assert first.reasons == (Reason.AGREED_LEVELS,)
    assert first.statements_missing == ("1-2", "1-3")
    assert first.coverage == Coverage(
        levelled=1, applicable=3, not_applicable=0, cannot_say=0, not_agreed=1, blank=1
    )
    assert second.reasons == (Reason.NOTHING_APPLICABLE,)
    assert picture.limiting == ("1", "2")
    assert picture.levels == {"1": 1, "2": 0, "3": 3, "4": 0, "not_yet_rated": 2}
    assert (picture.band, picture.lift) == (Band.NOT_YET_RATED, None)


def test_quorum_needs_a_level_from_each_required_sector():
    health = PartnerScores("health", "health", True, {"1-1": CANNOT_SAY, "2-1": 1})
    given = replace(
        SIX_AT_3, partners=tuple(health if p.id == "health" else p for p in SIX_AT_3.partners)
    )
    picture = assess(given)
    assert picture.ingredients["1"].reasons == (Reason.QUORUM,)
    assert picture.ingredients["1"].sectors_missing == ("health",)
    assert picture.ingredients["2"].level == 3


def test_quorum_accepts_a_recorded_reason_for_one_ingredient_or_for_all():
    three = tuple(p for p in SIX_AT_3.partners if p.sector != "health")
    for_one = replace(SIX_AT_3, partners=three, quorum_reasons=(QuorumReason("health", "4"),))
    assert assess(for_one).levels["not_yet_rated"] == 5
    for_all = replace(SIX_AT_3, partners=three, quorum_reasons=(QuorumReason("health", None),))
    assert assess(for_all).band == Band.READY


def test_quorum_does_not_need_families_where_they_are_asked_nothing():
    staff_only = IngredientSpec("1", (StatementSpec("1-1", families_can_score=False),))
    partners = tuple(
        replace(p, scores={s: 2 for s in p.scores if s != "1-1"})
        if p.sector == "parent_carers"
        else p
        for p in SIX_AT_3.partners
    )
    given = replace(SIX_AT_3, framework=(staff_only, *SIX_AT_3.framework[1:]), partners=partners)
    assert assess(given).ingredients["1"].level == 3


def test_a_draft_counts_for_nothing():
    draft = PartnerScores("schools", "schools", False, {"1-1": 4})
    picture = assess(replace(SIX_AT_3, partners=(*SIX_AT_3.partners, draft)))
    assert picture.statements["1-1"].agreement.n == 4
    assert picture.returns == Returns(submitted=4, invited=5)
    assert "schools" not in picture.ingredients["1"].places


def test_places_follow_a_partners_own_levels_without_evidence():
    given = an_assessment([2, 2, 2], [3], [3], [3], [3], [3])
    scores = {
        "local_authority": (4, 4, 4),
        "health": (3, 3, None),
        "social_care": (3, CANNOT_SAY, None),
        "parent_carers": (1, NOT_APPLICABLE, NOT_APPLICABLE),
    }
    partners = tuple(
        replace(p, scores=dict(zip(("1-1", "1-2", "1-3"), scores[p.id], strict=True)))
        for p in given.partners
    )
    ingredient = assess(replace(given, partners=partners)).ingredients["1"]
    assert ingredient.places == {
        "local_authority": 4,
        "health": 3,
        "social_care": None,
        "parent_carers": 1,
    }
    assert ingredient.place_agreement.range == 3


def test_a_place_looks_only_at_what_the_partner_is_asked():
    framework = (
        IngredientSpec(
            "1",
            (StatementSpec("1-1", True), StatementSpec("1-2", False), StatementSpec("1-3", False)),
        ),
        *SIX_AT_3.framework[1:],
    )
    young_people = PartnerScores("yp", "young_people", True, {"1-1": 4})
    picture = assess(replace(SIX_AT_3, framework=framework, partners=(young_people,)))
    assert picture.ingredients["1"].places == {"yp": 4}
    assert picture.ingredients["2"].places == {"yp": None}


# The band


@pytest.mark.parametrize(
    ("levels", "band", "limiting"),
    [
        ((1, 4, 4, 4, 4, 4), Band.FOUNDATIONS_FIRST, ("1",)),
        ((2, 3, 3, 3, 2, 2), Band.BUILDING, ("1", "5", "6")),
        ((2, 3, 3, 3, 3, 2), Band.NEARLY_READY, ("1", "6")),
        ((2, 3, 3, 3, 3, 3), Band.NEARLY_READY, ("1",)),
        ((3, 4, 4, 4, 4, 4), Band.READY, ("1",)),
    ],
)
def test_band_and_limiting_ingredients(levels, band, limiting):
    picture = assess(an_assessment(*([level] for level in levels)))
    assert (picture.band, picture.limiting) == (band, limiting)


def test_bands_are_ordered_by_readiness():
    assert sorted(["ready", Band.BUILDING, Band.NOT_YET_RATED]) == [
        Band.NOT_YET_RATED,
        Band.BUILDING,
        "ready",
    ]
    assert Band.BUILDING < Band.NEARLY_READY <= "ready"
    assert Band.READY > Band.FOUNDATIONS_FIRST >= Band.NOT_YET_RATED
    assert max(Band.BUILDING, Band.NOT_YET_RATED) == "building"


@pytest.mark.parametrize(
    ("contested", "word"),
    [(0, Confidence.HIGH), (1, Confidence.HIGH), (2, Confidence.MEDIUM), (6, Confidence.LOW)],
)
def test_confidence_follows_the_number_of_contested_statements(contested, word):
    given = an_assessment([3, 3, 3, 3, 3, 3], [3], [3], [3], [3], [3])
    dissent = tuple(DissentItem("health", f"1-{s + 1}", False) for s in range(contested))
    withdrawn = DissentItem("health", "2-1", withdrawn=True)
    picture = assess(replace(given, dissent=(*dissent, withdrawn)))
    assert (picture.contested, picture.confidence) == (contested, word)
    assert picture.band == Band.READY


# The smallest lift


def test_lift_raises_levels_and_adds_evidence():
    picture = assess(an_assessment([2], [3], [3], [3], [3], [3], evidenced=[]))
    assert picture.band == Band.BUILDING
    assert picture.lift == Lift(
        steps=4,
        changes=tuple(LiftChange(f"{i}-1", 3, 3, True, 1) for i in (2, 3, 4, 5)),
        band_after=Band.NEARLY_READY,
    )


def test_lift_takes_the_first_of_equals_and_may_skip_a_band():
    picture = assess(an_assessment([1, 1, 1], [3], [3], [3], [3], [3]))
    assert picture.lift == Lift(
        steps=2,
        changes=(LiftChange("1-1", 1, 2, False, 1), LiftChange("1-2", 1, 2, False, 1)),
        band_after=Band.NEARLY_READY,
    )


def test_lift_prefers_the_list_that_stays_longer_with_the_first_statement():
    picture = assess(an_assessment([1, 2, 3], [3], [3], [3], [3], [3]))
    assert picture.lift.changes == (LiftChange("1-1", 1, 3, False, 2),)
    assert picture.lift.band_after == Band.READY


# Refusals


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("day", {"day": "2026-11-23"}),
        ("framework", {"framework": SIX_AT_3.framework[:5]}),
        ("framework", {"framework": (*SIX_AT_3.framework[:5], SIX_AT_3.framework[0])}),
        ("framework", {"framework": (*SIX_AT_3.framework[:5], IngredientSpec("6", ()))}),
        (
            "framework",
            {
                "framework": (
                    *SIX_AT_3.framework[:5],
                    IngredientSpec("6", (StatementSpec("1-1", True),)),
                )
            },
        ),
        ("required_sectors", {"required_sectors": (*REQUIRED, "health")}),
        ("sector", {"required_sectors": ("police",)}),
        ("sector", {"partners": (PartnerScores("p", "police", True, {}),)}),
        ("partners", {"partners": (*SIX_AT_3.partners, SIX_AT_3.partners[0])}),
        ("statement", {"partners": (PartnerScores("p", "health", True, {"9-9": 1}),)}),
        ("answer", {"partners": (PartnerScores("p", "health", True, {"1-1": NOT_AGREED}),)}),
        ("statement", {"agreed": {"9-9": None}}),
        ("answer", {"agreed": {"1-1": 5}}),
        ("partner", {"dissent": (DissentItem("nobody", "1-1", False),)}),
        ("statement", {"dissent": (DissentItem("health", "9-9", False),)}),
        ("statement", {"evidence": (EvidenceItem("e", None, ("9-9",)),)}),
        ("review_on", {"evidence": (EvidenceItem("e", "soon", ()),)}),
        ("sector", {"quorum_reasons": (QuorumReason("police", None),)}),
        ("ingredient", {"quorum_reasons": (QuorumReason("health", "7"),)}),
    ],
)
def test_invalid_input_is_refused_by_the_name_of_its_field(field, changes):
    with pytest.raises(ValueError, match=rf"^{field}: "):
        assess(replace(SIX_AT_3, **changes))


def test_families_may_have_blanks_but_no_scores_where_they_are_not_asked():
    framework = (
        IngredientSpec("1", (StatementSpec("1-1", False),)),
        *SIX_AT_3.framework[1:],
    )
    blank = PartnerScores("yp", "young_people", True, {"1-1": None})
    scored = PartnerScores("yp", "young_people", True, {"1-1": CANNOT_SAY})
    given = replace(SIX_AT_3, framework=framework, partners=(blank,))
    assert assess(given).returns.submitted == 1
    with pytest.raises(ValueError, match=r"^statement: '1-1' is not asked of yp"):
        assess(replace(given, partners=(scored,)))


# Change between two assessments


def state(answer, *, evidenced=True, views=1):
    return StatementState(answer, evidenced, views)


def test_change_compares_levels_views_and_evidence():
    before = {
        "up": state(1, views=3),
        "same": state(3, evidenced=False, views=None),
        "gone": state(2),
    }
    after = {
        "up": state(2, views=1),
        "same": state(3, views=0),
        "gone": state(NOT_AGREED, views=2),
    }
    found = change(before, after, unchanged(before))
    assert [(row.direction, row.views, row.marks) for row in found.rows] == [
        (Direction.UP, Views.CLOSER, ()),
        (Direction.SAME, None, (ChangeMark.NEWLY_EVIDENCED,)),
        (None, Views.FURTHER_APART, ()),
    ]
    assert found.views == {Views.CLOSER: 1, Views.FURTHER_APART: 1, Views.AS_BEFORE: 0}


def test_change_marks_a_changed_wording_and_lapsed_evidence():
    rows = [MapRow(MapKind.REWORDED, "a", "a"), MapRow(MapKind.NEW, None, "b")]
    found = change({"a": state(4)}, {"a": state(3, evidenced=False), "b": state(1)}, rows)
    assert found.rows[0].direction == Direction.DOWN
    assert found.rows[0].marks == (ChangeMark.EVIDENCE_LAPSED, ChangeMark.WORDING_CHANGED)
    assert (found.rows[1].direction, found.rows[1].views, found.rows[1].marks) == (None, None, ())


def test_change_does_not_compare_split_and_merged_statements():
    rows = [
        MapRow(MapKind.SPLIT_FROM, "a", "a1"),
        MapRow(MapKind.SPLIT_FROM, "a", "a2"),
        MapRow(MapKind.MERGED_INTO, "b", "bc"),
        MapRow(MapKind.MERGED_INTO, "c", "bc"),
        MapRow(MapKind.RETIRED, "d", None),
    ]
    before = dict.fromkeys(("a", "b", "c", "d"), state(2))
    found = change(before, dict.fromkeys(("a1", "a2", "bc"), state(3)), rows)
    assert {row.direction for row in found.rows} == {None}


def test_direction_serves_ingredients_too():
    assert direction(2, 3) == Direction.UP
    assert direction(None, 3) is None


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [MapRow(MapKind.SAME, "a", "a"), MapRow(MapKind.NEW, None, "b")],
        [MapRow("moved", "a", "a")],
        [MapRow(MapKind.SAME, "a", None)],
        [MapRow(MapKind.NEW, "a", "a")],
        [MapRow(MapKind.RETIRED, "a", "a")],
        [MapRow(MapKind.SAME, "a", "a")] * 2,
        [MapRow(MapKind.SAME, "a", "a"), MapRow(MapKind.SPLIT_FROM, "a", "b")],
        [MapRow(MapKind.SAME, "a", "a"), MapRow(MapKind.RETIRED, "a", None)],
    ],
)
def test_change_refuses_a_map_that_does_not_fit(rows):
    with pytest.raises(ValueError, match=r"^map: "):
        change({"a": state(2)}, {"a": state(2)}, rows)


@pytest.mark.parametrize(("field", "wrong"), [("answer", state(5)), ("range", state(2, views=4))])
def test_change_refuses_states_that_cannot_be(field, wrong):
    with pytest.raises(ValueError, match=rf"^{field}: "):
        change({"a": wrong}, {"a": state(2)}, unchanged(["a"]))
    with pytest.raises(ValueError, match=rf"^{field}: "):
        change({"a": state(2)}, {"a": wrong}, unchanged(["a"]))


# Momentum

PREVIOUS = date(2026, 6, 1)


def priority(then, answer, *review_on):
    return PriorityState("s", then, answer, review_on)


def action(*, due=date(2026, 9, 1), done=None, closed=False):
    return ActionState(due, done, closed)


DONE, LATE = action(done=date(2026, 10, 1)), action()
MOVED, STILL = priority(2, 3, None), priority(2, 2)


@pytest.mark.parametrize(
    ("priorities", "actions", "word"),
    [
        ([MOVED, STILL], [LATE], Pace.MOVING),
        ([MOVED, STILL, STILL], [LATE], Pace.SLOW),
        ([STILL], [DONE, DONE, DONE, LATE], Pace.MOVING),
        ([STILL], [LATE, DONE], Pace.SLOW),
        ([STILL], [LATE, LATE, DONE], Pace.STUCK),
        ([STILL], [], Pace.SLOW),
        ([], [LATE], Pace.STUCK),
        ([], [action(closed=True)], Pace.NOT_YET_KNOWN),
        ([], [], Pace.NOT_YET_KNOWN),
    ],
)
def test_momentum_in_a_word(priorities, actions, word):
    assert momentum(PREVIOUS, TODAY, priorities, actions).word == word


@pytest.mark.parametrize(
    ("one", "moved"),
    [
        (priority(1, 2), 1),
        (priority(2, 3, TOMORROW), 1),
        (priority(2, 3, TODAY), 0),
        (priority(2, None, None), 0),
        (priority(None, 2), 0),
        (priority(1, NOT_AGREED), 0),
    ],
)
def test_a_priority_moved_when_its_level_as_it_counts_is_higher(one, moved):
    assert momentum(PREVIOUS, TODAY, [one], []).moved == moved


@pytest.mark.parametrize(
    ("one", "counted", "done"),
    [
        (action(due=TODAY), 1, 0),
        (action(due=TOMORROW), 0, 0),
        (action(due=PREVIOUS, done=PREVIOUS), 0, 0),
        (action(due=PREVIOUS, done=date(2026, 6, 2)), 1, 1),
        (action(due=date(2026, 7, 1), done=PREVIOUS), 1, 1),
        (action(done=TOMORROW), 1, 0),
    ],
)
def test_which_actions_count(one, counted, done):
    found = momentum(PREVIOUS, TODAY, [], [one])
    assert (found.actions, found.done, found.late) == (counted, done, counted - done)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("previous_day", (None, TODAY, [], [])),
        ("previous_day", (TOMORROW, TODAY, [], [])),
        ("day", (PREVIOUS, "today", [], [])),
        ("answer", (PREVIOUS, TODAY, [priority(1, 9)], [])),
        ("then", (PREVIOUS, TODAY, [priority(0, 1)], [])),
        ("then", (PREVIOUS, TODAY, [priority(True, 1)], [])),
        ("review_on", (PREVIOUS, TODAY, [priority(1, 2, "soon")], [])),
        ("due_on", (PREVIOUS, TODAY, [], [action(due=None)])),
        ("done_on", (PREVIOUS, TODAY, [], [action(done="now")])),
    ],
)
def test_momentum_refuses_by_the_name_of_the_field(field, given):
    with pytest.raises(ValueError, match=rf"^{field}: "):
        momentum(*given)


# Readiness for one support package


def test_support_shows_every_answer_and_who_gave_the_lowest():
    found = support(
        {"a": "commitment", "b": "commitment", "c": "capacity"},
        {"schools": {"a": 3, "b": 2}, "health": {"a": 2, "c": CANNOT_SAY}},
    )
    assert found.counts["a"] == {"1": 0, "2": 1, "3": 1, "4": 0, "cannot_say": 0, "none": 0}
    assert found.counts["c"] == {"1": 0, "2": 0, "3": 0, "4": 0, "cannot_say": 1, "none": 1}
    assert found.lowest == {
        "commitment": Lowest(2, ("health", "schools")),
        "capacity": Lowest(None, ()),
    }


@pytest.mark.parametrize(
    ("field", "own"), [("statement", {"z": 1}), ("answer", {"a": NOT_APPLICABLE})]
)
def test_support_refuses_by_the_name_of_the_field(field, own):
    with pytest.raises(ValueError, match=rf"^{field}: "):
        support({"a": "commitment"}, {"schools": own})
