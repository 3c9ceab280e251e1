"""Nobody reads another partner's scores before the reveal, by any road; DfE not even after it.

Health scores every statement, through the pages as its contributor would, with words that occur
nowhere else. Then everybody else opens every page that they can reach, before and after Health
changes every level: no word of Health's may show, and nothing may show which level it chose.
"""

from __future__ import annotations

import difflib
import io
import re
import zipfile
from html import unescape
from typing import Any
from urllib.parse import urldefrag, urljoin

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.contrib import admin
from django.core import mail
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

from areas.models import AuditEvent, Sector, User
from areas.permissions import Role
from assessments.actions import moderation, scoring
from assessments.actions.reopening import cancel_assessment
from assessments.actions.sign_off import freeze
from assessments.models import (
    Assessment,
    Comment,
    Evidence,
    EvidenceLink,
    Score,
    StoredReport,
)
from assessments.reports.build import contents_of
from assessments.reports.pdf import report_html
from tests import factories
from tests.assessments.test_report_pdf import words_of
from tests.conftest import Partnership, client_of, make_partnership
from tests.test_access import methods_of, own_urls, pages

# Every page by everyone, which takes minutes. Smaller tests measure the same lines.
pytestmark = [pytest.mark.once, pytest.mark.no_cover]

REASON = "Zebrafinch waits for the quokka"
COMMENT = "Numbat keeps it among us"
DISSENT = "Axolotl sees it otherwise"
LINKED, NOT_LINKED = "family-every-stage", "leadership-shared-vision"
SECTORS = [Sector.LOCAL_AUTHORITY, Sector.HEALTH, Sector.SOCIAL_CARE, Sector.PARENT_CARERS]
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
MOMENT = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\dZ)?")


@pytest.fixture
def scene(framework) -> Partnership:
    """Health has scored level 1 throughout, with reasons and evidence; nobody has submitted."""
    own = make_partnership(sectors=SECTORS)
    score_as_health(own, "1")
    add_evidence_as_health(own)
    comment_as_health(own)
    return own


def score_as_health(own: Partnership, level: str, then: str = "next") -> None:
    client, row = own.client("health"), own.returns["health"]
    versions = dict(
        Score.objects.filter(partner_return=row).values_list("statement__slug", "version")
    )
    for statement in own.assessment.statements_for("health"):
        answer = client.post(
            reverse("assessments:score", args=[own.assessment.pk, row.pk, statement.slug]),
            {
                "answer": level,
                "reason": f"{REASON} {level}",
                "version": versions.get(statement.slug, 0),
                "then": then,
            },
        )
        assert answer.status_code == 302, statement


def add_evidence_as_health(own: Partnership) -> None:
    answer = own.client("health").post(
        reverse(
            "assessments:add-evidence",
            args=[own.assessment.pk, own.returns["health"].pk, LINKED],
        ),
        {
            "title": "Joint board minutes",
            "kind": Evidence.Kind.MINUTES,
            "address": "https://health.example/minutes",
            "shows": "What the board decided.",
            "owner": own.partners["health"].pk,
        },
    )
    assert answer.status_code == 302
    assert EvidenceLink.objects.get().statement.slug == LINKED


def comment_as_health(own: Partnership) -> None:
    """Health says something among its own people, and mentions one of them."""
    colleague = factories.MembershipFactory(
        role=Role.CONTRIBUTOR, area=own.area, partner=own.partners["health"]
    ).user
    answer = own.client("health").post(
        reverse(
            "assessments:return-comments",
            args=[own.assessment.pk, own.returns["health"].pk, LINKED],
        ),
        {"text": f"{COMMENT}, says Zebrafinch", "mentioned": [colleague.pk]},
    )
    assert answer.status_code == 302
    assert Comment.objects.get().mentioned == [colleague.name]


# ---- Who looks, and where ----------------------------------------------------------------------


def others(own: Partnership, programme: User, editor: User) -> dict[str, Client]:
    """One person of every kind but those who score for Health."""
    outsider = factories.MembershipFactory(area=factories.AreaFactory(name="Fenland")).user
    root = factories.UserFactory(is_staff=True, is_superuser=True)
    factories.MembershipFactory(user=root, role="editor", area=None)
    kinds = ["lead", "social_care", "health_board", "parent_carers_board", "viewer"]
    people = {who: own.people[who] for who in kinds}
    people |= {"programme": programme, "editor": editor, "superuser": root, "outsider": outsider}
    return {"nobody": Client(), **{who: client_of(user) for who, user in people.items()}}


def addresses(own: Partnership) -> list[str]:
    """Every page, for every return of the assessment and two of its statements."""
    found = ["/account/login/", "/admin/", *ADMIN_LISTS]
    base = {"dfe_code": own.area.dfe_code, "pk": own.assessment.pk, "slug": "leadership"}
    for page in pages():
        name = page.partition(" of ")[0]
        wanted = own_urls()[name].pattern.converters
        if not set(wanted) <= {"dfe_code", "pk", "slug", "return_id", "statement"}:
            continue
        if "GET" not in methods_of(page):
            continue
        returns = [row.pk for row in own.returns.values()] if "return_id" in wanted else [0]
        statements = [LINKED, NOT_LINKED] if "statement" in wanted else [""]
        for return_id in returns:
            for statement in statements:
                given = base | {"return_id": return_id, "statement": statement}
                found.append(reverse(name, kwargs={key: given[key] for key in wanted}))
    return sorted(set(found))


ADMIN_LISTS = [
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for model in admin.site._registry
]


def crawl(client: Client, start: list[str]) -> dict[str, tuple[int, bytes]]:
    """Every page from `start` on, and every page that these lead to: status and text."""
    seen: dict[str, tuple[int, bytes]] = {}
    waiting = list(start)
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        answer = client.get(address)
        body = unpacked(answer.getvalue())
        seen[address] = answer.status_code, TOKEN.sub("", body.decode("utf-8", "replace")).encode()
        if answer.status_code in {301, 302} and not answer.url.startswith("/account/login/"):
            waiting.append(answer.url)
        if answer["Content-Type"].startswith("text/html"):
            waiting += [link for link in links(address, body) if worth_following(link)]
    return seen


def unpacked(body: bytes) -> bytes:
    """The words of a PDF; and of a workbook, which are packed, without the moment at which it was
    made."""
    if body.startswith(b"%PDF-"):
        return words_of(body).encode()
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        parts = b"".join(file.read(name) for name in file.namelist())
    return MOMENT.sub(b"", parts)


def links(address: str, body: bytes) -> set[str]:
    return {
        urldefrag(urljoin(address, unescape(found.decode()))).url
        for found in re.findall(rb'href="([^"]+)"', body)
    }


NOT_FOLLOWED = re.compile(
    # The same for all, whoever scored what.
    r"/static/|/ingredients/|/admin/ingredients/\w+/\d+/|/admin/.*\?|/admin/\w+/\w+/add/"
    # As many as there are statements or acts; two and some of them are among the first addresses.
    r"|/assessments/\d+/(returns/\d+|moderation)/[a-z-]+/$|/admin/areas/\w+/\d*[1-9]/|.*/history/"
)


def worth_following(address: str) -> bool:
    return address.startswith("/") and not NOT_FOLLOWED.match(address)


def all_pages(clients: dict[str, Client], own: Partnership) -> dict[str, dict[str, Any]]:
    start = addresses(own)
    return {who: crawl(client, start) for who, client in clients.items()}


def telling(found: dict[str, dict[str, Any]], *words: str) -> list[tuple[str, str]]:
    return [
        (who, address)
        for who, seen in found.items()
        for address, (_, body) in seen.items()
        if any(word.encode() in body for word in words)
    ]


def different(
    before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]
) -> list[tuple[str, ...]]:
    """Who saw what change where, with the lines that changed."""
    nothing = (0, b"")
    found = []
    for who, seen in before.items():
        for address in seen.keys() | after[who].keys():
            was, now = seen.get(address, nothing), after[who].get(address, nothing)
            if was != now:
                lines = difflib.ndiff(
                    *(body.decode("utf-8", "replace").splitlines() for _, body in (was, now))
                )
                changed = [line for line in lines if line[0] in "+-"]
                found.append((who, address, f"{was[0]} {now[0]}", *changed))
    return found


# ---- Before the reveal -------------------------------------------------------------------------


def test_health_s_own_pages_show_what_it_wrote(scene):
    """The crawl below would find it: here it does."""
    found = crawl(scene.client("health"), addresses(scene))
    assert (200, True) in {(status, REASON.encode() in body) for status, body in found.values()}
    assert len(telling({"health": found}, REASON)) >= 3


def test_no_page_of_anybody_else_holds_a_word_or_a_level_of_health(scene, programme, editor):
    clients = others(scene, programme, editor)
    before = all_pages(clients, scene)
    assert telling(before, "Zebrafinch", "quokka") == []
    # Where a page did not open, nothing can be compared: most do open.
    assert sum(status == 200 for status, _ in before["lead"].values()) > 20
    assert sum(status == 200 for status, _ in before["editor"].values()) > 20

    # Past the actions, so that no new row in the log and no count can differ.
    models.QuerySet(Score).filter(partner_return=scene.returns["health"]).update(
        answer="4", reason="Another reason"
    )
    models.QuerySet(EvidenceLink).update(statement=scene.statement(NOT_LINKED))
    assert different(before, all_pages(clients, scene)) == []


def test_the_library_tells_another_partner_nothing_of_where_an_item_is_used(scene):
    item = Evidence.objects.get()
    code = scene.statement(LINKED).code
    library = reverse("assessments:evidence", args=[scene.area.dfe_code])
    for address in (library, item.get_absolute_url()):
        for who in ("lead", "social_care", "parent_carers", "health_board"):
            page = scene.client(who).get(address).content.decode()
            assert f"{scene.assessment.title}: {code}" not in page, who
            assert scene.statement(LINKED).title not in page, who
        assert scene.assessment.title in scene.client("health").get(address).content.decode()


@pytest.mark.parametrize("sector", ["social_care", "parent_carers"])
def test_what_a_partner_may_link_does_not_tell_what_another_has_linked(scene, sector):
    """Health's item is offered to another partner although Health linked it to this statement."""
    item = Evidence.objects.get()
    row = scene.returns[sector]
    factories.EvidenceLinkFactory(
        assessment=scene.assessment,
        statement=scene.statement(NOT_LINKED),
        evidence=item,
        partner_return=row,
        linked_by=scene.people[sector],
    )
    page = scene.client(sector).get(
        reverse("assessments:add-evidence", args=[scene.assessment.pk, row.pk, LINKED])
    )
    offered = BeautifulSoup(page.content, "lxml").select(f'input[value="{item.pk}"]')
    assert [radio.find_next("label").text for radio in offered] == ["Joint board minutes"]


SEARCHES = ["/glossary/", "/guidance/", "/support/", "/areas/", *ADMIN_LISTS]


@pytest.mark.parametrize("words", ["Zebrafinch", "quokka"])
def test_no_search_tells_whether_a_word_was_written(scene, programme, editor, words):
    clients = others(scene, programme, editor)
    nonsense = "X" * len(words)
    for who in ("lead", "editor", "superuser", "programme"):
        for address in SEARCHES:
            found, nothing = (
                TOKEN.sub("", clients[who].get(address, {"q": asked}).content.decode()).replace(
                    asked, ""
                )
                for asked in (words, nonsense)
            )
            assert found == nothing, (who, address)


def test_no_row_but_health_s_own_holds_what_it_wrote(scene):
    """No copy in the log, in a session, in a job, in a message."""
    holding = {
        model._meta.label
        for model in apps.get_models()
        for row in model._default_manager.values_list()
        if "Zebrafinch" in repr(row)
    }
    assert holding == {"assessments.Score", "assessments.Comment"}


def test_the_log_is_the_same_whichever_level_was_chosen(framework):
    def log_of(level: str) -> list[tuple[Any, ...]]:
        with transaction.atomic():
            start = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            score_as_health(own, level)
            found = list(
                AuditEvent.objects.filter(pk__gt=start)
                .order_by("pk")
                .values_list("verb", "sentence", "partner_id", "statement", "details")
            )
            transaction.set_rollback(True)
        return found

    own = make_partnership(sectors=SECTORS)
    assert log_of("1") == log_of("4") == log_of("cannot_say")
    assert len(log_of("1")) == 32


def test_the_log_does_not_tell_to_which_statement_a_partner_linked_evidence(scene):
    linked = scene.statement(LINKED)
    events = AuditEvent.objects.filter(verb="evidence.link")
    assert events.exists()
    assert [e for e in events if e.statement == LINKED or linked.title in e.sentence] == []


def test_the_log_does_not_tell_on_which_statement_a_partner_commented(scene):
    statement = scene.statement(LINKED)
    events = AuditEvent.objects.filter(verb="comment.write")
    assert events.exists()
    assert [e for e in events if e.statement or statement.title in e.sentence] == []


def test_the_mail_of_a_mention_holds_a_link_and_nobody_else_gets_it(scene, letters):
    (letter,) = letters()
    assert "Numbat" not in letter.body
    assert letter.to[0] not in {person.email for person in scene.people.values()}


def test_a_comment_among_ourselves_stays_there_after_the_reveal(scene, programme, editor):
    reveal(scene)
    own = crawl(scene.client("health"), addresses(scene))
    assert len(telling({"health": own}, "Numbat")) >= 2
    for stage in (Assessment.Stage.MODERATION, Assessment.Stage.SIGN_OFF):
        scene.move_to(stage)
        clients = others(scene, programme, editor)
        assert telling(all_pages(clients, scene), "Numbat") == []


def test_no_mail_holds_a_word_or_tells_a_level(scene):
    score_as_health(scene, "4")
    scoring.submit_return(partner_return=scene.returns["health"], by=scene.people["health"])
    assert [m for m in mail.outbox if "Zebrafinch" in f"{m.subject}{m.body}"] == []


def test_submitting_reveals_nothing_while_another_partner_has_not(scene, programme, editor):
    scoring.submit_return(partner_return=scene.returns["health"], by=scene.people["health"])
    clients = others(scene, programme, editor)
    some = {who: clients[who] for who in ("lead", "health_board")}
    before = all_pages(some, scene)
    assert telling(before, "Zebrafinch") == []
    models.QuerySet(Score).filter(partner_return=scene.returns["health"]).update(answer="4")
    assert different(before, all_pages(some, scene)) == []


def test_a_return_taken_back_is_as_closed_as_before(scene):
    health = scene.returns["health"]
    scoring.submit_return(partner_return=health, by=scene.people["health"])
    scoring.withdraw_return(partner_return=health, by=scene.people["health"])
    assert telling({"lead": crawl(scene.client("lead"), addresses(scene))}, "Zebrafinch") == []


def test_a_partner_that_never_submitted_stays_closed_after_the_reveal(scene):
    """The lead closes scoring without Health: what Health had written is never shown."""
    scene.answer("local_authority", "2")
    scoring.submit_return(partner_return=scene.returns["local_authority"], by=scene.people["lead"])
    scoring.close_scoring(
        assessment=scene.assessment, reason="Health is late.", by=scene.people["lead"]
    )
    scene.assessment.refresh_from_db()
    found = {"social_care": crawl(scene.client("social_care"), addresses(scene))}
    assert (
        found["social_care"][reverse("assessments:moderation", args=[scene.assessment.pk])][0]
        == 200
    )
    assert telling(found, "Zebrafinch") == []


def test_an_assessment_cancelled_before_the_reveal_stays_closed_for_good(scene, programme, editor):
    cancel_assessment(
        assessment=scene.assessment, reason="We start again.", by=scene.people["lead"]
    )
    clients = others(scene, programme, editor)
    assert telling(all_pages(clients, scene), "Zebrafinch", "Numbat") == []
    own = crawl(scene.client("health"), addresses(scene))
    assert len(telling({"health": own}, "Zebrafinch")) >= 3


# ---- After it ----------------------------------------------------------------------------------


def reveal(own: Partnership) -> None:
    for sector in own.returns:
        if sector != "health":
            own.answer(sector, "2")
    for sector, row in own.returns.items():
        scoring.submit_return(partner_return=row, by=own.people[sector])
    own.assessment.refresh_from_db()
    assert own.assessment.stage == Assessment.Stage.MODERATION
    for statement in own.statements:
        factories.AgreedScoreFactory(
            assessment=own.assessment, statement=statement, saved_by=own.people["lead"]
        )
    moderation.record_dissent(
        partner_return=own.returns["health"],
        statement=own.statement(LINKED),
        text=DISSENT,
        by=own.people["health"],
    )


def submit(own: Partnership) -> None:
    own.move_to(Assessment.Stage.SUBMITTED)
    freeze(own.assessment)


def address(own: Partnership, name: str, *more: Any) -> str:
    return reverse(f"assessments:{name}", args=[own.assessment.pk, *more])


def test_after_the_reveal_those_who_scored_see_every_reason(scene):
    reveal(scene)
    for who in ("lead", "social_care", "parent_carers"):
        page = scene.client(who).get(address(scene, "moderate", LINKED)).content.decode()
        assert REASON in page
        assert DISSENT in page


def test_board_members_see_them_from_sign_off_on(scene):
    reveal(scene)
    board = scene.client("health_board")
    assert board.get(address(scene, "report")).status_code == 403
    scene.move_to(Assessment.Stage.SIGN_OFF)
    assert REASON in everything_of_the_report(board, scene)


def everything_of_the_report(client: Client, own: Partnership) -> str:
    """The report and every page of it."""
    start = address(own, "report")
    found = crawl_within(client, start)
    assert found[start][0] == 200
    return "".join(body.decode() for _, body in found.values())


def crawl_within(client: Client, start: str) -> dict[str, tuple[int, bytes]]:
    first = client.get(start)
    inner = {link for link in links(start, first.content) if link.startswith(start)}
    found = {}
    for one in {start, *inner}:
        answer = client.get(one)
        body = TOKEN.sub("", answer.content.decode("utf-8", "replace"))
        found[one] = answer.status_code, body.encode()
    return found


def test_programme_staff_read_neither_reasons_nor_dissent_of_a_submitted_report(
    scene, programme, editor
):
    reveal(scene)
    submit(scene)
    StoredReport.objects.update(
        pdf=b"with partners", programme_pdf=b"without", pdf_made_at=scene.assessment.submitted_at
    )
    client = client_of(programme)
    found = {"programme": crawl(client, addresses(scene))}
    assert found["programme"][address(scene, "report")][0] == 200
    assert telling(found, "Zebrafinch", "Axolotl", "with partners") == []
    assert client.get(address(scene, "report-pdf")).content == b"without"
    assert scene.client("viewer").get(address(scene, "report-pdf")).content == b"with partners"
    without = report_html(contents_of(scene.assessment, shows_partners=False))
    assert "Zebrafinch" not in without
    assert "Axolotl" not in without


def test_programme_staff_cannot_tell_a_partner_s_level_from_a_submitted_report(scene, programme):
    reveal(scene)
    found = []
    for level in ("1", "4"):
        with transaction.atomic():
            unprotected_update_of_health(scene, level)
            submit(scene)
            StoredReport.objects.update(
                pdf=b"-", programme_pdf=b"-", pdf_made_at=scene.assessment.submitted_at
            )
            hidden = StoredReport.objects.get().sha256
            seen = crawl(client_of(programme), addresses(scene))
            found.append(
                {
                    page: (
                        status,
                        body.replace(hidden.encode(), b"").replace(hidden[:8].encode(), b""),
                    )
                    for page, (status, body) in seen.items()
                }
            )
            transaction.set_rollback(True)
        scene.assessment.refresh_from_db()
    assert different({"programme": found[0]}, {"programme": found[1]}) == []


def unprotected_update_of_health(own: Partnership, level: str) -> None:
    """Scores are frozen by now, in PostgreSQL by the database itself: open it for a moment."""
    rows = models.QuerySet(Assessment).filter(pk=own.assessment.pk)
    kept = rows.values("stage", "revealed_at", "revealed_by").get()
    rows.update(stage=Assessment.Stage.SCORING, revealed_at=None, revealed_by=None)
    models.QuerySet(Score).filter(partner_return=own.returns["health"]).update(answer=level)
    rows.update(**kept)


def test_programme_staff_read_them_once_the_area_consents_and_no_longer_when_it_stops(
    scene, programme
):
    reveal(scene)
    submit(scene)
    client = client_of(programme)
    assert REASON not in everything_of_the_report(client, scene)
    consent = {"yes": True, "no": False}
    for answer, expected in consent.items():
        scene.client("lead").post(address(scene, "consent"), {"dfe_sees_partners": answer})
        page = everything_of_the_report(client, scene)
        assert (REASON in page, DISSENT in page) == (expected, expected)


def test_another_area_never_reads_them(scene, other_partnership):
    reveal(scene)
    submit(scene)
    for who in ("lead", "health"):
        found = {who: crawl(other_partnership.client(who), addresses(scene))}
        assert telling(found, "Zebrafinch", "Axolotl") == []
