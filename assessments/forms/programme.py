from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar, TypeVar

from django import forms
from django.utils import timezone

from areas.models import Area
from assessments.readiness import Mark
from assessments.reports.comparison import LIMITING, Line, orders
from assessments.reports.distributions import Submitted
from assessments.reports.queue import Line as QueueLine
from assessments.reports.support_demand import Asking
from assessments.reports.trends import History
from ingredients.models import Framework
from send_portal.forms import DateInputField, Hidden, Look, PortalForm, Select, date_error

# Something of one area: a line of the grid, its newest picture, those of each term, a check-in,
# its requests.
OfArea = TypeVar("OfArea", Line, Submitted, History, QueueLine, Asking)
EARLIEST = date(2000, 1, 1)
ENGLAND, DEMONSTRATION = "england", "demonstration"
NOT_RATED, NOTHING = "not_rated", "nothing"
OVERDUE = "overdue"


class AsAtForm(PortalForm):
    """Which areas are compared, as at which day, in which version of the framework. Everything
    may be left blank; the address of the page holds it all."""

    region = forms.CharField(label="Region", required=False, max_length=60, widget=Select)
    version = forms.TypedChoiceField(
        label="Framework version", required=False, widget=Select, coerce=int, empty_value=None
    )
    as_at = DateInputField(label="As at", required=False)
    areas = forms.CharField(required=False, widget=Hidden)

    looks: ClassVar[dict[str, Look]] = {"as_at": Look(size="s")}
    # Until the areas are at hand.
    has_demonstration = shows_demonstration = False

    def __init__(self, *args: Any, frameworks: Sequence[Framework], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.frameworks = {row.version: row for row in frameworks}
        self._regions([self.data.get("region", "")])
        field: Any = self.fields["version"]
        field.choices = [
            ("", "Newest"), *((number, f"Version {number}") for number in self.frameworks)
        ]  # fmt: skip
        field.error_messages["invalid_choice"] = "Choose framework version from the list"

    def clean_as_at(self) -> date | None:
        day: date | None = self.cleaned_data["as_at"]
        if day and not EARLIEST <= day <= timezone.localdate():
            raise date_error("As at must be today or a day before", "year")
        return day

    def clean_areas(self) -> str:
        asked: str = self.cleaned_data["areas"]
        return asked if asked in {ENGLAND, DEMONSTRATION} else ""

    @property
    def day(self) -> date:
        found: date | None = self.cleaned_data["as_at"]
        return found or timezone.localdate()

    @property
    def framework(self) -> Framework | None:
        """The version asked for, else the newest that is published; None where there is none."""
        asked = self.frameworks.get(self.cleaned_data.get("version") or 0)
        newest = (row for row in self.frameworks.values() if row.status == row.Status.PUBLISHED)
        return asked or next(newest, None)

    @property
    def has_versions(self) -> bool:
        return len(self.frameworks) > 1

    def of_a_kind(self, lines: Sequence[OfArea]) -> list[OfArea]:
        """Either real areas or made-up ones, never both: as asked, else the real ones unless only
        made-up ones have anything to show."""
        real = [line for line in lines if not line.area.is_demonstration]
        invented = [line for line in lines if line.area.is_demonstration]
        shows = any(line.picture for line in invented) and not any(line.picture for line in real)
        asked = self.cleaned_data["areas"] or (DEMONSTRATION if shows else ENGLAND)
        self.has_demonstration = bool(invented)
        self.shows_demonstration = asked == DEMONSTRATION
        self.offer_regions(invented if self.shows_demonstration else real)
        return invented if self.shows_demonstration else real

    def offer_regions(self, lines: Iterable[OfArea]) -> None:
        self._regions({line.area.region for line in lines})

    def _regions(self, names: Iterable[str]) -> None:
        """Until the areas are at hand there is only what was asked for, so that it is not lost."""
        widget: Any = self.fields["region"].widget
        widget.choices = [("", "All regions"), *((name, name) for name in sorted(names) if name)]


class ProgrammeForm(AsAtForm):
    """What of the grid is looked for."""

    q = forms.CharField(label="Area", required=False, max_length=100)
    band = forms.ChoiceField(label="Readiness band", required=False, widget=Select)
    sort = forms.ChoiceField(label="Order", required=False, widget=Select)
    ingredient = forms.ChoiceField(label="Ingredient", required=False, widget=Select)
    level = forms.ChoiceField(
        label="At level", required=False, widget=Select,
        choices=[("", "Any"), *((str(n), str(n)) for n in range(1, 5)), (NOT_RATED, "Not yet rated")],
    )  # fmt: skip
    similar = forms.CharField(
        label="Similar to area", required=False, max_length=120,
        help_text="Its name or code: shows its statistical neighbours",
    )  # fmt: skip
    mark = forms.MultipleChoiceField(
        label="Only areas with",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            (Mark.CONTESTED.value, "a contested ingredient"),
            (Mark.NOT_EVIDENCED.value, "levels not evidenced"),
            (OVERDUE, "an overdue check-in"),
        ],
    )
    looks: ClassVar[dict[str, Look]] = {
        "as_at": Look(size="s"), "mark": Look(size="s", small=True, inline=True),
    }  # fmt: skip
    MORE: ClassVar[tuple[str, ...]] = (
        "ingredient", "level", "similar", "mark", "as_at", "version",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = next((f for f in self.frameworks.values() if f.status == f.Status.PUBLISHED), None)
        framework = newest or next(iter(self.frameworks.values()), None)
        self._offer("band", "All bands", {} if framework is None else _bands(framework))
        known = {} if framework is None else orders(framework)
        self._offer("sort", known.pop(LIMITING, ""), known)
        rated = {} if framework is None else framework.all_ingredients
        self._offer("ingredient", "Any", {row.slug: row.short_title for row in rated})
        self.fields["level"].error_messages["invalid_choice"] = "Choose at level from the list"
        self.fields["mark"].error_messages["invalid_choice"] = "Choose marks from the list"

    def _offer(self, name: str, blank: str, choices: dict[str, str]) -> None:
        field: Any = self.fields[name]
        field.choices = [("", blank), *choices.items()]
        label = str(field.label).lower()
        field.error_messages["invalid_choice"] = f"Choose {label} from the list"

    @property
    def order(self) -> str:
        return self.cleaned_data.get("sort") or LIMITING

    @property
    def is_used(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("q", "region", "band", *self.MORE))

    @property
    def opens_more(self) -> bool:
        """Whether one of the filters that are folded away is used, or was refused."""
        return any(self.cleaned_data.get(name) or self.errors.get(name) for name in self.MORE)

    def area_named(self, lines: Sequence[Line]) -> Area | None:
        """The area whose neighbours are asked for; an error beside the field where there is none."""
        asked = self.cleaned_data.get("similar", "")
        if not asked:
            return None
        for line in lines:
            if asked.casefold() in {line.area.dfe_code.casefold(), line.area.name.casefold()}:
                return line.area
        self.add_error("similar", "No area has this name or code. Type it as the list has it")
        return None

    def narrow(self, lines: Iterable[Line], neighbours: set[int] | None) -> list[Line]:
        """The areas that were asked for; `neighbours` are ids where only these count."""
        return [
            line for line in lines
            if (neighbours is None or line.area.pk in neighbours) and self._fits(line)
        ]  # fmt: skip

    def _fits(self, line: Line) -> bool:
        asked, area = self.cleaned_data, line.area
        return (
            asked["q"].casefold() in f"{area.name} {area.dfe_code} {area.region}".casefold()
            and asked["region"] in {"", area.region}
            and asked["band"] in {"", line.band or NOTHING}
            and self._has_level(line)
            and self._has_marks(line)
            and (OVERDUE not in asked["mark"] or line.is_overdue(self.day))
        )

    def _has_level(self, line: Line) -> bool:
        """Any of its ingredients, or the one that is asked for, at the level asked for."""
        slug, level = self.cleaned_data["ingredient"], self.cleaned_data["level"]
        if not level:
            return True
        wanted = None if level == NOT_RATED else int(level)
        return any(cell.level == wanted and slug in {"", cell.slug} for cell in line.cells)

    def _has_marks(self, line: Line) -> bool:
        """With an ingredient asked for, the marks are that one's."""
        slug, marks = self.cleaned_data["ingredient"], self.cleaned_data["mark"]
        cells = [cell for cell in line.cells if slug in {"", cell.slug}]
        return (
            Mark.CONTESTED.value not in marks or any(cell.is_contested for cell in cells)
        ) and (
            Mark.NOT_EVIDENCED.value not in marks or any(cell.is_not_evidenced for cell in cells)
        )  # fmt: skip


def _bands(framework: Framework) -> dict[str, str]:
    labels = {slug: band["label"] for slug, band in framework.bands.items()}
    return labels | {NOTHING: "Nothing submitted"}
