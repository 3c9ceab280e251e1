"""From facts to what a report says of each ingredient."""

from __future__ import annotations

from django.utils.safestring import SafeString

from assessments import readiness
from assessments.agreement import sentence
from assessments.reports import charts, contents, words
from assessments.reports.statements import Statements
from ingredients.models import Ingredient


class Ingredients(Statements):
    """The ingredients of one report, each with its statements."""

    def ingredient(self, row: Ingredient) -> contents.IngredientReport:
        found = self.picture.ingredients[row.slug]
        statements = tuple(self.statement(s) for s in row.statements.all())
        rated = [s for s in statements if s.counts_as]
        before, change = self.ingredient_change(row.slug, found.level)
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
            counts=found.coverage,
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
            if self.comparable and self.comparable.get("is_whole", True)
            else None,
        )

    def ingredient_change(self, slug: str, level: int | None) -> tuple[int | None, str]:
        """Its level in the baseline, and the change in words; nothing without a baseline."""
        if self.comparable is None:
            return None, ""
        if slug not in self.comparable["ingredients"]:
            return None, "Not compared: it has other statements in this version."
        before: int | None = self.comparable["ingredients"][slug]
        return before, words.moved(before, level)

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
        return self.draw(
            row.short_title,
            {id_: level or "not_placed" for id_, level in found.places.items()},
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
