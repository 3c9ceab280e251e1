"""From facts to what a report says of each statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from django.utils.safestring import SafeString, mark_safe

from assessments import readiness
from assessments.agreement import Answer, sentence
from assessments.models import Evidence
from assessments.models.scores import answer_value
from assessments.reports import charts, contents, words
from assessments.reports.facts import Facts, picture_of
from assessments.reports.versions import through_map
from ingredients.models import Framework, Statement

NO_DRAWING: SafeString = mark_safe("")
NO_SCORE = ("", "")  # answer and reason
NO_LEVEL = {
    "cannot say": "cannot_say",
    "does not apply": "not_applicable",
    "not placed": "not_placed",
}


class Statements:
    """What every part of one report needs (facts, picture, names by id), and its statements."""

    def __init__(self, facts: Facts, framework: Framework, *, shows_partners: bool = True) -> None:
        self.facts = facts
        self.framework = framework
        self.shows_partners = shows_partners
        self.picture = picture_of(facts, framework)
        self.day = date.fromisoformat(facts["day"])
        self.titles = {s.slug: s.title for s in framework.all_statements}
        self.short_titles = {i.slug: i.short_title for i in framework.all_ingredients}

    @cached_property
    def partners(self) -> dict[str, contents.PartnerLine]:
        return {
            row["id"]: contents.PartnerLine(
                id=row["id"],
                code=row["code"],
                name=row["name"],
                short_name=row["short_name"],
                is_family=row["family"],
                is_required=row["required"],
                submitted_on=day_of(row["submitted_on"]),
            )
            for row in self.facts["partners"]
        }

    @cached_property
    def submitted(self) -> list[dict[str, Any]]:
        return [row for row in self.facts["partners"] if row["submitted_on"]]

    @cached_property
    def comparable(self) -> dict[str, Any] | None:
        """The baseline, when it used the same framework version, or one that a declared map leads
        from: then as far as it is comparable."""
        baseline: dict[str, Any] | None = self.facts["baseline"]
        if baseline and baseline["framework"] != self.facts["framework"]["fingerprint"]:
            return through_map(baseline, self.framework)
        return baseline

    def statement(self, row: Statement) -> contents.StatementReport:
        found = self.picture.statements[row.slug]
        agreed = self.facts["agreed"].get(row.slug, {})
        asked = self.asked(row) if self.shows_partners else {}
        level = found.agreed if isinstance(found.agreed, int) else None
        return contents.StatementReport(
            slug=row.slug,
            code=row.code,
            title=row.title,
            text=row.text,
            ingredient=row.ingredient.short_title,
            agreed_words=words.answer(found.agreed),
            is_decided=found.agreed is not None,
            level=level,
            counts_as=found.evidenced_level,
            is_contested=found.contested,
            is_not_evidenced=found.not_evidenced,
            # What the meeting wrote tells who stood where: it stays in the area like the scores.
            rationale=agreed.get("rationale", "") if self.shows_partners else "",
            outside_reason=agreed.get("outside_reason", "") if self.shows_partners else "",
            sentence=self.sentence(asked) if self.shows_partners else "",
            strip=self.strip(row, found, asked) if self.shows_partners else NO_DRAWING,
            answers=self.answers(row, found, asked) if self.shows_partners else (),
            dissent=self.dissent.get(row.slug, ()) if self.shows_partners else (),
            evidence=self.evidence.get(row.slug, ()),
            next_step=self.next_step(row, found),
            change=self.statement_change(row.slug, found.agreed),
        )

    @staticmethod
    def next_step(row: Statement, found: readiness.StatementPicture) -> str:
        """What to do next: evidence first where a claimed level has none, else the framework's step."""
        if found.not_evidenced:
            return "Add evidence that is in date."
        return str(row.next_step.get(str(found.agreed), ""))

    def asked(self, row: Statement) -> dict[str, Answer | None]:
        """Partner id to its answer, for the submitted partners that were asked this statement."""
        return {
            partner["id"]: answer_value(partner["scores"].get(row.slug, NO_SCORE)[0])
            for partner in self.submitted
            if row.families_can_score or not partner["family"]
        }

    def sentence(self, asked: Mapping[str, Answer | None]) -> str:
        return _sentence(
            tuple((self.partners[id_].short_name, said) for id_, said in asked.items())
        )

    def strip(
        self,
        row: Statement,
        found: readiness.StatementPicture,
        asked: Mapping[str, Answer | None],
        *,
        big: bool = False,
    ) -> SafeString:
        level = found.agreed if isinstance(found.agreed, int) else None
        agreed = f"Agreed level {level}." if level else f"{words.answer(found.agreed)}."
        return self.draw(
            row.title,
            asked,
            alone=found.agreement.out_on_its_own,
            level=level,
            agreed=agreed,
            big=big,
        )

    def draw(
        self,
        name: str,
        answers: Mapping[str, Answer | None],
        *,
        alone: Collection[str],
        level: int | None,
        agreed: str,
        big: bool = False,
    ) -> SafeString:
        """Partners' answers (by partner id) as a dot strip; `agreed` says in words what was agreed."""
        marks = tuple(
            Mark(partner.code, partner.short_name, partner.is_family, answer, id_ in alone)
            for id_, answer in answers.items()
            for partner in [self.partners[id_]]
        )
        return _drawn(name, marks, level, agreed, big)

    def answers(
        self,
        row: Statement,
        found: readiness.StatementPicture,
        asked: Mapping[str, Answer | None],
    ) -> tuple[contents.PartnerAnswer, ...]:
        """Every submitted partner, also one that was not asked."""
        return tuple(
            contents.PartnerAnswer(
                partner=self.partners[partner["id"]],
                level=value if isinstance(value := asked.get(partner["id"]), int) else None,
                words=words.answer(value) if partner["id"] in asked else "Not asked",
                reason=partner["scores"].get(row.slug, NO_SCORE)[1],
                is_alone=partner["id"] in found.agreement.out_on_its_own,
            )
            for partner in self.submitted
        )

    @cached_property
    def dissent(self) -> dict[str, tuple[contents.DissentLine, ...]]:
        found: dict[str, list[contents.DissentLine]] = {}
        for row in self.facts["dissent"]:
            line = contents.DissentLine(
                id=row["id"],
                partner=self.partners[row["partner"]],
                text=row["text"],
                recorded_on=date.fromisoformat(row["recorded_on"]),
                is_withdrawn=row["withdrawn_on"] is not None,
            )
            found.setdefault(row["statement"], []).append(line)
        return {slug: tuple(lines) for slug, lines in found.items()}

    @cached_property
    def evidence(self) -> dict[str, tuple[contents.EvidenceLine, ...]]:
        found: dict[str, list[contents.EvidenceLine]] = {}
        for row in self.facts["evidence"]:
            review_on = day_of(row["review_on"])
            line = contents.EvidenceLine(
                id=row["id"],
                title=row["title"],
                kind=Evidence.Kind(row["kind"]).label,
                address=row["address"],
                # Reports from before files were taken have no such fact.
                file_name=row.get("file_name", ""),
                owner=row["owner"],
                shows=row["shows"],
                dated_on=day_of(row["dated_on"]),
                review_on=review_on,
                is_in_date=readiness.is_evidenced([review_on], self.day),
                words=words.in_date(review_on, self.day),
            )
            for slug in row["statements"]:
                found.setdefault(slug, []).append(line)
        return {slug: tuple(lines) for slug, lines in found.items()}

    def statement_change(self, slug: str, agreed: Answer | None) -> str:
        if self.comparable is None:
            return ""
        if slug in self.comparable.get("not_compared", ()):
            return "Not compared: it is new or another one in this version."
        said = words.moved(self.comparable["statements"][slug]["answer"], agreed)
        is_reworded = slug in self.comparable.get("reworded", ())
        return f"{said} Framework wording changed." if is_reworded else said


def day_of(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


class Mark(NamedTuple):
    """One partner on a strip. `answer` is a level, or why there is none."""

    code: str
    short_name: str
    is_family: bool
    answer: Answer | None
    is_alone: bool


# Both are pure, and the same at every look at an agenda or a report.
@lru_cache(maxsize=4096)
def _sentence(asked: tuple[tuple[str, Answer | None], ...]) -> str:
    """The words beside a strip; `asked` holds each partner's short name and answer."""
    return sentence(
        {f"{place:03}": answer for place, (_, answer) in enumerate(asked)},
        {f"{place:03}": name for place, (name, _) in enumerate(asked)},
    )


@lru_cache(maxsize=4096)
def _drawn(
    name: str, marks: tuple[Mark, ...], level: int | None, agreed: str, big: bool
) -> SafeString:
    dots: list[charts.Dot] = []
    at: dict[int, list[str]] = {}
    for mark in marks:
        if isinstance(mark.answer, int):
            dots.append(charts.Dot(mark.code, mark.is_family, mark.answer))
            at.setdefault(mark.answer, []).append(mark.short_name)
    without = {
        said: [mark.short_name for mark in marks if mark.answer == kind]
        for said, kind in NO_LEVEL.items()
    }
    return charts.dot_strip(
        dots,
        agreed=level,
        alone={mark.code for mark in marks if mark.is_alone},
        title=charts.strip_title(name, at, without=without, agreed=agreed),
        big=big,
    )
