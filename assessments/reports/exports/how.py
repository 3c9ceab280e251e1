"""How a report is worked out, in the words of the PDF's Annex B."""

from __future__ import annotations

HOW = (
    (
        "What this is",
        (
            "It is a structured judgement by the partnership, not a validated scale, and areas are not "
            "ranked by it. It has no averages, no weights and no overall score."
        ),
    ),
    (
        "From statements to ingredients",
        (
            "A statement starts from the level that partners agreed together. An agreed level of 3 or 4 "
            "without evidence in date counts as 2. An ingredient is at the highest level at which at "
            "least two thirds of its agreed statements count at that level or above, and none counts "
            "more than one level below. It is not yet rated when a needed sector gave no level in it "
            "and no reason is recorded, or when two or more of its statements have no agreed level."
        ),
    ),
    (
        "From ingredients to the band",
        (
            "Foundations first: any ingredient at level 1. Building: all at 2 or above, fewer than four "
            "at 3 or above. Nearly ready: all at 2 or above, four or five at 3 or above. Ready: all six "
            "at 3 or above."
        ),
    ),
    (
        "Smallest change",
        (
            "The smallest change is the fewest steps after which the band is higher. A step is one "
            "level on one statement, or evidence where none is in date."
        ),
    ),
    (
        "Confidence",
        (
            "Confidence counts contested statements, with dissent on record or not agreed: none or one "
            "is high, two to five medium, six or more low. It never moves the band."
        ),
    ),
    (
        "Source",
        (
            "Derived from What Works in SEND, University of Warwick, March 2024. The researchers and the "
            "Department for Education have not endorsed it."
        ),
    ),
)

PLACES = (
    "Where partners stand",
    (
        "A partner’s place on an ingredient is worked out like the ingredient’s level, from that "
        "partner’s own levels, without evidence. A partner is not placed when two or more statements "
        "that it was asked have no level. Places never enter a level or band."
    ),
)
