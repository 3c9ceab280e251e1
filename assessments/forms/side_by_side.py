from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from assessments.forms.programme import AsAtForm
from assessments.reports.comparison import Line
from send_portal.forms import Select

PLACES = ("first", "second", "third", "fourth")


class SideBySideForm(AsAtForm):
    """Which two to four areas stand side by side, by their codes."""

    first = forms.CharField(label="First area", required=False, max_length=3, widget=Select)
    second = forms.CharField(label="Second area", required=False, max_length=3, widget=Select)
    third = forms.CharField(label="Third area", required=False, max_length=3, widget=Select)
    fourth = forms.CharField(label="Fourth area", required=False, max_length=3, widget=Select)

    def offer_areas(self, lines: Sequence[Line]) -> None:
        """The areas to choose from, A to Z."""
        choices = [("", "None"), *((line.area.dfe_code, line.area.name) for line in lines)]
        for name in PLACES:
            widget: Any = self.fields[name].widget
            widget.choices = choices

    def chosen(self, lines: Sequence[Line]) -> list[Line]:
        """The lines asked for, each once, in the order of the boxes; an error beside a box that
        names none of these areas."""
        known = {line.area.dfe_code: line for line in lines}
        asked = {name: self.cleaned_data[name] for name in PLACES if self.cleaned_data[name]}
        for name, code in asked.items():
            if code not in known:
                label = str(self.fields[name].label).lower()
                self.add_error(name, f"Choose {label} from the list")
        return [known[code] for code in dict.fromkeys(asked.values()) if code in known]
