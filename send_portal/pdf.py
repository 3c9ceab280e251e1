"""HTML to a tagged PDF/UA-1 file. The only module that imports WeasyPrint."""

from __future__ import annotations

import atexit
import logging
from functools import lru_cache
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)


class PdfError(Exception):
    """The PDF could not be made. What it was made from is untouched."""


@lru_cache(maxsize=1)
def _stylesheet() -> tuple[Any, Any]:
    # Decoding the fonts costs 0.15 s, so each process does it once.
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    path = settings.BASE_DIR / "static" / "portal" / "report.css"
    return CSS(filename=str(path), font_config=fonts), fonts


# The fonts must go before the modules that clean up after them.
atexit.register(_stylesheet.cache_clear)


def refuse_to_fetch(url: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """A report holds everything it needs; text typed by people must never make the server fetch."""
    raise PdfError(f"The report tried to load {url[:80]}")


def render_pdf(html: str) -> bytes:
    """The bytes of a PDF/UA-1 file with bookmarks, made from a whole HTML page.

    The same page gives the same bytes. Raises PdfError when it cannot be made.
    """
    from weasyprint import HTML

    stylesheet, fonts = _stylesheet()
    try:
        pdf: bytes = HTML(string=html, url_fetcher=refuse_to_fetch).write_pdf(
            stylesheets=[stylesheet], font_config=fonts, pdf_variant="pdf/ua-1"
        )
    except Exception as error:
        logger.exception("PDF not made")
        raise PdfError("The PDF could not be made.") from error
    return pdf
