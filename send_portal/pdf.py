"""HTML to a tagged PDF/UA-1 file. The only module that imports WeasyPrint."""

from __future__ import annotations

import atexit
import gc
import logging
import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)

# How a chart stands in a page.
DRAWING = "data:image/svg+xml;base64,"


class PdfError(Exception):
    """The PDF could not be made. What it was made from is untouched."""


@lru_cache(maxsize=4)
def _stylesheet(name: str) -> tuple[Any, Any]:
    # Decoding the fonts costs 0.15 s, so each process does it once.
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    path = settings.BASE_DIR / "static" / "portal" / name
    stylesheet = CSS(filename=str(path), font_config=fonts)
    # What a process has loaded by now stays. Looking through it for rubbish, again and again while
    # the hundreds of thousands of objects of a PDF are made, takes a tenth of the time.
    gc.collect()
    gc.freeze()
    return stylesheet, fonts


# The fonts must go before the modules that clean up after them.
atexit.register(_stylesheet.cache_clear)


def read_drawing(url: str) -> Any:
    """A report holds everything it needs: the drawings that stand in it are all that is read. Text
    typed by people must never make the server fetch. Raises PdfError for any other address."""
    from weasyprint.urls import URLFetcherResponse

    if not url.startswith(DRAWING):
        raise PdfError(f"The report tried to load {url[:80]}")
    svg = b64decode(url.removeprefix(DRAWING))
    return URLFetcherResponse(url, svg, {"Content-Type": "image/svg+xml"})


def render_pdf(html: str, stylesheet: str = "report.css") -> bytes:
    """The bytes of a PDF/UA-1 file with bookmarks, made from a whole HTML page and a
    style sheet of static/portal/.

    The same page gives the same bytes. A character that no font here can draw is named instead,
    `[slightly smiling face]`, or marked `[?]`. Raises PdfError when it cannot be made.
    """
    return _rendered(html, stylesheet)[0]


def fitted_pdf(versions: tuple[str, ...], stylesheet: str, most: int) -> bytes:
    """As render_pdf, of the first of these versions of a page that fits on `most` sheets; the
    last, if none does."""
    for html in versions:
        pdf, sheets = _rendered(html, stylesheet)
        if sheets <= most:
            break
    return pdf


# What a meeting or a board reads at the same time is made once, until a word of it changes.
kept_pdf = lru_cache(maxsize=16)(render_pdf)
kept_fitted_pdf = lru_cache(maxsize=16)(fitted_pdf)


def _rendered(html: str, stylesheet: str) -> tuple[bytes, int]:
    """The PDF, and how many sheets it takes."""
    try:
        with _without_looking_for_rubbish():
            pdf, sheets, missing = _write(html, stylesheet)
            if missing:
                pdf, sheets, _ = _write(without(missing, html), stylesheet)
    except Exception as error:
        logger.exception("PDF not made")
        raise PdfError("The PDF could not be made.") from error
    return pdf, sheets


@contextmanager
def _without_looking_for_rubbish() -> Iterator[None]:
    """All that a PDF is made of lives until it is written."""
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.enable()


def _write(html: str, name: str) -> tuple[bytes, int, set[str]]:
    """The PDF, its sheets, and the characters that it could not draw."""
    from weasyprint import HTML

    stylesheet, fonts = _stylesheet(name)
    document = HTML(string=html, url_fetcher=read_drawing).render(
        stylesheets=[stylesheet], font_config=fonts, pdf_variant="pdf/ua-1"
    )
    pdf: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    missing = {chr(code) for font in document.fonts.values() for code in font.missing}
    return pdf, len(document.pages), missing


def without(missing: set[str], html: str) -> str:
    """The page with the name of each of these symbols, and a mark for letters."""

    def said(found: re.Match[str]) -> str:
        if unicodedata.category(found[0][0]) != "So":
            return "[?]"
        return "".join(f"[{unicodedata.name(symbol).lower()}]" for symbol in found[0])

    symbols = "".join(c for c in sorted(missing) if unicodedata.category(c) == "So")
    rest = "".join(sorted(missing - set(symbols)))
    kinds = [f"[{re.escape(characters)}]+" for characters in (symbols, rest) if characters]
    return re.sub("|".join(kinds), said, html)
