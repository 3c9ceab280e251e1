"""From facts to contents. Sums come from the rules, words from `words`, drawings from `charts`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from areas.models import Sector
from assessments import readiness
from assessments.models import Assessment, StoredReport
from assessments.reports import contents, words
from assessments.reports.corrections import Corrections
from assessments.reports.facts import Facts, canonical, fingerprint, gather
from assessments.reports.ingredients import Ingredients
from assessments.reports.plan import plan_of
from assessments.reports.statements import day_of
from ingredients.models import Framework

MOST_PRIORITIES = 6


def contents_of(
    assessment: Assessment, *, shows_partners: bool = True, with_plan: bool = True
) -> contents.ReportContents:
    """The report of an assessment as it stands: frozen once submitted, else a draft of now.

    `with_plan` False does not read what the area plans for a draft.
    """
    if not assessment.is_submitted:
        facts = gather(assessment, with_plan=with_plan)
        sha256 = fingerprint(canonical(facts))
        return _draft(_Draft(sha256, shows_partners, facts, assessment.content))
    sha256 = StoredReport.objects.values_list("sha256", flat=True).get(assessment=assessment)
    return _frozen(assessment.pk, sha256, shows_partners)


def frozen_contents(wanted: Iterable[tuple[Assessment, bool]]) -> list[contents.ReportContents]:
    """Several submitted reports, each with whether it shows partners: one query once the process
    knows them."""
    asked = [(row.pk, shows_partners) for row, shows_partners in wanted]
    stored = StoredReport.objects.filter(assessment__in=[pk for pk, _ in asked])
    sha256 = dict(stored.values_list("assessment_id", "sha256"))
    return [_frozen(pk, sha256[pk], shows_partners) for pk, shows_partners in asked]


# A submitted report is read again and again and never changes; a process keeps the last few.
@lru_cache(maxsize=64)
def _frozen(assessment_id: int, sha256: str, shows_partners: bool) -> contents.ReportContents:
    stored = StoredReport.objects.select_related("assessment").get(assessment_id=assessment_id)
    return build(json.loads(stored.facts), stored.assessment.content, shows_partners=shows_partners)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A draft's facts, told apart from others by their fingerprint."""

    sha256: str
    shows_partners: bool
    facts: Facts = field(compare=False)
    framework: Framework = field(compare=False)


# The same facts make the same report. Before the partners sign, many read one that stands still.
@lru_cache(maxsize=16)
def _draft(draft: _Draft) -> contents.ReportContents:
    return build(draft.facts, draft.framework, shows_partners=draft.shows_partners)


def build(
    facts: Facts, framework: Framework, *, shows_partners: bool = True
) -> contents.ReportContents:
    """Work out what a report says from an assessment's facts and its pinned framework.

    `shows_partners` False leaves out every partner's levels, reasons and dissent texts.
    """
    return Builder(facts, framework, shows_partners=shows_partners).report()


class Builder(Corrections, Ingredients):
    """One whole report."""

    def report(self) -> contents.ReportContents:
        about, area = self.facts["assessment"], self.facts["area"]
        picture = self.picture
        band = self.framework.bands[picture.band]
        ingredients = tuple(self.ingredient(row) for row in self.framework.all_ingredients)
        return contents.ReportContents(
            id=about["id"],
            area=area["name"],
            area_code=area["code"],
            region=area["region"],
            is_demonstration=area["demonstration"],
            title=self.title(),
            purpose=Assessment.Purpose(about["purpose"]).label,
            day=self.drawn_on(),
            started_on=date.fromisoformat(about["started_on"]),
            revealed_on=day_of(about["revealed_on"]),
            submitted_on=day_of(about["submitted_on"]),
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
            limits=words.limits(picture, self.short_titles),
            missing=tuple(
                f"{i.short_title}: {reason}" for i in ingredients for reason in i.reasons
            ),
            lift=self.lift(),
            tiles=self.tiles(),
            figures=self.figures(),
            levels=self.framework.level_labels,
            partners=tuple(self.partners.values()),
            ingredients=ingredients,
            baseline=self.baseline(ingredients),
            correction=self.correction(),
            priorities=self.priorities(ingredients),
            signatures=self.signatures(),
            plan=plan_of(self.facts.get("plan")),
            reasons=self.reasons(),
            method=self.method(),
        )

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

    def figures(self) -> contents.Figures:
        picture = self.picture
        return contents.Figures(
            confidence=picture.confidence.value,
            contested=picture.contested,
            coverage=picture.coverage,
            evidence=picture.evidence_coverage,
            returns=picture.returns,
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
            kinds = (
                readiness.Views.CLOSER, readiness.Views.FURTHER_APART, readiness.Views.AS_BEFORE,
            )  # fmt: skip
            said.append(words.views(*(views[kind] for kind in kinds)))
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
                    # In the partner's own words, so it is shared as its reasons are.
                    text=row["text"] if row and self.shows_partners else "",
                    name=row["name"] if row else "",
                    role=row["role"] if row else "",
                    signed_on=day_of(row["signed_on"]) if row else None,
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
            where = f" in {self.short_titles[row['ingredient']]}" if row["ingredient"] else ""
            found.append(contents.Reason(f"No level from {sector}{where}", row["reason"]))
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
            framework_id=framework["id"],
            framework_version=framework["version"],
            framework_fingerprint=framework["fingerprint"],
            sha256=fingerprint(canonical(self.facts)),
            who_sees="This copy shows every partner’s levels."
            if self.shows_partners
            else "Each partner’s levels, reasons and words stay in the area, which does not share them.",
        )
