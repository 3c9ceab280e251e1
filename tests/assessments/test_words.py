"""How figures are said."""

from datetime import date

import pytest

from assessments.readiness import Band
from assessments.reports import words


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (2, 3, "Up from 2 to 3."),
        (4, 1, "Down from 4 to 1."),
        (2, 2, "Still at 2."),
        (None, None, "Not rated either time."),
        (None, 3, "Was not rated, now level 3."),
        (3, None, "Was level 3, now not rated."),
        ("cannot_say", 3, "Was cannot say, now level 3."),
        (3, "not_agreed", "Was level 3, now not agreed."),
        ("not_applicable", "cannot_say", "Was does not apply, now cannot say."),
    ],
)
def test_moved_says_how_a_level_changed(before, after, said):
    assert words.moved(before, after) == said


@pytest.mark.parametrize(
    ("band", "limiting", "said"),
    [
        (Band.NOT_YET_RATED, ["Culture"], "X is not yet rated: culture cannot be rated yet."),
        (Band.FOUNDATIONS_FIRST, ["Culture"], "X needs foundations first: start with culture."),
        (Band.BUILDING, ["Culture"], "X is building: culture holds it back."),
        (Band.BUILDING, ["Culture", "Workforce"], "X is building: culture and workforce hold it back."),
        (Band.BUILDING, list("ABCD"), "X is building: four of the six ingredients hold it back."),
        (Band.BUILDING, list("ABCDEF"), "X is building: all six ingredients hold it back."),
        (Band.NEARLY_READY, ["Culture"], "X is nearly ready for change: culture comes next."),
        (Band.READY, list("ABCDEF"), "X is ready for change: every ingredient is in routine use."),
        (
            Band.NOT_YET_RATED, list("ABCDEF"),
            "X is not yet rated: none of the six ingredients can be rated yet.",
        ),
    ],
)  # fmt: skip
def test_band_sentence_names_what_limits_when_few(band, limiting, said):
    assert words.band_sentence(band, "X", limiting) == said


@pytest.mark.parametrize(
    ("amount", "said"), [(0, "no"), (1, "one"), (9, "nine"), (10, "10"), (-1, "-1")]
)
def test_number_is_a_word_below_ten(amount, said):
    assert words.number(amount) == said


@pytest.mark.parametrize(("amount", "said"), [(0, "0 pies"), (1, "1 pie"), (2, "2 pies")])
def test_count_has_a_plural(amount, said):
    assert words.count(amount, "pie") == said


@pytest.mark.parametrize(
    ("given", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)  # fmt: skip
def test_listed_joins_with_and(given, said):
    assert words.listed(given) == said


@pytest.mark.parametrize(
    ("name", "said"), [("Agency", "agency"), ("SEND in", "SEND in"), ("X", "x"), ("", "")]
)
def test_inside_a_sentence_a_name_starts_small_but_an_acronym_stays(name, said):
    assert words.inside(name) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (0, "no statement has dissent on record or was left not agreed"),
        (1, "1 statement has dissent on record or was not agreed"),
        (7, "7 statements have dissent on record or were not agreed"),
    ],
)
def test_contested_counts(amount, said):
    assert words.contested(amount) == said


@pytest.mark.parametrize(
    ("review_on", "said"),
    [
        (None, "In date, no review date"),
        (date(2026, 5, 2), "In date until 2 May 2026"),
        (date(2026, 5, 1), "Out of date since 1 May 2026"),
    ],
)
def test_in_date_says_until_or_since_when(review_on, said):
    assert words.in_date(review_on, date(2026, 5, 1)) == said


@pytest.mark.parametrize(
    ("answer", "said"),
    [(3, "Level 3"), ("cannot_say", "Cannot say"), ("not_applicable", "Does not apply"),
     ("not_agreed", "Not agreed"), (None, "Not decided")],
)  # fmt: skip
def test_answer_in_words(answer, said):
    assert words.answer(answer) == said
