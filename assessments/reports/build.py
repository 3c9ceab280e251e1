"""From facts to contents. Sums come from the rules, words from `words`, drawings from `charts`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from areas.models import Sector
from assessments import readiness
from assessments.agreement import Answer, sentence
from assessments.models import Assessment, StoredReport
from assessments.models.scores import answer_value
from assessments.reports import charts, contents, words
from assessments.reports.facts import Facts, canonical, fingerprint, gather, picture_of
from ingredients.models import Framework, Ingredient, Statement

MOST_PRIORITIES = 6
NO_DRAWING: SafeString = mark_safe("")


def contents_of(assessment: Assessment, *, shows_partners: bool = True) -> contents.ReportContents:
    """The report of an assessment as it stands: frozen once submitted, else a draft of now."""
    if not assessment.is_submitted:
        return build(gather(assessment), assessment.content, shows_partners=shows_partners)
    sha256 = StoredReport.objects.values_list("sha256", flat=True).get(assessment=assessment)
    return _frozen(assessment.pk, sha256, shows_partners)


# A submitted report is read again and again and never changes; a process keeps the last few.
@lru_cache(maxsize=64)
def _frozen(assessment_id: int, sha256: str, shows_partners: bool) -> contents.ReportContents:
    stored = StoredReport.objects.select_related("assessment__framework").get(
        assessment_id=assessment_id
    )
    return build(json.loads(stored.facts), stored.assessment.content, shows_partners=shows_partners)


def build(
    facts: Facts, framework: Framework, *, shows_partners: bool = True
) -> contents.ReportContents:
    """Work out what a report says from an assessment's facts and its pinned framework.

    `shows_partners` False leaves out every partner's levels, reasons and dissent texts.
    """
    return Builder(facts, framework, shows_partners=shows_partners).report()


class Builder:
    """Holds what every part of one report needs: the facts, the picture, names by id."""

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
                submitted_on=_date(row["submitted_on"]),
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

    def report(self) -> contents.ReportContents:
        about, area = self.facts["assessment"], self.facts["area"]
        picture = self.picture
        band = self.framework.bands[picture.band]
        ingredients = tuple(self.ingredient(row) for row in self.framework.all_ingredients)
        is_ready = picture.band == readiness.Band.READY
        return contents.ReportContents(
            area=area["name"],
            region=area["region"],
            is_demonstration=area["demonstration"],
            title=about["title"],
            purpose=Assessment.Purpose(about["purpose"]).label,
            day=self.day,
            submitted_on=_date(about["submitted_on"]),
            is_draft=about["submitted_on"] is None,
            shows_partners=self.shows_partners,
            band=picture.band.value,
            band_label=band["label"],
            band_description=band["description"],
            band_suggests=band["suggests"],
            band_sentence=words.band_sentence(
                picture.band, area["name"], [self.short_titles[slug] for slug in picture.limiting]
            ),
            ladder=self.ladder(),
            limits="" if is_ready else words.limits(picture, self.short_titles),
            missing=tuple(
                f"{i.short_title}: {reason}" for i in ingredients for reason in i.reasons
            ),
            lift=self.lift(),
            tiles=self.tiles(),
            levels=self.framework.level_labels,
            partners=tuple(self.partners.values()),
            ingredients=ingredients,
            baseline=self.baseline(ingredients),
            priorities=self.priorities(ingredients),
            signatures=self.signatures(),
            reasons=self.reasons(),
            method=self.method(),
        )

    # One statement

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
            rationale=agreed.get("rationale", ""),
            outside_reason=agreed.get("outside_reason", ""),
            sentence=self.sentence(row) if self.shows_partners else "",
            strip=self.strip(row, found) if self.shows_partners else NO_DRAWING,
            answers=self.answers(row, found) if self.shows_partners else (),
            dissent=self.dissent.get(row.slug, ()) if self.shows_partners else (),
            evidence=self.evidence.get(row.slug, ()),
            next_step=row.next_step.get(str(level), "") if level else "",
            change=self.statement_change(row.slug, found.agreed),
        )

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
            review_on = _date(row["review_on"])
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

    # One ingredient

    def ingredient(self, row: Ingredient) -> contents.IngredientReport:
        found = self.picture.ingredients[row.slug]
        statements = tuple(self.statement(s) for s in row.statements.all())
        rated = [s for s in statements if s.counts_as]
        before = self.comparable["ingredients"].get(row.slug) if self.comparable else None
        change = words.moved(before, found.level) if self.comparable else ""
        marks = found.marks
        return contents.IngredientReport(
            slug=row.slug,
            number=row.number,
            title=row.title,
            short_title=row.short_title,
            level=found.level,
            level_words=self.framework.level_labels[found.level]
            if found.level
            else "Not yet rated",
            reasons=() if found.level else words.why_not_rated(found, self.titles),
            is_limiting=row.slug in self.picture.limiting
            and self.picture.band != readiness.Band.READY,
            is_contested=readiness.Mark.CONTESTED in marks,
            is_not_evidenced=readiness.Mark.NOT_EVIDENCED in marks,
            coverage=words.coverage(found.coverage),
            sentence=self.place_sentence(row, found) if self.shows_partners else "",
            strip=self.place_strip(row, found),
            places=self.places(found) if self.shows_partners else (),
            statements=statements,
            strongest=max(rated, key=self._strength) if len(rated) > 1 else None,
            weakest=min(rated, key=self._strength) if rated else None,
            widest=self.widest(statements) if self.shows_partners else None,
            before=before,
            change=change,
            move=charts.move_strip(
                before=before, after=found.level, title=f"{row.short_title}. {change}"
            )
            if self.comparable
            else None,
        )

    @staticmethod
    def _strength(statement: contents.StatementReport) -> tuple[int, int]:
        return (statement.counts_as or 0, statement.level or 0)

    def widest(
        self, statements: tuple[contents.StatementReport, ...]
    ) -> contents.StatementReport | None:
        """Where partners' levels lay furthest apart, if they were two or more apart."""
        place = {slug: position for position, slug in enumerate(self.picture.agenda)}
        first = min(statements, key=lambda statement: place[statement.slug])
        apart = self.picture.statements[first.slug].agreement.range
        return first if apart is not None and apart >= 2 else None

    def place_sentence(self, row: Ingredient, found: readiness.IngredientPicture) -> str:
        for_families = any(s.families_can_score for s in row.statements.all())
        names = {
            id_: self.partners[id_].short_name
            for id_ in found.places
            if for_families or not self.partners[id_].is_family
        }
        placed = {id_: level for id_, level in found.places.items() if level}
        return sentence(placed, names, not_placed=[id_ for id_ in names if id_ not in placed])

    def place_strip(self, row: Ingredient, found: readiness.IngredientPicture) -> SafeString:
        agreed = f"Agreed level {found.level}." if found.level else "Not yet rated."
        if not self.shows_partners:
            return charts.move_strip(
                before=None, after=found.level, title=f"{row.short_title}. {agreed}"
            )
        return self._draw(
            row.short_title,
            {id_: level for id_, level in found.places.items() if level},
            without={
                "not placed": [
                    self.partners[id_].short_name
                    for id_, level in found.places.items()
                    if not level
                ]
            },
            alone=found.place_agreement.out_on_its_own,
            level=found.level,
            agreed=agreed,
        )

    def places(self, found: readiness.IngredientPicture) -> tuple[contents.PartnerAnswer, ...]:
        return tuple(
            contents.PartnerAnswer(
                partner=self.partners[id_],
                level=level,
                words=f"Level {level}" if level else "Not placed",
                reason="",
                is_alone=id_ in found.place_agreement.out_on_its_own,
            )
            for id_, level in found.places.items()
        )

    # The whole

    def ladder(self) -> tuple[contents.BandStep, ...]:
        baseline = self.facts["baseline"]
        before = baseline["band"] if baseline else None
        when = f"{baseline['title']}" if baseline else ""
        return tuple(
            contents.BandStep(
                label=band["label"],
                is_here=slug == self.picture.band,
                was_here=when if slug == before else "",
            )
            for slug, band in self.framework.bands.items()
            if slug != readiness.Band.NOT_YET_RATED
        )

    def lift(self) -> contents.LiftReport | None:
        lift = self.picture.lift
        if lift is None:
            return None
        lines: dict[str, list[str]] = {}
        for step in lift.changes:
            row = self.framework.statement_by_slug[step.statement]
            acts = [f"raise to {step.to_level}"] if step.to_level > step.from_level else []
            acts += ["add evidence"] if step.add_evidence else []
            several = f" ({step.steps} steps)" if step.steps > 1 else ""
            lines.setdefault(row.ingredient.short_title, []).append(
                f"{row.code} {row.title}: {' and '.join(acts)}{several}"
            )
        return contents.LiftReport(
            steps=lift.steps,
            steps_words=f"{words.number(lift.steps)} step{'' if lift.steps == 1 else 's'}",
            band_after=self.framework.bands[lift.band_after]["label"],
            groups=tuple(contents.LiftGroup(name, tuple(found)) for name, found in lines.items()),
        )

    def tiles(self) -> tuple[contents.Tile, ...]:
        picture = self.picture
        evidence, returns = picture.evidence_coverage, picture.returns
        return (
            contents.Tile(
                "Confidence",
                picture.confidence.value.capitalize(),
                words.contested(picture.contested),
            ),
            contents.Tile(
                "Statements agreed",
                words.coverage(picture.coverage),
                words.coverage_rest(picture.coverage),
            ),
            contents.Tile(
                "Evidence in date",
                f"{evidence.evidenced} of {evidence.claimed}",
                words.evidence_coverage(evidence),
            ),
            contents.Tile(
                "Partners", f"{returns.submitted} of {returns.invited}", "returns were submitted"
            ),
        )

    def baseline(
        self, ingredients: tuple[contents.IngredientReport, ...]
    ) -> contents.Baseline | None:
        baseline = self.facts["baseline"]
        if baseline is None:
            return None
        return contents.Baseline(
            title=baseline["title"],
            submitted_on=date.fromisoformat(baseline["submitted_on"]),
            sha256=baseline["sha256"],
            summary=self.change_summary()
            if self.comparable
            else "It used another framework version, so levels are not compared.",
        )

    def change_summary(self) -> str:
        """How many statements went up, down or stayed, and whether views came closer."""
        assert self.comparable is not None  # noqa: S101 -- asked only where there is one
        before = {
            slug: readiness.StatementState(row["answer"], row["evidenced"], row["range"])
            for slug, row in self.comparable["statements"].items()
        }
        after = {
            slug: readiness.StatementState(row.agreed, row.has_evidence, row.agreement.range)
            for slug, row in self.picture.statements.items()
        }
        found = readiness.change(before, after, readiness.unchanged(after))
        ways = Counter(row.direction for row in found.rows)
        up, down = ways[readiness.Direction.UP], ways[readiness.Direction.DOWN]
        stayed, alone = ways[readiness.Direction.SAME], ways[None]
        lapsed = sum(readiness.ChangeMark.EVIDENCE_LAPSED in row.marks for row in found.rows)
        said = [f"{words.count(up, 'statement')} went up, {down} down and {stayed} stayed."]
        said += [f"{alone} cannot be compared."] if alone else []
        said += [f"Evidence lapsed on {words.count(lapsed, 'statement')}."] if lapsed else []
        if self.shows_partners:
            views = found.views
            said.append(
                f"Partners’ views came closer on {views[readiness.Views.CLOSER]}, moved further apart on "
                f"{views[readiness.Views.FURTHER_APART]} and are as before on {views[readiness.Views.AS_BEFORE]}."
            )
        return " ".join(said)

    def priorities(
        self, ingredients: tuple[contents.IngredientReport, ...]
    ) -> tuple[contents.Priority, ...]:
        """Up to six statements to work on: limiting ingredients first; within them those without
        an agreed level, then the largest gap to level 3, then contested, then framework order."""
        found = []
        for ingredient in sorted(ingredients, key=lambda row: not row.is_limiting):
            waiting = [
                s
                for s in ingredient.statements
                if s.agreed_words != words.ANSWERS["not_applicable"] and (s.counts_as or 0) < 3
            ]
            waiting.sort(
                key=lambda s: (s.counts_as is not None, s.counts_as or 0, not s.is_contested)
            )
            found += [contents.Priority(s, self._why(ingredient, s)) for s in waiting]
        return tuple(found[:MOST_PRIORITIES])

    @staticmethod
    def _why(ingredient: contents.IngredientReport, statement: contents.StatementReport) -> str:
        if statement.level is None:
            why = f"{statement.agreed_words}: no agreed level"
        elif statement.is_not_evidenced:
            why = f"Level {statement.level} without evidence in date, so it counts as 2"
        else:
            why = f"At level {statement.level}"
        return (
            f"{why}. {ingredient.short_title} limits the band."
            if ingredient.is_limiting
            else f"{why}."
        )

    def signatures(self) -> tuple[contents.Signature, ...]:
        signed = {row["partner"]: row for row in self.facts["sign_offs"]}
        found = []
        for id_, partner in self.partners.items():
            row = signed.get(id_)
            found.append(
                contents.Signature(
                    partner=partner,
                    decision=row["decision"] if row else "",
                    words=words.DECISIONS[row["decision"]] if row else "Not signed",
                    text=row["text"] if row else "",
                    name=row["name"] if row else "",
                    role=row["role"] if row else "",
                    signed_on=_date(row["signed_on"]) if row else None,
                )
            )
        return tuple(found)

    def reasons(self) -> tuple[contents.Reason, ...]:
        about = self.facts["assessment"]
        found = []
        if about["reveal_reason"]:
            found.append(
                contents.Reason(
                    "Scoring was closed before every partner had submitted", about["reveal_reason"]
                )
            )
        for row in self.facts["quorum_reasons"]:
            sector = words.inside(str(Sector(row["sector"]).label))
            where = f" on {self.short_titles[row['ingredient']]}" if row["ingredient"] else ""
            found.append(contents.Reason(f"No scores from {sector}{where}", row["reason"]))
        if about["submit_reason"]:
            found.append(
                contents.Reason(
                    "Submitted without every required signature", about["submit_reason"]
                )
            )
        return tuple(found)

    def method(self) -> contents.Method:
        framework = self.facts["framework"]
        return contents.Method(
            rule=self.facts["rule"],
            framework=f"{framework['title']}, version {framework['version']}",
            framework_fingerprint=framework["fingerprint"],
            sha256=fingerprint(canonical(self.facts)),
            who_sees="This copy shows every partner’s levels."
            if self.shows_partners
            else "Each partner’s levels, reasons and dissent stay in the area, which has not agreed to share them.",
        )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
