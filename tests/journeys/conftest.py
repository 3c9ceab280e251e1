from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect

from areas.models import User
from tests.journeys.visitor import Parts, Visitor, Window

# axe takes most of the time, so it looks at opposite corners: both widths, with scripts and without.
MATRIX = [
    Window(width=1280),
    Window(width=320, axe=False),
    Window(width=1280, javascript=False, axe=False),
    Window(width=320, javascript=False),
]
# The same engine without windows takes half of the processor's time.
CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
everywhere = pytest.mark.parametrize("window", MATRIX, ids=str, indirect=True)
Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="session")
def checked() -> set[tuple[Window, Parts]]:
    """What axe has passed in this run, so that it sees each kind of page once."""
    return set()


@pytest.fixture
def window(request) -> Window:
    return getattr(request, "param", Window())


@pytest.fixture
def visit(window, browser: Browser, live_server, checked) -> Iterator[Visit]:
    """Opens a browser of its own for a person: visit() for nobody, visit(user) signed in already."""
    # Sign-ins are counted there, and it outlives a test.
    cache.clear()
    expect.set_options(timeout=10_000)
    contexts = []
    twins: list[Page] = []

    def open_context(size: Window, *, javascript: bool):
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": size.width, "height": size.height},
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context

    def twin() -> Page:
        if not twins:
            twins.append(open_context(window, javascript=True).new_page())
        return twins[0]

    def open_browser(user: User | None = None, size: Window = window) -> Visitor:
        context = open_context(size, javascript=size.javascript)
        visitor = Visitor(context, size, live_server.url, checked, twin)
        return visitor.is_signed_in(user) if user else visitor

    yield open_browser
    for context in contexts:
        context.close()
