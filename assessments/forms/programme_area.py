from __future__ import annotations

from assessments.forms.programme import AsAtForm


class BesideForm(AsAtForm):
    """As at which day, and in which version of the framework, an area stands beside others."""

    @property
    def is_used(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("as_at", "version"))
