"""How hard a text is to read, told simply: how long its sentences and words are, and which words a
family cannot know. A rough measure, but one that a writer can do something about."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Words of the work that mean nothing, or something else, to a family. Whole words, without case.
JARGON = (
    "accountability", "agency", "agencies", "assessment", "baseline", "band", "board", "check-in",
    "co-production", "commissioning", "contested", "coverage", "cycle", "dissent", "EHCP", "embedded",
    "evidence", "evidenced", "framework", "governance", "ICB", "implementation", "ingredient",
    "ingredients", "joint", "key performance", "KPI", "LA", "level", "levels", "limiting",
    "moderation", "multi-agency", "outcomes", "partner", "partners", "partnership", "pathway",
    "provision", "quorum", "rationale", "readiness", "SENCO", "SENDIASS", "sign-off", "stakeholder",
    "stakeholders", "statement", "statements", "statutory", "strategic", "strategy", "submitted",
    "transition", "workforce",
)  # fmt: skip
SYLLABLE = re.compile(r"[aeiouy]+")


@dataclass(frozen=True)
class Readability:
    """`words_a_sentence` is the mean, `longest` the longest sentence in words, `long_words` the
    share of words with three syllables or more, `grade` the years of school that a reader needs
    (Flesch and Kincaid, by a rough count of syllables): 5 is an age of 10 or 11."""

    words_a_sentence: float
    longest: str
    long_words: float
    grade: float
    jargon: list[str]


def sentences(text: str) -> list[str]:
    parts = re.split(r"(?<=[.?!:])\s+|\n+", text)
    return [part.strip() for part in parts if re.search(r"\w", part)]


def words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z’'-]+", text)


def syllables(word: str) -> int:
    """Groups of vowels, less a silent e at the end."""
    plain = re.sub(r"(?<=[^aeiouy])(e|es|ed)$", "", word.lower().strip("’'-"))
    return max(1, len(SYLLABLE.findall(plain)))


def readability(text: str) -> Readability:
    found, said = sentences(text), words(text)
    beats = [syllables(word) for word in said]
    mean = len(said) / len(found)
    return Readability(
        words_a_sentence=mean,
        longest=max(found, key=lambda sentence: len(words(sentence))),
        long_words=sum(count >= 3 for count in beats) / len(said),
        grade=0.39 * mean + 11.8 * sum(beats) / len(said) - 15.59,
        jargon=[word for word in JARGON if re.search(rf"(?i)\b{re.escape(word)}\b", text)],
    )
