"""A person at a browser: does what people do, and looks at every page it comes to.

`at` is one step of a journey. It waits for the page with that heading and asserts everything
that must hold on any page: no accessibility violation, one h1, unique ids, nothing that sticks
out sideways, links that lead somewhere, a quiet console, and no request to anybody else.
With SHOTS=folder in the environment it also keeps pictures of the steps that name one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    expect,
)

from areas.models import User
from tests.factories import PASSWORD

AXE = Axe().axe_script
# What the bars ask for. The rest of the options only spares time.
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "preload": False,
    "iframes": False,
}
RUN_AXE = """options => axe.run(document, options).then(found => found.violations.map(
    rule => rule.id + ': ' + rule.nodes.map(node => node.html).join(' | ')))"""
FACTS = """() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const ids = all('[id]').map(node => node.id);
  const named = name => all(`[${name}]`).flatMap(node => node.getAttribute(name).split(/\\s+/));
  const root = document.documentElement;
  return {
    lang: root.lang,
    title: document.title,
    headings: all('h1').length,
    repeated: ids.filter((id, place) => ids.indexOf(id) !== place),
    dangling: ['for', 'aria-describedby', 'aria-labelledby', 'aria-controls'].flatMap(named)
      .concat(all('a[href^="#"]').map(node => node.getAttribute('href').slice(1)))
      .filter(id => !ids.includes(id)),
    tooWide: root.scrollWidth - innerWidth,
    inline: all('[style], [onclick], [onchange], [onsubmit], script:not([src]), style').length,
    summary: all('.govuk-error-summary').length,
    invalid: all('.govuk-error-message').length,
  };
}"""
# Whether a person can see where the focus is. Radios and checkboxes draw it beside themselves.
FOCUS_IS_SEEN = """() => {
  const at = document.activeElement;
  const seen = style => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== 'none';
  return seen(getComputedStyle(at)) || (['radio', 'checkbox'].includes(at.type)
    && seen(getComputedStyle(at.nextElementSibling, '::before')));
}"""
# A tag with what says how it looks and what it is, and whether words follow.
TAG = re.compile(r"<([a-z][^>]*)>\s*([^<\s])?")
SHAPE = re.compile(
    r'\b(?:class|role|type|scope|tabindex|(?!aria-(?:desc|lab|contr))aria-\w+)="[^"]*"'
)


Parts = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Window:
    width: int = 1280
    height: int = 900
    javascript: bool = True
    axe: bool = True

    def __str__(self) -> str:
        return f"{self.width}{'' if self.javascript else '-no-javascript'}"


def parts_of(html: str) -> Parts:
    return frozenset(
        (tag.split()[0], *SHAPE.findall(tag), *("words" for _ in words))
        for tag, words in TAG.findall(html)
    )


def in_background(request: Request) -> bool:
    """A page that saves by itself says in its own words how that went."""
    return request.headers.get("x-autosave") == "1"


class Visitor:
    def __init__(
        self,
        context: BrowserContext,
        window: Window,
        home: str,
        checked: set[tuple[Window, Parts]],
        twin: Callable[[], Page],
    ) -> None:
        """checked: what axe has passed so far. twin: a page of the same size that runs scripts."""
        self.page = context.new_page()
        self.window = window
        self.home = home
        self.checked = checked
        self.twin = twin
        self.faults: list[str] = []
        self.status = 0
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)
        self.page.on("requestfailed", self._failed)

    # ---- What the browser says ---------------------------------------------------------------

    def _heard(self, message: ConsoleMessage) -> None:
        # The browser also logs pages that are meant to be 400 or 409; other files are in _answered.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:")):
            self.faults.append(f"asks somebody else: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.status = response.status
        elif response.status >= 400 and not in_background(response.request):
            self.faults.append(f"{response.status}: {response.url}")

    def _failed(self, request: Request) -> None:
        # The browser itself gives up what the page before had asked for, such as its icon.
        if request.failure == "net::ERR_ABORTED":
            return
        if not request.is_navigation_request() and not in_background(request):
            self.faults.append(f"failed: {request.url}")

    # ---- Doing -------------------------------------------------------------------------------

    def sign_in(self, user: User, *, lands_at: str = "Your areas and tasks") -> None:
        """Through the form, as a person does."""
        self.go("/account/login/")
        self.at("Sign in")
        self.fill("Email address", user.email)
        self.fill("Password", PASSWORD)
        self.press("Sign in")
        self.at(lands_at)

    def is_signed_in(self, user: User) -> Visitor:
        """Without the form, for people who are not what the journey is about."""
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.home}]
        )
        return self

    def go(self, path: str) -> None:
        self.page.goto(self.home + path)

    def press(self, name: str) -> None:
        """A button, or a link that looks like one, that leads to a page."""
        self._follow(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name: str) -> None:
        """A link by its words. Spaces and hidden words count as a screen reader says them."""
        self._follow(self.page.get_by_role("link", name=name, exact=True).first)

    def _follow(self, control: Locator) -> None:
        with self.page.expect_navigation():
            control.click()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def fill_date(self, legend: str, day: date) -> None:
        group = self.page.get_by_role("group", name=legend, exact=True)
        for part, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            group.get_by_label(part, exact=True).fill(str(number))

    def choose(self, name: str) -> None:
        """A radio by the start of its name, such as "Level 2"."""
        self.page.get_by_role("radio", name=re.compile(rf"^{re.escape(name)}\b")).first.check()

    def tick(self, name: str) -> None:
        self.page.get_by_role("checkbox", name=name).check()

    def untick(self, name: str) -> None:
        self.page.get_by_role("checkbox", name=name).uncheck()

    # ---- Looking -----------------------------------------------------------------------------

    def at(self, heading: str | re.Pattern[str], *, status: int = 200, shot: str = "") -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        assert self.status == status, f"{heading}: {self.status}"
        self.check()
        if shot and os.environ.get("SHOTS"):
            self.shoot(shot)

    def shoot(self, name: str) -> None:
        folder = Path(os.environ["SHOTS"])
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}-{self.window}.png", full_page=True)

    def sees(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.get_by_text(text).first).to_be_visible()

    def check(self) -> None:
        """Everything that must hold on any page."""
        facts = self.page.evaluate(FACTS)
        where = f"{urlsplit(self.page.url).path} at {self.window}"
        assert facts["lang"] == "en-GB", where
        assert facts["title"].endswith(settings.PORTAL_NAME), (where, facts["title"])
        assert facts["headings"] == 1, where
        assert not facts["repeated"], (where, facts["repeated"])
        assert not facts["dangling"], (where, facts["dangling"])
        assert facts["tooWide"] <= 0, (where, self.too_wide())
        assert facts["inline"] == 0, (where, "styles or scripts inline")
        assert bool(facts["summary"]) == bool(facts["invalid"]), (where, "summary without error")
        assert facts["title"].startswith("Error: ") == bool(facts["summary"]), where
        assert not self.faults, (where, self.faults)
        if self.window.axe:
            violations = self.violations()
            assert not violations, (where, violations)

    def too_wide(self) -> list[str]:
        """The innermost elements that stick out, for the message."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('body *')].filter(node =>
              node.getBoundingClientRect().right > innerWidth + 1 && !node.closest('.app-scroll')
              && ![...node.children].some(child => child.getBoundingClientRect().right > innerWidth + 1)
            ).map(node => node.outerHTML.slice(0, 200))"""
        )

    def violations(self) -> list[str]:
        """What axe finds. A page made of the same parts as one that it passed is not asked again."""
        html = self.page.content()
        parts = (self.window, parts_of(html))
        if parts in self.checked:
            return []
        page = self.page if self.window.javascript else self._in_twin(html)
        page.evaluate(AXE)
        found = page.evaluate(RUN_AXE, AXE_OPTIONS)
        if not found:
            self.checked.add(parts)
        return found

    def _in_twin(self, html: str) -> Page:
        """The page as it is without scripts, in a browser where axe can run."""
        page, url = self.twin(), self.page.url.partition("#")[0]
        body = re.sub(r"<script\b.*?</script>", "", html, flags=re.DOTALL)
        page.route(url, lambda route: route.fulfill(body=body, content_type="text/html"), times=1)
        page.goto(url)
        return page

    # ---- Errors and focus --------------------------------------------------------------------

    def is_told(self, *messages: str) -> None:
        """The error summary says exactly this, in this order, and every link focuses its field."""
        summary = self.page.locator(".govuk-error-summary")
        expect(summary.locator("li")).to_have_text(list(messages))
        if self.window.javascript:
            expect(summary).to_be_focused()
        for message in messages:
            link = summary.get_by_role("link", name=message, exact=True)
            target = (link.get_attribute("href") or "").removeprefix("#")
            link.click()
            expect(self.page.locator(f'[id="{target}"]')).to_be_focused()

    def focus_is_seen(self) -> bool:
        return self.page.evaluate(FOCUS_IS_SEEN)

    def focused(self) -> dict[str, Any]:
        """What has the focus: its words, and its id."""
        return self.page.evaluate(
            """() => {const at = document.activeElement; const label = (at.labels || [])[0];
              return {id: at.id, words: ((label || at).innerText || '').trim()}}"""
        )

    def tab_to(self, words: str = "", *, element: str = "", limit: int = 90) -> None:
        """Tab until the focus is there. It must be seen wherever it stops on the way."""
        for _ in range(limit):
            self.page.keyboard.press("Tab")
            assert self.focus_is_seen(), self.focused()
            at = self.focused()
            if at["id"] == element if element else at["words"].startswith(words):
                return
        raise AssertionError(f"Tab never comes to {words or element}")
