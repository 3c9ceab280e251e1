"""What a stranger, a browser and the network may not do: headers, cookies, sign-in, texts."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from areas.models import Partner, User
from assessments.actions.sign_off import freeze
from assessments.models import Assessment, Evidence, StoredReport
from assessments.reports.build import contents_of
from assessments.reports.pdf import report_html, report_pdf
from send_portal.pdf import PdfError, render_pdf
from tests import factories
from tests.conftest import Partnership, client_of, make_partnership
from tests.factories import PASSWORD
from tests.test_access import House, build, methods_of, pages

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
FILE_POLICY = {"sandbox", "default-src 'none'"}
STATEMENT = "family-every-stage"


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    """Sign-in limits count in the cache."""
    cache.clear()


@pytest.fixture
def house(request, framework, programme, editor) -> House:
    return build(request.param, programme, editor)


@pytest.fixture
def own(framework) -> Partnership:
    return make_partnership()


def every_page(test: Any) -> Any:
    """Headers and markup of every page: the same on any database, and no line is run here alone."""
    return pytest.mark.once(pytest.mark.no_cover(test))


# ---- Headers and cookies -----------------------------------------------------------------------


def faults_of(answer: Any) -> list[str]:
    policy = set(answer.get("Content-Security-Policy", "").split("; "))
    return [
        name
        for name, is_right in {
            # A file that somebody uploaded is shut in further still.
            "Content-Security-Policy": policy == POLICY
            or (policy == FILE_POLICY and "attachment" in answer["Content-Disposition"]),
            "X-Frame-Options": answer.get("X-Frame-Options") == "DENY",
            "X-Content-Type-Options": answer.get("X-Content-Type-Options") == "nosniff",
            "Referrer-Policy": answer.get("Referrer-Policy") == "same-origin",
            "Cross-Origin-Opener-Policy": answer.get("Cross-Origin-Opener-Policy") == "same-origin",
            "no version of the server": "X-Powered-By" not in answer,
        }.items()
        if not is_right
    ]


@every_page
@pytest.mark.parametrize("house", ["submitted"], indirect=True)
def test_every_answer_carries_the_headers(house):
    found = {}
    for who in ("nobody", "lead", "edit"):
        others = [
            "/account/login/",
            "/account/password/reset/",
            "/admin/",
            "/nothing/",
            "/static/nothing.css",
        ]
        urls = [house.url(page) for page in pages() if "GET" in methods_of(page)]
        for url in [*urls, *others]:
            if faults := faults_of(house.client(who).get(url)):
                found[who, url] = faults
    assert found == {}


def test_a_refused_post_carries_the_headers_too(own):
    client = Client(enforce_csrf_checks=True)
    answers = [
        client.post("/account/login/"),
        own.client("lead").post("/"),
        own.client("viewer").get(own.assessment.get_absolute_url()),
        Client().get("/", HTTP_HOST="evil.example"),
    ]
    assert [answer.status_code for answer in answers] == [403, 405, 404, 400]
    # Django refuses a wrong host before the older of the two ways to forbid frames is reached.
    assert [faults_of(answer) for answer in answers] == [[], [], [], ["X-Frame-Options"]]


@every_page
@pytest.mark.parametrize("house", ["submitted"], indirect=True)
def test_no_page_has_anything_that_its_policy_forbids(house):
    found = {}
    for who in ("nobody", "lead", "board", "progr"):
        for page in pages():
            if "GET" not in methods_of(page):
                continue
            answer = house.client(who).get(house.url(page))
            if not answer["Content-Type"].startswith("text/html"):
                continue
            soup = BeautifulSoup(answer.content, "lxml")
            inline = soup.select("script:not([src]), style, [style]")
            inline += [t for t in soup.find_all(True) if any(a.startswith("on") for a in t.attrs)]
            foreign = soup.select(
                "script[src^=http], link[href^=http], img[src^=http], iframe, object, embed, base"
            )
            if inline or foreign:
                found[who, page] = [str(tag)[:80] for tag in inline + foreign]
    assert found == {}


def test_cookies_of_a_session_are_out_of_reach_of_scripts_and_of_other_sites(own):
    client = Client()
    client.get("/account/login/")
    client.post("/account/login/", {"login": own.people["lead"].email, "password": PASSWORD})
    session, token = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert session["httponly"] is True
    assert (session["samesite"], token["samesite"]) == ("Lax", "Lax")
    assert session["domain"] == ""
    assert 0 < int(session["max-age"] or 1) <= 60 * 60 * 12


@every_page
@pytest.mark.parametrize("house", ["submitted"], indirect=True)
def test_no_page_behind_the_sign_in_is_kept_by_a_browser(house):
    kept = []
    for page in pages():
        if "GET" in methods_of(page):
            nobody = house.client("nobody").get(house.url(page))
            answer = house.client("lead").get(house.url(page))
            if nobody.status_code == 302 and answer.status_code == 200:
                kept += [] if "no-store" in answer.get("Cache-Control", "") else [page]
    assert kept == []


# ---- Settings ----------------------------------------------------------------------------------


def manage(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=clean | {"DATABASE_URL": "sqlite://:memory:"} | env,
        capture_output=True,
        text=True,
        check=False,
    )


PRODUCTION = {
    "SECRET_KEY": "f3K9-qz!x8Lw0Vt5Rb2Ny7Hc4Mj6Pd1Gs*uEaXoIiCkTnZBvQ7pLm2d",
    "ALLOWED_HOSTS": "portal.example",
}


def test_nothing_is_left_to_warn_of_in_production():
    done = manage("check", "--deploy", "--fail-level", "INFO", **PRODUCTION)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "System check identified no issues (0 silenced).\n",
        "",
    )


@pytest.mark.parametrize("missing", sorted(PRODUCTION))
def test_the_portal_does_not_start_without(missing):
    given = {key: value for key, value in PRODUCTION.items() if key != missing}
    done = manage("check", **given)
    assert done.returncode != 0
    assert f"Set the environment variable {missing}" in done.stderr


@pytest.mark.parametrize("blank", sorted(PRODUCTION))
def test_the_portal_does_not_start_with_an_empty(blank):
    assert manage("check", **PRODUCTION | {blank: ""}).returncode != 0


ASK_FOR_PAGES = """
from django.conf import settings
# No test collects the static files first.
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0); call_command("createcachetable")
from django.test import Client
from areas.models import User
User.objects.create_user("a@area.example", "correct-horse-battery", name="A")
plain = Client(SERVER_NAME="portal.example").get("/account/login/")
print(plain.status_code, plain["Location"])
client = Client(SERVER_NAME="portal.example")
client.get("/account/login/", secure=True)
page = client.post(
    "/account/login/", {"login": "a@area.example", "password": "correct-horse-battery"}, secure=True
)
print(page.status_code, page["Strict-Transport-Security"])
print(*(bool(client.cookies[name]["secure"]) for name in ("sessionid", "csrftoken")))
print(Client(SERVER_NAME="portal.example").get("/healthz").status_code)
print(Client(SERVER_NAME="evil.example").get("/healthz").status_code)
"""


def test_in_production_everything_goes_over_https():
    done = subprocess.run(
        [sys.executable, "-c", ASK_FOR_PAGES],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "send_portal.settings"}
        | {"DATABASE_URL": "sqlite://:memory:", "LOG_LEVEL": "CRITICAL"}
        | PRODUCTION,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "301 https://portal.example/account/login/",
        "302 max-age=31536000; includeSubDomains; preload",
        "True True",
        "200",
        "400",
    ], done.stderr


# ---- Other sites -------------------------------------------------------------------------------


@every_page
@pytest.mark.parametrize("house", ["moderation"], indirect=True)
def test_no_page_takes_a_post_from_another_site(house):
    found = {}
    for page in pages():
        # A mail program has no form of ours; what it may do hangs on the token in the address.
        if "POST" not in methods_of(page) or page == "areas:stop-reminders-at-once":
            continue
        for who in ("lead", "contr", "board"):
            client = house.client(who)
            client.handler.enforce_csrf_checks = True
            answer = client.post(house.url(page), {"csrfmiddlewaretoken": "x" * 64})
            # The reason is always the missing token, never a right that is missing.
            if answer.status_code != 403 or answer.templates[0].name != "403_csrf.html":
                found[page, who] = answer.status_code
    assert found == {}


@pytest.mark.parametrize(
    "url",
    ["/account/login/", "/account/logout/", "/account/login/code/", "/account/password/reset/"],
)
def test_no_form_of_signing_in_takes_a_post_from_another_site(db, url):
    assert Client(enforce_csrf_checks=True).post(url, {"login": "a"}).status_code == 403


ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "https:evil.example", "javascript:alert(1)", "http://testserver@evil.example/", "%2F%2Fevil.example",
    "/\t/evil.example", "https://testserver.evil.example/", "ftp://testserver/", "\x00//evil.example",
]  # fmt: skip


def leaves(answer: Any) -> bool:
    target = answer["Location"]
    place = urlsplit(urljoin("http://testserver/account/login/", target))
    # Browsers read a backslash as a slash, and leave out tabs.
    return place.netloc != "testserver" or bool(re.match(r"[/\\\s]{2}|\\", target))


def test_signing_in_never_leads_to_another_site(own):
    data = {"login": own.people["lead"].email, "password": PASSWORD}
    for target in ELSEWHERE:
        answers = [
            Client().post("/account/login/", data | {"next": target}),
            Client().post(f"/account/login/?next={target}", data),
        ]
        assert [(a.status_code, leaves(a)) for a in answers] == [(302, False)] * 2, target


def test_neither_does_signing_out_nor_a_page_for_somebody_signed_in(own):
    for target in ELSEWHERE:
        answers = [
            own.client("lead").post(url, {"next": target})
            for url in ("/account/logout/", "/account/login/")
        ]
        assert [(a.status_code, leaves(a)) for a in answers] == [(302, False)] * 2, target


def test_signing_in_leads_on_to_the_page_that_was_asked_for(own):
    url = own.assessment.get_absolute_url()
    first = Client().get(url)
    assert first["Location"] == f"/account/login/?next={url}"
    data = {"login": own.people["lead"].email, "password": PASSWORD}
    assert Client().post(first["Location"], data)["Location"] == url


# ---- Signing in --------------------------------------------------------------------------------


def test_a_session_gets_a_new_key_at_sign_in_and_ends_at_sign_out(own):
    client = Client()
    # A key from before the sign-in, such as somebody else may have planted.
    session = client.session
    session["planted"] = True
    session.save()
    before = client.cookies["sessionid"].value
    client.post("/account/login/", {"login": own.people["lead"].email, "password": PASSWORD})
    after = client.cookies["sessionid"].value
    assert after != before
    thief = Client()
    thief.cookies["sessionid"] = before
    assert thief.get("/areas/").status_code == 302
    client.post("/account/logout/")
    late = Client()
    late.cookies["sessionid"] = after
    assert late.get("/areas/").status_code == 302


def text_of(answer: Any) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())


@pytest.mark.parametrize(
    ("url", "field", "more"),
    [
        ("/account/login/", "login", {"password": "not-the-password"}),
        ("/account/login/code/", "email", {}),
        ("/account/password/reset/", "email", {}),
    ],
)
def test_nobody_can_tell_who_has_an_account(own, url, field, more):
    known, unknown = own.people["lead"].email, "nobodyx@area.example"
    answers = []
    for email in (known, unknown):
        client = Client()
        answer = client.post(url, {field: email, **more})
        pages_seen = [(answer.status_code, answer.get("Location"))]
        body = text_of(client.get(answer["Location"]) if answer.status_code == 302 else answer)
        answers.append((pages_seen, body.replace(email, "")))
    assert answers[0] == answers[1]


def test_a_closed_account_cannot_sign_in_and_is_not_told_apart(own):
    closed = factories.UserFactory(is_active=False)
    answer = Client().post("/account/login/", {"login": closed.email, "password": "wrong"})
    unknown = Client().post(
        "/account/login/", {"login": "nobody@area.example", "password": "wrong"}
    )
    assert text_of(answer).replace(closed.email, "") == text_of(unknown).replace(
        "nobody@area.example", ""
    )
    client = Client()
    client.post("/account/login/", {"login": closed.email, "password": PASSWORD})
    assert client.get("/areas/").status_code == 302


def test_guessing_a_password_is_stopped_even_for_the_right_one(own):
    email = own.people["lead"].email
    for _ in range(6):
        Client().post("/account/login/", {"login": email, "password": "wrong"})
    client = Client()
    client.post("/account/login/", {"login": email, "password": PASSWORD})
    assert client.get("/areas/").status_code == 302


def test_a_link_for_a_new_password_works_once_and_only_for_its_person(own, letters):
    email = own.people["lead"].email
    Client().post("/account/password/reset/", {"email": email})
    link = re.search(r"https?://testserver(/account/password/reset/key/\S+)", letters()[0].body)[1]
    wrong = re.sub(r"/key/[0-9a-zA-Z]+-", "/key/zzz-", link)
    assert "password1" not in Client().get(wrong, follow=True).content.decode()
    client = Client()
    form = client.get(link, follow=True)
    new = "a-quite-new-password"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert own.people["lead"].check_password(PASSWORD)
    assert User.objects.get(email=email).check_password(new)
    assert "password1" not in Client().get(link, follow=True).content.decode()


def test_a_new_password_ends_every_other_session(own):
    other = own.client("lead")
    assert other.get("/areas/").status_code == 200
    user = own.people["lead"]
    user.set_password("another-password-9")
    user.save()
    assert other.get("/areas/").status_code == 302


def test_nobody_claims_an_address_for_an_account(own):
    client = Client()
    client.post("/account/login/", {"login": own.people["lead"].email, "password": PASSWORD})
    address = {"email": "victim@area.example"}
    client.post("/account/email/", {"action_add": "", **address})
    client.post("/account/email/", {"action_primary": "", **address})
    assert User.objects.filter(email=address["email"]).exists() is False


# ---- Texts -------------------------------------------------------------------------------------

EVIL = "<script>alert(1)</script>'\"><img src=x onerror=alert(2)>{{ 7|add:7 }}</textarea><b>"


@pytest.fixture
def evil(framework) -> Partnership:
    """An assessment in which every text that a person may write holds a script."""
    own = make_partnership()
    assessment, statement = own.assessment, own.statement(STATEMENT)
    lead = own.people["lead"]
    own.area.name = EVIL[:110]
    own.area.region = EVIL[:60]
    own.area.save()
    User.objects.filter(pk=lead.pk).update(name=EVIL[:110], job_title=EVIL[:110])
    Partner.objects.filter(area=own.area, sector="health").update(name=EVIL)
    own.returns["health"].name = EVIL
    own.returns["health"].save()
    Assessment.objects.filter(pk=assessment.pk).update(title=EVIL[:80])
    for sector in own.returns:
        own.answer(sector, "2", reason=EVIL)
    evidence = Evidence.objects.create(
        area=own.area, owner=own.partners["health"], title=EVIL, kind="other", shows=EVIL,
        address="https://documents.example/" + EVIL.replace(" ", ""), added_by=lead, saved_by=lead,
    )  # fmt: skip
    for row in (own.returns["health"], None):
        factories.EvidenceLinkFactory(
            assessment=assessment,
            statement=statement,
            evidence=evidence,
            partner_return=row,
            linked_by=lead,
        )
    for row in own.statements:
        factories.AgreedScoreFactory(
            assessment=assessment,
            statement=row,
            rationale=EVIL,
            outside_reason=EVIL,
            saved_by=lead,
        )
    factories.DissentFactory(
        partner_return=own.returns["health"], statement=statement, text=EVIL, recorded_by=lead
    )
    factories.QuorumReasonFactory(assessment=assessment, reason=EVIL, recorded_by=lead)
    Assessment.objects.filter(pk=assessment.pk).update(reveal_reason=EVIL)
    assessment.refresh_from_db()
    return own


def signed_and_submitted(own: Partnership) -> None:
    own.mark_submitted()
    own.move_to(Assessment.Stage.SIGN_OFF)
    factories.SignOffFactory(
        partner_return=own.returns["health"],
        decision="reservation",
        text=EVIL,
        name=EVIL[:110],
        role=EVIL[:110],
        signed_by=own.people["health_board"],
    )
    Assessment.objects.filter(pk=own.assessment.pk).update(submit_reason=EVIL)
    own.move_to(Assessment.Stage.SUBMITTED)
    freeze(own.assessment)
    StoredReport.objects.update(
        pdf=b"-", programme_pdf=b"-", pdf_made_at=own.assessment.submitted_at
    )


def harmless(html: str) -> bool:
    """Whether the texts arrived as texts: no element and no attribute was made of them."""
    soup = BeautifulSoup(html, "lxml")
    return (
        not soup.select("script:not([src]), img[src=x], [onerror]")
        and not re.search(r"(&gt;|>)14(&lt;|<)/textarea", html)
        and "<script>alert" not in html
    )


def evil_pages(own: Partnership, who: str) -> dict[str, str]:
    a, row = own.assessment.pk, own.returns["health"].pk
    urls = ["/", "/areas/", f"/areas/{own.area.dfe_code}/"]
    urls += [
        f"/areas/{own.area.dfe_code}/{room}/"
        for room in ("assessments", "evidence", "people", "partners")
    ]
    urls += [
        f"/assessments/{a}/{rest}"
        for rest in (
            "", "partners/", "close-scoring/", "consent/", f"returns/{row}/", f"returns/{row}/submitted/",
            f"returns/{row}/{STATEMENT}/", f"returns/{row}/{STATEMENT}/evidence/", "moderation/",
            f"moderation/{STATEMENT}/", f"moderation/{STATEMENT}/evidence/", "moderation/accept/",
            "moderation/finish/", "moderation/quorum/", "sign-off/", f"sign-off/{row}/", "sign-off/submit/",
            "sign-off/back/", "report/", "report/statements/",
        )
    ]  # fmt: skip
    client = own.client(who)
    answers = {url: client.get(url) for url in urls}
    return {url: answer.content.decode() for url, answer in answers.items()}


@pytest.mark.parametrize(
    ("stage", "who"),
    [
        ("scoring", "lead"), ("scoring", "health"), ("moderation", "lead"), ("moderation", "health"),
        ("sign_off", "lead"), ("sign_off", "health_board"), ("submitted", "viewer"),
    ],
)  # fmt: skip
def test_no_text_becomes_markup_on_any_page(evil, stage, who):
    if stage == "submitted":
        signed_and_submitted(evil)
    elif stage != "scoring":
        evil.mark_submitted()
        evil.move_to(stage)
    found = evil_pages(evil, who)
    assert [url for url, html in found.items() if not harmless(html)] == []
    # The texts are there, and they are escaped.
    assert sum("&lt;script&gt;" in html for html in found.values()) > 5


def test_no_text_becomes_markup_in_what_is_sent_back(evil):
    client, row = evil.client("health"), evil.returns["health"]
    score = reverse("assessments:score", args=[evil.assessment.pk, row.pk, STATEMENT])
    sent = {
        "answer": EVIL,
        "reason": EVIL,
        "version": EVIL,
        "title": EVIL,
        "address": EVIL,
        "shows": EVIL,
    }
    conflict = {"answer": "3", "reason": f"Other {EVIL}", "version": "7"}
    answers = {
        "refused": client.post(score, sent),
        "merged": client.post(score, sent | {"then": "merge"}),
        "conflict": client.post(score, conflict),
        "evidence": client.post(f"{score}evidence/", sent),
        "partner": evil.client("lead").post(
            reverse("areas:partners", args=[evil.area.dfe_code]), {"name": EVIL * 9, "sector": EVIL}
        ),
        "search": client.get("/areas/", {"q": EVIL}),
        "library": client.get("/glossary/", {"q": EVIL}),
        "sign-in": Client().post("/account/login/", {"login": EVIL, "next": EVIL}),
        "message": client.post(score, {"answer": "3", "reason": "x", "version": "1"}, follow=True),
    }
    assert answers["conflict"].status_code == 409
    assert [name for name, a in answers.items() if not harmless(a.content.decode())] == []


def test_no_text_becomes_markup_in_the_pdf(evil):
    signed_and_submitted(evil)
    for shows_partners in (True, False):
        html = report_html(contents_of(evil.assessment, shows_partners=shows_partners))
        assert harmless(html)
        assert "&lt;script&gt;" in html


def test_no_text_becomes_markup_in_the_admin_site(evil, editor):
    factories.AuditEventFactory(sentence=EVIL, actor_name=EVIL[:110])
    client = client_of(editor)
    for name in (
        "areas_area",
        "areas_partner",
        "areas_user",
        "areas_membership",
        "areas_auditevent",
    ):
        html = client.get(reverse(f"admin:{name}_changelist")).content.decode()
        assert harmless(html), name
        assert "&lt;script&gt;" in html, name


def test_a_page_that_an_editor_writes_carries_no_script(db):
    text = f"# Help\n\n{EVIL}\n\n[go](javascript:alert(1)) ![x](data:text/html;base64,PHN2Zz4=)"
    factories.PageFactory(markdown=text)
    html = Client().get("/help/").content.decode()
    assert harmless(html)
    assert 'href="javascript' not in html


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "data:text/html,x", "ftp://documents.example/x", "file:///etc/passwd",
        "mailto:a@area.example", "vbscript:x", "//documents.example/x\x00", "https://", "https:// a.example",
        "java\nscript:alert(1)",
    ],
)  # fmt: skip
def test_evidence_takes_no_address_but_of_the_web(own, address):
    url = reverse(
        "assessments:add-evidence", args=[own.assessment.pk, own.returns["health"].pk, STATEMENT]
    )
    data = {
        "title": "T", "kind": "other", "address": address, "shows": "S", "owner": own.partners["health"].pk,
    }  # fmt: skip
    own.client("health").post(url, data)
    kept = Evidence.objects.values_list("address", flat=True)
    assert [text for text in kept if not text.startswith(("http://", "https://"))] == []
    if not address.startswith("//"):
        assert list(kept) == []


# ---- The PDF -----------------------------------------------------------------------------------


@contextmanager
def listening():
    """A server of this machine that hears whether anybody knocks."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        heard = []

        def knocked() -> bool:
            with suppress(BlockingIOError):
                heard.append(server.accept()[0].close())
            return bool(heard)

        yield server.getsockname()[1], knocked


def test_the_listener_hears():
    with listening() as (port, knocked):
        assert not knocked()
        socket.create_connection(("127.0.0.1", port)).close()
        assert knocked()


def test_making_a_report_fetches_nothing_that_its_texts_name(own):
    with listening() as (port, knocked):
        there = f"http://127.0.0.1:{port}/"
        text = (
            f"<img src={there}a.png> <link rel=stylesheet href={there}> url({there}) "
            f"<style>@import '{there}';</style> <svg><image href='{there}'/></svg> [x]({there}) {there}"
        )
        for sector in own.returns:
            own.answer(sector, "2", reason=text[:500])
        evidence = factories.EvidenceFactory(
            owner=own.partners["health"], address=f"{there}minutes", title=text[:160], shows=text
        )
        factories.EvidenceLinkFactory(
            assessment=own.assessment, statement=own.statement(STATEMENT), evidence=evidence
        )
        factories.AgreedScoreFactory(
            assessment=own.assessment, statement=own.statement(STATEMENT), rationale=text
        )
        own.mark_submitted()
        own.move_to(Assessment.Stage.MODERATION)
        pdf = report_pdf(own.assessment, shows_partners=True)
        assert pdf.startswith(b"%PDF-")
        assert not knocked()


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="{there}">',
        '<link rel="stylesheet" href="{there}">',
        "<style>@import url({there});</style>",
        '<p style="background: url({there})">x</p>',
        '<svg width="9" height="9"><image href="{there}" width="9" height="9"/></svg>',
        '<object data="{there}"></object>',
        '<link rel="attachment" href="{there}">',
        '<img src="file:///etc/passwd">',
    ],
)
def test_even_real_markup_in_a_report_fetches_nothing(markup):
    with listening() as (port, knocked):
        html = f"<html lang=en><title>T</title><body>{markup.format(there=f'http://127.0.0.1:{port}/')}"
        try:
            pdf = render_pdf(html)
        except PdfError:
            pdf = b""
        assert not knocked()
        assert b"root:" not in pdf


# ---- Too much ----------------------------------------------------------------------------------


def test_a_body_that_is_too_large_is_refused(own):
    row = own.returns["health"]
    url = reverse("assessments:score", args=[own.assessment.pk, row.pk, STATEMENT])
    answer = own.client("health").post(url, {"answer": "2", "reason": "a" * 3_000_000})
    assert answer.status_code in {400, 413}
