from __future__ import annotations

from django import forms

from send_portal.forms import PortalForm


class AreaSearch(PortalForm):
    q = forms.CharField(label="Name of the area", required=False)

    def clean_q(self) -> str:
        words: str = self.cleaned_data["q"]
        return words[:100]

    def full_clean(self) -> None:
        """A page address is never refused: what does not fit counts as not asked."""
        super().full_clean()
        self.errors.clear()

    @property
    def words(self) -> str:
        self.full_clean()
        return self.cleaned_data.get("q", "")
