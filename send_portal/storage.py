from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage


class PortalStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names that also reach into style sheets and ES modules, so every file may be kept for ever."""

    support_js_module_import_aggregation = True
    # Django rewrites imports in *.js alone; the module that starts our script is *.mjs.
    patterns = (
        *HashedFilesMixin.patterns,
        ("*.mjs", HashedFilesMixin._js_module_import_aggregation_patterns[1]),  # type: ignore[attr-defined]  # noqa: SLF001
    )
