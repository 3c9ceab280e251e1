"""People who score without a pause, and remember what they were told."""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from areas.models import User
from assessments.models import PartnerReturn

CSRF = "a" * 32
SAVES_OF_A_STATEMENT = 3


@dataclass(frozen=True)
class Saved:
    answer: str
    reason: str
    version: int


@dataclass
class Scorer:
    """`kept`: the last answer to each statement that was acknowledged. `unknown`: one that was
    sent after it, and to which no answer came. `said`: every status that came back."""

    row: PartnerReturn
    slugs: list[str]
    cookie: str
    port: int
    kept: dict[str, Saved] = field(default_factory=dict)
    unknown: dict[str, Saved] = field(default_factory=dict)
    said: list[int] = field(default_factory=list)
    last_words: str = ""
    is_done: threading.Event = field(default_factory=threading.Event)

    def score(self) -> None:
        for slug in self.slugs * 100:
            if slug in self.unknown:
                continue
            for _ in range(SAVES_OF_A_STATEMENT):
                if self.is_done.is_set():
                    return
                self.save(slug)
                if slug in self.unknown:
                    break

    def save(self, slug: str) -> None:
        before = self.kept[slug].version if slug in self.kept else 0
        own = Saved(
            str(before % 4 + 1), f"Return {self.row.pk}, {slug}, save {before + 1}.", before + 1
        )
        self.unknown[slug] = own
        form = {"version": before, "answer": own.answer, "reason": own.reason, "then": "next"}
        url = f"/assessments/{self.row.assessment_id}/returns/{self.row.pk}/{slug}/"
        try:
            status = self.send(url, urlencode(form))
        except ConnectionRefusedError:
            del self.unknown[slug]  # nobody was there, so it was surely not taken
            time.sleep(0.1)
            return
        except (OSError, http.client.HTTPException):
            return
        self.said.append(status)
        if status == 302:
            self.kept[slug] = self.unknown.pop(slug)
        else:
            time.sleep(0.5)  # each costs a statement, and the outage must not use them up

    def send(self, url: str, body: str) -> int:
        server = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            server.request(
                "POST", url, body,
                {
                    "Cookie": f"sessionid={self.cookie}; csrftoken={CSRF}", "X-CSRFToken": CSRF,
                    "Content-Type": "application/x-www-form-urlencoded",
                },
            )  # fmt: skip
            answer = server.getresponse()
            text = answer.read().decode()
            if answer.status != 302:
                self.last_words = text
            return answer.status
        finally:
            server.close()


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


class AtWork:
    """All of them at once, each in a thread of its own."""

    def __init__(self, scorers: list[Scorer]) -> None:
        self.scorers = scorers
        self.threads = [threading.Thread(target=scorer.score) for scorer in scorers]

    def __enter__(self) -> AtWork:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for scorer in self.scorers:
            scorer.is_done.set()
        for thread in self.threads:
            thread.join()

    def wait_for(self, saves: int) -> None:
        """Until so many more were acknowledged."""
        before = self.acknowledged()
        ends = time.monotonic() + 120
        while self.acknowledged() < before + saves:
            assert time.monotonic() < ends, [scorer.said[-3:] for scorer in self.scorers]
            time.sleep(0.02)

    def acknowledged(self) -> int:
        return sum(scorer.said.count(302) for scorer in self.scorers)
