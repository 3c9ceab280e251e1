"""What must hold for every assessment, and the smallest lift against trying everything."""

from dataclasses import replace
from datetime import datetime
from itertools import chain, combinations, product

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from assessments.agreement import CANNOT_SAY, LEVELS, NOT_APPLICABLE
from assessments.readiness import (
    Band,
    EvidenceItem,
    IngredientSpec,
    PartnerScores,
    QuorumReason,
    StatementSpec,
    assess,
)
from tests.assessments.strategies import DAY, an_assessment, assessments, few, levels, many

# Thousands of assessments; the worked cases run the same lines.
pytestmark = pytest.mark.no_cover


def not_lower(before, after):
    """No ingredient that has a level lost any of it, and the band is as high or higher."""
    return before.band <= after.band and all(
        (before.ingredients[id_].level or 0) <= (after.ingredients[id_].level or 0)
        for id_ in before.ingredients
    )


# Monotonic


@few
@given(assessments(quorum_holds=True), st.data())
def test_raising_an_agreed_level_lowers_nothing(before, data):
    raisable = [s for s, answer in before.agreed.items() if answer in (1, 2, 3)]
    assume(raisable)
    statement = data.draw(st.sampled_from(raisable))
    higher = data.draw(st.sampled_from(range(before.agreed[statement] + 1, 5)))
    after = replace(before, agreed={**before.agreed, statement: higher})
    assert not_lower(assess(before), assess(after))


@few
@given(assessments(quorum_holds=True), st.data())
def test_adding_evidence_in_date_lowers_nothing(before, data):
    statement = data.draw(st.sampled_from(sorted(before.agreed)))
    more = EvidenceItem("more", None, (statement,))
    after = replace(before, evidence=(*before.evidence, more))
    assert not_lower(assess(before), assess(after))


# Order


@few
@given(assessments(), st.data())
def test_order_of_partners_and_records_does_not_matter(one, data):
    other = replace(
        one,
        partners=tuple(data.draw(st.permutations(one.partners))),
        dissent=tuple(data.draw(st.permutations(one.dissent))),
        evidence=tuple(data.draw(st.permutations(one.evidence))),
        quorum_reasons=tuple(data.draw(st.permutations(one.quorum_reasons))),
    )
    assert assess(one) == assess(other)


@few
@given(assessments(), st.data())
def test_order_of_statements_matters_only_for_ties(one, data):
    framework = tuple(
        IngredientSpec(i.id, tuple(data.draw(st.permutations(i.statements)))) for i in one.framework
    )
    first, second = assess(one), assess(replace(one, framework=framework))
    assert first.statements == second.statements
    assert [first.statements[s].agreement.range for s in first.agenda] == [
        second.statements[s].agreement.range for s in second.agenda
    ]
    assert {id_: i.level for id_, i in first.ingredients.items()} == {
        id_: i.level for id_, i in second.ingredients.items()
    }
    assert first.limiting == second.limiting
    assert (first.lift and first.lift.steps) == (second.lift and second.lift.steps)


# Answers that are no level


@few
@given(assessments(quorum_holds=True), st.data())
def test_not_applicable_is_as_if_the_statement_were_absent(without, data):
    number = data.draw(st.integers(0, 5))
    ingredient = without.framework[number]
    place = data.draw(st.integers(0, len(ingredient.statements)))
    longer = list(ingredient.statements)
    longer.insert(place, StatementSpec("extra", True))
    framework = list(without.framework)
    framework[number] = IngredientSpec(ingredient.id, tuple(longer))
    partners = tuple(
        replace(p, scores={**p.scores, "extra": data.draw(st.sampled_from([2, CANNOT_SAY]))})
        for p in without.partners
    )
    added = replace(
        without,
        framework=tuple(framework),
        partners=partners,
        agreed={**without.agreed, "extra": NOT_APPLICABLE},
        evidence=(*without.evidence, EvidenceItem("more", None, ("extra",))),
    )
    first, second = assess(without), assess(added)
    assert {
        id_: (i.level, i.reasons, i.statements_missing) for id_, i in first.ingredients.items()
    } == {id_: (i.level, i.reasons, i.statements_missing) for id_, i in second.ingredients.items()}
    assert (first.band, first.limiting, first.lift, first.evidence_coverage) == (
        second.band,
        second.limiting,
        second.lift,
        second.evidence_coverage,
    )
    assert second.coverage == replace(
        first.coverage, not_applicable=first.coverage.not_applicable + 1
    )


@few
@given(assessments(quorum_holds=True), st.data())
def test_blank_is_not_level_1(given_, data):
    statement = data.draw(st.sampled_from(sorted(given_.agreed)))
    one = assess(replace(given_, agreed={**given_.agreed, statement: 1}))
    blank = assess(replace(given_, agreed={**given_.agreed, statement: None}))
    assert one.coverage.levelled == blank.coverage.levelled + 1
    assert blank.statements[statement].evidenced_level is None
    ingredient = statement.partition("-")[0]
    level = blank.ingredients[ingredient].level
    assert level is None or level >= one.ingredients[ingredient].level


# What counts, and what does not


@few
@given(assessments())
def test_a_return_that_was_not_submitted_counts_for_nothing(given_):
    drafts = {p.id for p in given_.partners if not p.submitted}
    without = replace(
        given_,
        partners=tuple(p for p in given_.partners if p.submitted),
        dissent=tuple(d for d in given_.dissent if d.partner not in drafts),
    )
    kept = replace(given_, dissent=without.dissent)
    picture = assess(kept)
    assert replace(picture, returns=assess(without).returns) == assess(without)
    assert picture.returns.invited == len(given_.partners)


@few
@given(assessments())
def test_dissent_never_moves_a_level_or_the_band(given_):
    with_, without = assess(given_), assess(replace(given_, dissent=()))
    assert (with_.band, with_.levels, with_.lift) == (without.band, without.levels, without.lift)
    assert with_.contested >= without.contested


def level_by_the_book(counted):
    """The rule once more, in the words of the printed rule, for the tests alone."""
    return max(
        level
        for level in LEVELS
        if all(one >= level - 1 for one in counted)
        and 3 * sum(one >= level for one in counted) >= 2 * len(counted)
    )


@many
@given(st.lists(levels, min_size=1, max_size=7))
def test_level_is_that_of_the_printed_rule(agreed):
    picture = assess(an_assessment(agreed, [3], [3], [3], [3], [3]))
    assert picture.ingredients["1"].level == level_by_the_book(agreed)


@few
@given(assessments())
def test_every_number_adds_up(given_):
    picture = assess(given_)
    statements = len(given_.agreed)
    coverage = picture.coverage
    assert coverage.applicable + coverage.not_applicable == statements
    assert coverage.applicable == (
        coverage.levelled + coverage.cannot_say + coverage.not_agreed + coverage.blank
    )
    assert sum(i.coverage.levelled for i in picture.ingredients.values()) == coverage.levelled
    assert sum(picture.levels.values()) == 6
    assert sorted(picture.agenda) == sorted(given_.agreed)
    assert all((i.level is None) == bool(i.reasons) for i in picture.ingredients.values())
    assert (picture.band == Band.NOT_YET_RATED) == (picture.levels["not_yet_rated"] > 0)
    assert (picture.lift is None) == (picture.band in (Band.NOT_YET_RATED, Band.READY))
    assert picture.evidence_coverage.evidenced <= picture.evidence_coverage.claimed
    assert picture.limiting


# Refusals

not_an_answer = st.one_of(
    st.integers().filter(lambda n: n not in LEVELS),
    st.booleans(),
    st.floats(),
    st.text().filter(lambda text: text not in (CANNOT_SAY, NOT_APPLICABLE, "not_agreed")),
    st.lists(st.integers(), max_size=1),
)


@few
@given(not_an_answer)
@example(True)
@example("1")
@example(2.0)
def test_what_is_no_answer_is_refused_by_name(answer):
    given_ = an_assessment([3], [3], [3], [3], [3], [3])
    with pytest.raises(ValueError, match=r"^answer: "):
        assess(replace(given_, agreed={**given_.agreed, "1-1": answer}))
    partner = PartnerScores("schools", "schools", False, {"1-1": answer})
    with pytest.raises(ValueError, match=r"^answer: "):
        assess(replace(given_, partners=(*given_.partners, partner)))


@few
@given(st.one_of(st.none(), st.text(), st.integers(), st.just(datetime(2026, 11, 23, 12))))  # noqa: DTZ001
def test_what_is_no_day_is_refused_by_name(day):
    given_ = an_assessment([3], [3], [3], [3], [3], [3])
    with pytest.raises(ValueError, match=r"^day: "):
        assess(replace(given_, day=day))


@few
@given(st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text(), max_size=1)))
def test_a_statement_or_sector_that_does_not_exist_is_refused_by_name(unknown):
    given_ = an_assessment([3], [3], [3], [3], [3], [3])
    with pytest.raises(ValueError, match=r"^statement: "):
        assess(replace(given_, evidence=(EvidenceItem("e", None, (unknown,)),)))
    with pytest.raises(ValueError, match=r"^sector: "):
        assess(replace(given_, quorum_reasons=(QuorumReason(unknown, None),)))


# The smallest lift, against trying every set of steps. Nothing here comes from the code under
# test: a state is six ingredients of (agreed level, has evidence), and a choice gives for each
# statement how often it is raised and whether evidence is added.


def band_by_the_book(ingredients):
    reached = [
        level_by_the_book([min(level, 4 if proof else 2) for level, proof in statements])
        for statements in ingredients
    ]
    if 1 in reached:
        return 1
    return [2, 3, 4][(sum(r >= 3 for r in reached) >= 4) + (sum(r >= 3 for r in reached) == 6)]


def choices(statements, steps):
    """Every way to spend exactly that many steps on the statements."""
    if not statements:
        if steps == 0:
            yield ()
        return
    (level, proof), *others = statements
    for raised, added in product(range(5 - level), range(2 - proof)):
        if raised + added <= steps:
            for rest in choices(others, steps - raised - added):
                yield ((raised, added), *rest)


def after_choice(statements, choice):
    return [
        (level + raised, bool(proof or added))
        for (level, proof), (raised, added) in zip(statements, choice, strict=True)
    ]


def as_list(choice):
    """The places of the statements in framework order, once per step."""
    return [place for place, (raised, added) in enumerate(choice) for _ in range(raised + added)]


def cut(flat, like):
    flat = iter(flat)
    return [[next(flat) for _ in part] for part in like]


def best_by_trying_everything(ingredients):
    flat = list(chain.from_iterable(ingredients))
    band = band_by_the_book(ingredients)
    for steps in range(1, 5 * len(flat)):
        better = [
            choice
            for choice in choices(flat, steps)
            if band_by_the_book(cut(after_choice(flat, choice), ingredients)) > band
        ]
        if better:
            best = min(better, key=as_list)
            return best, band_by_the_book(cut(after_choice(flat, best), ingredients))
    return None


def lifted(ingredients):
    """What the code under test answers, in the terms of these tests."""
    ids = [f"{i}-{s}" for i, part in enumerate(ingredients, 1) for s in range(1, len(part) + 1)]
    flat = list(chain.from_iterable(ingredients))
    proof = [id_ for id_, (_, has) in zip(ids, flat, strict=True) if has]
    levels_only = [[level for level, _ in part] for part in ingredients]
    picture = assess(an_assessment(*levels_only, evidenced=proof))
    if picture.lift is None:
        return None
    changes = {change.statement: change for change in picture.lift.changes}
    assert list(changes) == sorted(changes)
    choice = tuple(
        (changes[id_].to_level - changes[id_].from_level, int(changes[id_].add_evidence))
        if id_ in changes
        else (0, 0)
        for id_ in ids
    )
    assert picture.lift.steps == len(as_list(choice)) == sum(c.steps for c in changes.values())
    assert all(change.steps > 0 for change in changes.values())
    return choice, list(Band).index(picture.lift.band_after)


states = st.tuples(levels, st.booleans())
settled = st.sampled_from([[(3, True)], [(4, True)], [(2, True)]])


@st.composite
def small_frameworks(draw):
    """One or two ingredients with up to four statements, the others with one."""
    open_ = draw(st.sets(st.integers(0, 5), min_size=1, max_size=2))
    size = 4 if len(open_) == 1 else 3
    return [
        draw(st.lists(states, min_size=1, max_size=size) if i in open_ else settled)
        for i in range(6)
    ]


@many
@given(small_frameworks())
@example([[(1, True), (2, True), (2, True)], *[[(3, True)]] * 5])
@example([[(1, False), (2, True), (2, True)], *[[(3, True)]] * 5])
@example([[(2, False), (2, False), (4, False)], *[[(3, True)]] * 5])
def test_smallest_lift_is_the_first_of_the_smallest(ingredients):
    lift = lifted(ingredients)
    assume(lift is None or len(as_list(lift[0])) <= 5)
    assert lift == best_by_trying_everything(ingredients)


def best_ingredient_by_ingredient(ingredients):
    """Also for long lifts: every choice in each ingredient, then every set of ingredients."""
    band = band_by_the_book(ingredients)
    found = None
    per_ingredient = [every_outcome(part) for part in ingredients]
    for climbing in chain.from_iterable(combinations(range(6), n) for n in range(1, 7)):
        for goal in (2, 3):
            if not all(goal in per_ingredient[i] for i in climbing):
                continue
            choice = [
                per_ingredient[i][goal] if i in climbing else ((0, 0),) * len(part)
                for i, part in enumerate(ingredients)
            ]
            flat = tuple(chain.from_iterable(choice))
            after = [after_choice(*pair) for pair in zip(ingredients, choice, strict=True)]
            key = (len(as_list(flat)), as_list(flat))
            if band_by_the_book(after) > band and (found is None or key < found[0]):
                found = (key, flat, band_by_the_book(after))
    return found and found[1:]


def every_outcome(statements):
    """For each level that the ingredient can climb to: the shortest choice, the first of equals."""
    ways = product(
        *(list(product(range(5 - level), range(2 - proof))) for level, proof in statements)
    )
    best = {}
    for way in ways:
        reached = level_by_the_book(
            [min(level, 4 if proof else 2) for level, proof in after_choice(statements, way)]
        )
        key = (len(as_list(way)), as_list(way))
        for level in range(1, reached + 1):
            if level not in best or key < best[level][0]:
                best[level] = (key, way)
    return {level: way for level, (_, way) in best.items()}


@few
@given(st.lists(st.lists(states, min_size=1, max_size=2), min_size=6, max_size=6))
@example([[(2, False), (2, False)]] * 6)
@example([[(1, False), (1, True)]] * 6)
@example([[(4, False)], [(2, False)], [(3, False)], [(1, True)], [(2, True)], [(2, False)]])
def test_smallest_lift_over_all_ingredients(ingredients):
    lift = lifted(ingredients)
    assume(lift is not None)
    assert lift == best_ingredient_by_ingredient(ingredients)


@few
@given(assessments(quorum_holds=True))
def test_taking_the_lift_leads_to_its_band(given_):
    picture = assess(given_)
    assume(picture.lift)
    agreed = {**given_.agreed, **{c.statement: c.to_level for c in picture.lift.changes}}
    proof = tuple(c.statement for c in picture.lift.changes if c.add_evidence)
    taken = replace(
        given_, agreed=agreed, evidence=(*given_.evidence, EvidenceItem("more", DAY.max, proof))
    )
    assert assess(taken).band == picture.lift.band_after > picture.band
