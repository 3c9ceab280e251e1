"""From facts to what a report says of each statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from assessments import readiness
from assessments.agreement import Answer, sentence
from assessments.models.scores import answer_value
from assessments.reports import charts, contents, words
from assessments.reports.facts import Facts, picture_of
from ingredients.models import Framework, Statement

NO_DRAWING: SafeString = mark_safe("")


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
        """The baseline, when it used the same framework version."""
        baseline: dict[str, Any] | None = self.facts["baseline"]
        if baseline and baseline["framework"] == self.facts["framework"]["fingerprint"]:
            return baseline
        return None

    def statement(self, row: Statement) -> contents.StatementReport:
        found = self.picture.statements[row.slug]
        agreed = self.facts["agreed"].get(row.slug, {})
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
            sentence=self.sentence(row) if self.shows_partners else "",
            strip=self.strip(row, found) if self.shows_partners else NO_DRAWING,
            answers=self.answers(row, found) if self.shows_partners else (),
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
            partner["id"]: answer_value(partner["scores"].get(row.slug, ["", ""])[0])
            for partner in self.submitted
            if row.families_can_score or not partner["family"]
        }

    def sentence(self, row: Statement) -> str:
        asked = self.asked(row)
        return sentence(asked, {id_: self.partners[id_].short_name for id_ in asked})

    def strip(
        self, row: Statement, found: readiness.StatementPicture, *, big: bool = False
    ) -> SafeString:
        asked = self.asked(row)
        level = found.agreed if isinstance(found.agreed, int) else None
        agreed = f"Agreed level {level}." if level else f"{words.answer(found.agreed)}."
        without = {"cannot say": "cannot_say", "does not apply": "not_applicable"}
        return self._draw(
            row.title,
            {id_: value for id_, value in asked.items() if isinstance(value, int)},
            without={
                said: [
                    self.partners[id_].short_name for id_, value in asked.items() if value == kind
                ]
                for said, kind in without.items()
            },
            alone=found.agreement.out_on_its_own,
            level=level,
            agreed=agreed,
            big=big,
        )

    def _draw(
        self,
        name: str,
        levels: Mapping[str, int],
        *,
        without: Mapping[str, list[str]],
        alone: Collection[str],
        level: int | None,
        agreed: str,
        big: bool = False,
    ) -> SafeString:
        dots = [
            charts.Dot(self.partners[id_].code, self.partners[id_].is_family, value)
            for id_, value in levels.items()
        ]
        at: dict[int, list[str]] = {}
        for id_, value in levels.items():
            at.setdefault(value, []).append(self.partners[id_].short_name)
        return charts.dot_strip(
            dots,
            agreed=level,
            alone={self.partners[id_].code for id_ in alone},
            title=charts.strip_title(name, at, without=without, agreed=agreed),
            big=big,
        )

    def answers(
        self, row: Statement, found: readiness.StatementPicture
    ) -> tuple[contents.PartnerAnswer, ...]:
        """Every submitted partner, also one that was not asked."""
        asked = self.asked(row)
        return tuple(
            contents.PartnerAnswer(
                partner=self.partners[partner["id"]],
                level=value if isinstance(value := asked.get(partner["id"]), int) else None,
                words=words.answer(value) if partner["id"] in asked else "Not asked",
                reason=partner["scores"].get(row.slug, ["", ""])[1],
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
                title=row["title"],
                address=row["address"],
                owner=row["owner"],
                shows=row["shows"],
                is_in_date=readiness.is_evidenced([review_on], self.day),
                words=words.in_date(review_on, self.day),
            )
            for slug in row["statements"]:
                found.setdefault(slug, []).append(line)
        return {slug: tuple(lines) for slug, lines in found.items()}

    def statement_change(self, slug: str, agreed: Answer | None) -> str:
        if self.comparable is None:
            return ""
        return words.moved(self.comparable["statements"][slug]["answer"], agreed)


def day_of(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
