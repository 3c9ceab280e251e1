"""Whatever is sent, to whichever form, query, address or method: the portal never breaks.

An answer is refused, ignored or taken, but it is never a server error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.models import Assessment, Evidence, Score, SignOff
from tests import factories
from tests.conftest import Partnership, client_of, make_partnership
from tests.factories import PASSWORD
from tests.test_access import ADMIN, House, build, methods_of, own_urls, pages

LONG = "a" * 100_000
NASTY: dict[str, Any] = {
    "nothing": "",
    "blanks": " \t\r\n\u00a0\u2003",
    "very long": LONG,
    "a NUL byte": "a\x00b",
    "emoji": "🏳️‍🌈👩‍👩‍👧‍👦\U0001f9ff",
    "right to left": "\u202egnp.exe\u2066",
    "lone accents": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘",
    "a noncharacter": "\ufffe\uffff\U0010ffff",
    "a huge number": "99999999999999999999999999",
    "past 32 bits": "2147483648",
    "a negative number": "-1",
    "zero": "0",
    "a fraction": "1e309",
    "not a number": "NaN",
    "true": "true",
    "other digits": "१२",
    "several": ["1", "2", "99999999999999999999"],
    "SQL": "' OR 1=1; DROP TABLE areas_user; --",
    "HTML": "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "a template": "{{ settings.SECRET_KEY }}{% load x %}%(limit_value)s {0}",
    "a path": "../../../../etc/passwd\x7f",
    "an address": "javascript:alert(1)//http://[::1",
}
# Tried in each field by itself too, so that the others pass.
ALONE = {"nothing", "a NUL byte", "emoji", "a huge number", "several", "HTML"}
# Measuring lines would take a minute; smaller tests run the same ones.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.no_cover]


def client_for(house, form) -> Client:
    """Who fills the form in; where it asks for the password again, it has just been given."""
    client = house.client(form.who)
    if form.page == "areas:tokens":
        client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def broken(client: Client, method: str, *what: Any, **how: Any) -> int | None:
    """The status when it is a server error; the database is as before."""
    client.raise_request_exception = False
    with transaction.atomic():
        answer = getattr(client, method)(*what, **how)
        transaction.set_rollback(True)
    return answer.status_code if answer.status_code >= 500 else None


def report(found: dict[Any, int]) -> str:
    return "\n".join(f"{status}: {what}" for what, status in found.items())


# ---- Forms -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """One form that a person may send at a stage; `data` is what the portal would take."""

    stage: str
    who: str
    page: str
    data: dict[str, Any] = field(default_factory=dict)
    drop: tuple[str, ...] = ()


DATE = {"day": "1", "month": "March", "year": "2031"}
START = {
    "purpose": "baseline",
    "title": "Spring",
    **{
        f"{name}_{part}": value
        for name in ("scoring_closes_on", "moderation_on", "sign_off_by")
        for part, value in DATE.items()
    },
}
GRACE = {**{f"until_{part}": value for part, value in DATE.items()}, "reason": "Why"}
EVIDENCE = {
    "title": "Minutes",
    "kind": "minutes",
    "address": "https://documents.example/minutes",
    "shows": "What was decided.",
    "owner": "",
    **{f"{name}_on_{part}": value for name in ("dated", "review") for part, value in DATE.items()},
}
ITEM = EVIDENCE | {"version": "1"}
OPENED, CLOSED, OPENS = (
    {f"{name}_{part}": value for part, value in DATE.items()}
    for name in ("opened_on", "closed_on", "opens_on")
)
LINK = {"choose": "1", "evidence": "1"}
AGREED = {"answer": "2", "rationale": "Yes.", "outside_reason": "", "version": "1", "then": "next"}
COMMENT = {"text": "Why", "mentioned": ""}
ACTION = {
    "what": "Do it",
    "body": "",
    "owner": "Head of SEND",
    "measure": "It is done.",
    "priority": "family-every-stage",
    **{f"due_on_{part}": value for part, value in DATE.items()},
}
NOTE = {
    "text": "A call",
    "category": "contact",
    **{f"follow_up_on_{part}": value for part, value in DATE.items()},
}
CHECK_IN = {"kind": "dfe", **{f"on_{part}": value for part, value in DATE.items()}}
MOVE = {"seen": "2026-01-01", **{f"on_{part}": value for part, value in DATE.items()}}
NOTE = {
    "outcome": "not_held",
    "not_held_because": "Why",
    "blocker": "That",
    "next_step": "Go on",
    "version": "0",
    **{f"held_on_{part}": "" for part in DATE},
    **{f"next_on_{part}": value for part, value in DATE.items()},
}
RECORD = {
    "level": "2",
    "what_changed": "This",
    "how_we_know": "So",
    "evidence": "",
    "blocker": "That",
    "next_step": "Go on",
    "body": "",
    "version": "1",
    **{f"next_on_{part}": value for part, value in DATE.items()},
}
FORMS = [
    Form("submitted", "lead", "assessments:new", START),
    Form("setup", "lead", "assessments:choose-partners", {"partners": "1", "reason_health": "Why"}),
    Form(
        "scoring", "lead", "areas:partners", {"sector": "health", "name": "A new trust", "icb": ""}
    ),
    Form("scoring", "lead", "areas:change-partner", {"sector": "health", "name": "B", **OPENED}),
    Form("scoring", "lead", "areas:close-partner", CLOSED),
    Form(
        "scoring",
        "lead",
        "areas:replace-partner",
        {"successor": "", "name": "B", "move_people": "on", **OPENS},
    ),
    Form(
        "scoring",
        "lead",
        "areas:invite",
        {"addresses": "ann@area.example", "role": "viewer", "partner": ""},
    ),
    Form("scoring", "lead", "areas:resend-invitation"),
    Form("scoring", "lead", "areas:revoke-invitation"),
    Form("scoring", "lead", "areas:change-membership", {"role": "viewer", "partner": ""}),
    Form("scoring", "lead", "areas:remove-membership"),
    Form(
        "scoring",
        "nobody",
        "areas:invitation",
        {"name": "Ann", "job_title": "Head", "password": PASSWORD},
    ),
    Form("scoring", "contr", "areas:my-details", {"name": "Ann", "job_title": "Head"}),
    Form("scoring", "contr", "areas:leave"),
    Form("scoring", "contr", "areas:reminders", {"wants": "no"}),
    Form("scoring", "contr", "areas:tokens", {"name": "Dashboard"}),
    Form("scoring", "contr", "areas:revoke-token"),
    Form("scoring", "nobody", "areas:stop-reminders", {"wants": "no"}),
    Form("scoring", "nobody", "areas:stop-reminders-at-once", {"List-Unsubscribe": "One-Click"}),
    Form("scoring", "lead", "assessments:change-dates", START | {"reason": "Why"}),
    Form("scoring", "lead", "assessments:give-grace", GRACE),
    Form("scoring", "lead", "assessments:close-scoring", {"reason": "Why"}),
    Form("scoring", "lead", "assessments:consent", {"dfe_sees_partners": "yes"}),
    Form("submitted", "lead", "assessments:make-pdf-again"),
    Form(
        "scoring",
        "contr",
        "assessments:score",
        {"answer": "3", "reason": "Why", "version": "1", "then": "next"},
    ),
    Form("scoring", "contr", "assessments:return of Health", {"confirm": "on"}),
    Form(
        "scoring",
        "contr",
        "assessments:upload-workbook",
        {"rows": "signed", "replace": "family-every-stage"},
    ),
    Form("scoring", "contr", "assessments:withdraw"),
    Form("scoring", "contr", "assessments:add-to-library", EVIDENCE),
    Form("scoring", "contr", "assessments:change-evidence", ITEM),
    Form("scoring", "contr", "assessments:retire-evidence"),
    Form("scoring", "contr", "assessments:restore-evidence"),
    Form("scoring", "lead", "assessments:add-action", ACTION),
    Form("submitted", "lead", "assessments:add-action", ACTION),
    Form("scoring", "lead", "assessments:change-action", ACTION | {"version": "1"}),
    Form(
        "scoring",
        "contr",
        "assessments:record-progress",
        {"version": "1", "status": "no_action", "note": "Why"},
    ),
    Form("scoring", "contr", "assessments:record-impact", {"text": "Less"}),
    Form("scoring", "lead", "assessments:ask-support", {"area": "", "why": "Why"}),
    Form("scoring", "lead", "assessments:withdraw-support"),
    Form("scoring", "lead", "assessments:plan-check-in", CHECK_IN),
    Form("scoring", "lead", "assessments:change-check-in", CHECK_IN | {"version": "1"}),
    Form("scoring", "lead", "assessments:cancel-check-in"),
    Form(
        "scoring",
        "lead",
        "assessments:choose-priorities",
        {"statements": "family-every-stage", "reason": "Why", "version": "1"},
    ),
    Form("scoring", "lead", "assessments:record-priority", RECORD),
    Form("scoring", "lead", "assessments:agree-check-in of open"),
    Form("scoring", "progr", "assessments:agree-check-in of sent"),
    Form("scoring", "lead", "assessments:reopen-check-in of open", {"reason": "Why"}),
    Form("scoring", "progr", "assessments:reopen-check-in of sent", {"reason": "Why"}),
    Form("scoring", "progr", "assessments:schedule-check-in", CHECK_IN | {"area": "", "owner": ""}),
    *(
        Form("scoring", "progr", f"assessments:move-check-in of {kind}", MOVE)
        for kind in ("open", "sent")
    ),
    *(
        Form("scoring", "progr", f"assessments:call-off-check-in of {kind}", {"reason": "Why"})
        for kind in ("open", "sent")
    ),
    Form("scoring", "progr", "assessments:assign-check-in", {"version": "0", "owner": ""}),
    Form("scoring", "progr", "assessments:note-check-in", NOTE),
    *(
        Form("scoring", "progr", f"assessments:send-agenda of {kind}", {"again": "on"})
        for kind in ("open", "sent")
    ),
    Form("scoring", "contr", "assessments:add-evidence", EVIDENCE),
    Form("scoring", "contr", "assessments:add-evidence", LINK),
    Form("scoring", "contr", "assessments:unlink-evidence of Health"),
    Form("moderation", "lead", "assessments:moderate", AGREED),
    Form("moderation", "lead", "assessments:meeting", AGREED),
    Form("scoring", "lead", "areas:stay-signed-in"),
    Form("moderation", "contr", "assessments:record-dissent", {"text": "No", "partner_return": ""}),
    Form("moderation", "contr", "assessments:withdraw-dissent"),
    Form("scoring", "contr", "assessments:return-comments", COMMENT),
    Form("moderation", "contr", "assessments:comments", COMMENT),
    *(
        Form("moderation", "contr", f"assessments:{act}-comment of {kind}")
        for act in ("resolve", "withdraw")
        for kind in ("Health", "meeting")
    ),
    Form("moderation", "lead", "assessments:quorum-reason", {"sector": "health", "reason": "Why"}),
    Form("moderation", "lead", "assessments:accept-aligned", {"statement": "family-every-stage"}),
    Form("moderation", "lead", "assessments:finish-moderation", {"confirm": "on"}),
    Form("moderation", "lead", "assessments:add-meeting-evidence", EVIDENCE),
    Form("moderation", "lead", "assessments:unlink-evidence of meeting"),
    Form(
        "sign_off",
        "board",
        "assessments:sign",
        {"decision": "reservation", "text": "But", "name": "A", "role": "B"},
    ),
    Form("sign_off", "lead", "assessments:submit", {"reason": "Why"}),
    Form("sign_off", "lead", "assessments:return-to-moderation", {"reason": "Why"}),
    Form("moderation", "lead", "assessments:cancel", {"reason": "Why", "confirm": "on"}),
    Form(
        "submitted",
        "lead",
        "assessments:correct",
        {"reason": "Why", **{f"sign_off_by_{part}": value for part, value in DATE.items()}},
    ),
    Form(
        "submitted",
        "lead",
        "assessments:publish-summary",
        {"contact": "Ring us.", "confirm": "on"},
    ),
    Form("submitted", "lead", "assessments:withdraw-summary"),
    Form("scoring", "progr", "assessments:add-note", NOTE),
    Form("scoring", "progr", "assessments:correct-note", NOTE | {"number": "1"}),
    Form("scoring", "progr", "assessments:withdraw-note", {"reason": "Why", "number": "1"}),
]


def test_every_form_of_the_project_is_fuzzed():
    posting = {page for page in pages() if "POST" in methods_of(page)}
    assert posting == {form.page for form in FORMS} | {"assessments:return of council"}


@pytest.fixture
def house(request, framework, programme, editor) -> House:
    made = build(request.param, programme, editor)
    # Two statements are left to agree, and one sector gave no level.
    if request.param == "moderation":
        made.partnership.assessment.agreed_scores.filter(statement__number=1).delete()
    return made


@pytest.mark.parametrize(
    "house", ["setup", "scoring", "moderation", "sign_off", "submitted"], indirect=True
)
def test_no_form_breaks_on_any_value_in_any_field(house):
    stage = house.partnership.assessment.stage
    found = {}
    for form in (form for form in FORMS if form.stage == stage):
        client, url = client_for(house, form), house.url(form.page)
        for kind, value in NASTY.items():
            alone = [{name} for name in form.data] if kind in ALONE else []
            for fields in [set(form.data), *alone]:
                data = form.data | dict.fromkeys(fields, value)
                if status := broken(client, "post", url, data):
                    found[form.page, kind, ", ".join(sorted(fields))] = status
    assert not found, report(found)


@pytest.mark.parametrize("house", ["scoring", "moderation"], indirect=True)
def test_no_form_breaks_on_a_body_that_is_no_form(house):
    stage = house.partnership.assessment.stage
    bodies = [
        (b"answer=%ff%fe&version=%00&reason=\xff\xfe", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00&&&=&=&;", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"answer=1", "application/x-www-form-urlencoded; charset=nonsense"),
        (b'{"answer": "1"}', "application/json"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (
            b"&".join(b"a%d=1" % number for number in range(1500)),
            "application/x-www-form-urlencoded",
        ),
        (b"", ""),
    ]
    found = {}
    for form in (form for form in FORMS if form.stage == stage):
        for body, kind in bodies:
            status = broken(
                client_for(house, form),
                "generic",
                "POST",
                house.url(form.page),
                data=body,
                content_type=kind,
            )
            if status:
                found[form.page, kind, body[:20]] = status
    assert not found, report(found)


@pytest.mark.parametrize("house", ["scoring"], indirect=True)
@pytest.mark.parametrize("version", [None, "", "-1", "1.5", "१", "1000001", "9" * 30, "abc"])
def test_a_score_without_the_version_that_was_seen_is_refused(house, version):
    data = {"answer": "3", "reason": "Another reason"}
    if version is not None:
        data["version"] = version
    answer = house.client("contr").post(house.url("assessments:score"), data)
    # Other digits are digits: they are read as a version, which is the one that was seen.
    assert answer.status_code == (302 if version == "१" else 400)
    assert Score.objects.filter(answer="3").exists() == (version == "१")


@pytest.mark.parametrize("house", ["moderation"], indirect=True)
@pytest.mark.parametrize("version", [None, "", "-1", "abc", "9" * 30])
def test_an_agreed_level_without_the_version_that_was_seen_is_refused(house, version):
    data = {"answer": "1", "rationale": "We changed our minds.", "outside_reason": "Because."}
    if version is not None:
        data["version"] = version
    answer = house.client("lead").post(house.url("assessments:moderate"), data)
    assert answer.status_code == 400
    assert not house.partnership.assessment.agreed_scores.filter(answer="1").exists()


NO_DAYS = [
    ("31", "2", "2031"), ("29", "February", "2031"), ("0", "1", "2031"), ("1", "13", "2031"),
    ("1", "1", "99999"), ("1", "1", "31"), ("1", "1", "0000"), ("-1", "1", "2031"),
    ("1", "Smarch", "2031"), ("१२३", "1", "2031"), ("1", "1", "²⁰³¹"), ("", "1", "2031"),
    ("1.5", "1", "2031"), ("1", "1", "1e3 "),
]  # fmt: skip


@pytest.mark.parametrize("house", ["submitted"], indirect=True)
def test_a_day_that_does_not_exist_is_refused(house):
    parts = [f"scoring_closes_on_{part}" for part in ("day", "month", "year")]
    for day in NO_DAYS:
        data = START | dict(zip(parts, day, strict=True))
        answer = house.client("lead").post(house.url("assessments:new"), data)
        assert answer.status_code == 400, day
    assert Assessment.objects.under_way().count() == 0


@pytest.mark.parametrize("house", ["scoring"], indirect=True)
@pytest.mark.parametrize("answer", ["5", "0", "not_agreed", "1 ", "LEVEL_1", "१", "NULL"])
def test_an_answer_that_does_not_exist_is_never_kept(house, answer):
    house.client("contr").post(
        house.url("assessments:score"), {"answer": answer, "reason": "Why", "version": "1"}
    )
    kept = Score.objects.get(
        partner_return=house.partnership.returns["health"], statement__slug="family-every-stage"
    )
    assert kept.answer in {"2", answer.strip() if answer == "1 " else "2"}


@pytest.mark.parametrize("house", ["scoring"], indirect=True)
def test_evidence_is_never_added_for_a_partner_of_another_area(house):
    foreign = house.other.partners["health"]
    data = EVIDENCE | {"owner": foreign.pk}
    answer = house.client("contr").post(house.url("assessments:add-evidence"), data)
    assert answer.status_code == 400
    assert not Evidence.objects.filter(title=data["title"]).exists()


@pytest.mark.parametrize("house", ["scoring"], indirect=True)
def test_evidence_of_another_area_is_never_linked(house):
    foreign = factories.EvidenceFactory(owner=house.other.partners["health"])
    factories.EvidenceFactory(owner=house.partnership.partners["health"])
    answer = house.client("contr").post(
        house.url("assessments:add-evidence"), {"choose": "1", "evidence": foreign.pk}
    )
    assert answer.status_code == 400
    assert not foreign.links.exists()


@pytest.mark.parametrize("house", ["moderation"], indirect=True)
def test_dissent_is_never_recorded_for_another_partner(house):
    own = house.partnership
    before = own.assessment.dissents.count()
    answer = house.client("contr").post(
        house.url("assessments:record-dissent"),
        {"text": "No", "partner_return": own.returns["schools"].pk},
    )
    assert answer.status_code == 400
    assert own.assessment.dissents.count() == before


@pytest.mark.parametrize("house", ["setup"], indirect=True)
def test_a_partner_of_another_area_is_never_chosen(house):
    own, foreign = house.partnership, house.other.partners["health"]
    data = {"partners": [*(p.pk for p in own.partners.values()), foreign.pk]}
    answer = house.client("lead").post(house.url("assessments:choose-partners"), data)
    assert answer.status_code == 400
    assert not own.assessment.returns.filter(partner=foreign).exists()


@pytest.mark.parametrize("house", ["sign_off"], indirect=True)
def test_nobody_signs_for_another_partner(house):
    own = house.partnership
    url = reverse("assessments:sign", args=[own.assessment.pk, own.returns["schools"].pk])
    data = {"decision": "agree", "text": "", "name": "A", "role": "B"}
    assert house.client("board").post(url, data).status_code == 404
    assert not SignOff.objects.exists()


# ---- Queries, addresses, methods ---------------------------------------------------------------

QUERIES = {
    "/ingredients/": ["version"],
    "/ingredients/leadership/": ["version"],
    "/guidance/": ["q", "ingredient", "kind"],
    "/support/": ["q", "ingredient", "term", "cost"],
    "/glossary/": ["q"],
    "/areas/": ["q"],
    "{area}evidence/": ["q", "kind", "owner", "state", "page"],
    "{score}evidence/": ["q"],
    "/account/login/": ["next"],
}
BAD_QUERIES = ["%ff%fe", "q=%ff", "q=%00", "%00=%00", "=&&=", "q", "q[]=1&q[0]=2", "q=%F0%9F%92"]


@pytest.fixture
def own(framework) -> Partnership:
    return make_partnership()


def test_no_query_breaks_a_page(own):
    client = own.client("lead")
    found = {}
    area = reverse("assessments:area-home", args=[own.area.dfe_code])
    row = own.returns["local_authority"]
    score = reverse("assessments:score", args=[own.assessment.pk, row.pk, "family-every-stage"])
    for template, names in QUERIES.items():
        url = template.format(area=area, score=score)
        for kind, value in NASTY.items():
            # A server takes no address of 100,000 characters.
            given_value = value[:4000] if isinstance(value, str) else value
            for name in [*names, "unknown"]:
                if status := broken(client, "get", url, {name: given_value}):
                    found[url, name, kind] = status
        for query in BAD_QUERIES:
            for name in names:
                asked = f"{url}?{query.replace('q=', f'{name}=')}"
                if status := broken(client, "get", asked):
                    found[asked] = status
    assert not found, report(found)


ADMIN_QUERIES = [
    "q", "o", "p", "_facets", "_to_field", "region", "is_active__exact", "memberships__role__exact",
    "framework__id__exact", "at__year", "at__month", "at__gte", "id__exact", "id__in", "area__id",
    "user__password__startswith", "unknown",
]  # fmt: skip


def test_no_query_breaks_the_admin_site(framework, editor):
    factories.AuditEventFactory()
    client = client_of(editor)
    lists = [reverse(f"admin:{name}_changelist") for name, rights in ADMIN.items() if rights]
    values = {kind: NASTY[kind] for kind in ("a NUL byte", "a huge number", "HTML")}
    found = {}
    for url in lists:
        for name in ADMIN_QUERIES:
            for kind, value in values.items():
                if status := broken(client, "get", url, {name: value}):
                    found[url, name, kind] = status
    autocomplete = {
        "app_label": "areas",
        "model_name": "membership",
        "field_name": "user",
        "term": "",
    }
    for name in autocomplete:
        for kind, value in NASTY.items():
            given_value = value[:2000] if isinstance(value, str) else value
            if status := broken(
                client, "get", "/admin/autocomplete/", autocomplete | {name: given_value}
            ):
                found["autocomplete", name, kind] = status
    assert not found, report(found)


ADDING = [name for name, rights in ADMIN.items() if "add" in rights]


@pytest.mark.parametrize("model", ADDING)
def test_no_form_of_the_admin_site_breaks(framework, editor, model):
    client = client_of(editor)
    url = reverse(f"admin:{model}_add")
    names = list(client.get(url).context["adminform"].form.fields)
    extra = {f"codes-{part}_FORMS": "0" for part in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")}
    found = {}
    for kind, value in NASTY.items():
        if status := broken(client, "post", url, extra | dict.fromkeys(names, value)):
            found[kind] = status
    assert not found, report(found)


IDS = ["0", "2147483648", "99999999999999999999", "9" * 4000]
WORDS = ["none", "_", "a" * 3000, "%00", "%ff", "%2e%2e", "a%2Fb", "१२"]


@pytest.mark.parametrize("house", ["moderation"], indirect=True)
def test_an_address_of_something_that_is_not_there_is_answered_404(house):
    found = {}
    # The API asks for a token first: tests/assessments/test_api_document.py.
    for page in [page for page in pages() if not page.startswith("assessments:api-")]:
        name = page.partition(" of ")[0]
        converters = own_urls()[name].pattern.converters
        right = house.url(page)
        for part in converters:
            for value in IDS if type(converters[part]).__name__ == "IntConverter" else WORDS:
                url = "/" + _address(house, name, page, part, value)
                for who in ("lead", "contr"):
                    for method in methods_of(page):
                        client = house.client(who)
                        client.raise_request_exception = False
                        with transaction.atomic():
                            status = getattr(client, method.lower())(url).status_code
                            transaction.set_rollback(True)
                        # Who may not use the page is told so first; so is the stage in sign-off.
                        known = {404, 403, 409} if page == "assessments:sign" else {404, 403}
                        if status not in known and url != right:
                            found[url[:80], who, method] = status
    assert not found, report(found)


def _address(house: House, name: str, page: str, part: str, value: str) -> str:
    kind = page.partition(" of ")[2]
    objects = house.objects | house.objects.get(name, {}) | house.objects.get(kind, {})
    text = str(own_urls()[name].pattern)
    for found in own_urls()[name].pattern.converters:
        for converter in ("int", "slug"):
            text = text.replace(
                f"<{converter}:{found}>", value if found == part else str(objects[found])
            )
    return text


@pytest.mark.once  # refused before anything is read
@pytest.mark.parametrize("house", ["scoring"], indirect=True)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_no_page_knows_is_refused(house, method):
    client = house.client("lead")
    assert {page: client.generic(method, house.url(page)).status_code for page in pages()} == (
        dict.fromkeys(pages(), 405)
    )


@pytest.mark.parametrize("house", ["scoring"], indirect=True)
def test_head_is_answered_as_get_without_a_body(house):
    client = house.client("lead")
    for page in pages():
        if "GET" in methods_of(page):
            url = house.url(page)
            answer = client.head(url)
            assert (answer.status_code, answer.getvalue()) == (client.get(url).status_code, b""), (
                page
            )


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "testserver:99999999"},
        {"HTTP_ACCEPT_LANGUAGE": "xx-" + "y" * 5000},
        {"HTTP_COOKIE": "sessionid=" + "é" * 500 + "; csrftoken=\xff; =; ;;"},
        {"HTTP_COOKIE": "messages=W1siX19qc29uX21lc3NhZ2UiXV0:bad:sign"},
        {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "<script>"},
        {"HTTP_X_FORWARDED_FOR": "<script>, 999.999.999.999"},
        {"HTTP_IF_MODIFIED_SINCE": "yesterday"},
        {"HTTP_RANGE": "bytes=9-1"},
        {"REMOTE_ADDR": "not an address"},
    ],
)
def test_no_header_breaks_a_page(db, headers):
    for url in ("/", "/account/login/", "/areas/"):
        assert broken(Client(), "get", url, **headers) is None
    data = {"login": "nobody@area.example", "password": "wrong"}
    assert broken(Client(), "post", "/account/login/", data, **headers) is None


# ---- Signing in --------------------------------------------------------------------------------

ACCOUNT_FORMS = {
    "/account/login/": ["login", "password", "next", "remember"],
    "/account/login/code/": ["email", "next"],
    "/account/login/code/confirm/": ["code", "action", "next"],
    "/account/password/reset/": ["email"],
    "/account/password/reset/key/1-set-password/": ["password1", "password2"],
    "/account/signup/": ["email", "password1", "password2"],
    "/account/logout/": ["next"],
    "/account/password/change/": ["oldpassword", "password1", "password2"],
    "/account/password/set/": ["password1", "password2"],
    "/account/reauthenticate/": ["password", "next"],
}


@pytest.mark.parametrize("url", list(ACCOUNT_FORMS))
@pytest.mark.parametrize("signed_in", [True, False])
def test_no_form_of_signing_in_breaks(db, url, signed_in):
    user = factories.UserFactory()
    found = {}
    for kind, value in NASTY.items():
        client = client_of(user) if signed_in else Client()
        data = dict.fromkeys(ACCOUNT_FORMS[url], value)
        if status := broken(client, "post", url, data):
            found[kind] = status
        if "login" in data and (
            status := broken(client, "post", url, data | {"login": user.email})
        ):
            found[kind, "of somebody"] = status
    assert not found, report(found)


# ---- Texts that nobody thought of --------------------------------------------------------------

few = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
texts = st.text(
    st.characters(codec="utf-8"), max_size=300
)  # what a browser can send: lone surrogates cannot be


@few
@given(answer=texts, reason=texts, version=texts | st.integers().map(str), then=texts)
def test_no_text_breaks_a_score(own, answer, reason, version, then):
    row = own.returns["health"]
    url = reverse("assessments:score", args=[own.assessment.pk, row.pk, "family-every-stage"])
    data = {"answer": answer, "reason": reason, "version": version, "then": then}
    assert broken(own.client("health"), "post", url, data) is None


@few
@given(reason=texts.filter(lambda text: text.strip() and "\x00" not in text))
def test_a_reason_is_kept_as_it_was_typed(own, reason):
    row = own.returns["health"]
    url = reverse("assessments:score", args=[own.assessment.pk, row.pk, "family-every-stage"])
    with transaction.atomic():
        own.client("health").post(url, {"answer": "2", "reason": reason, "version": "0"})
        kept = Score.objects.get(partner_return=row).reason
        transaction.set_rollback(True)
    assert kept == reason.replace("\r\n", "\n").strip()


@few
@given(words=texts)
def test_no_words_break_a_search(own, words):
    client = own.client("lead")
    for url in ("/guidance/", "/support/", "/glossary/", "/areas/"):
        assert broken(client, "get", url, {"q": words}) is None


ADDRESSES = (
    "/programme/", "/programme.csv", "/programme.json", "/programme.xlsx", "/programme/statistics.zip",
    "/programme/distributions/", "/programme/side-by-side/", "/programme/trends/", "/programme/sector-gaps/",
    "/programme/check-ins/", "/programme/check-ins.csv", "/programme/check-ins.ics",
    "/programme/support/", "/programme/support.csv",
)  # fmt: skip
FILTERS = (
    "q", "region", "band", "sort", "ingredient", "level", "similar", "mark", "version", "areas",
    "as_at_day", "as_at_month", "as_at_year", "first", "second", "owner", "state", "term",
)  # fmt: skip


@few
@given(asked=st.dictionaries(st.sampled_from(FILTERS), texts | st.integers().map(str)))
def test_no_filter_breaks_a_comparison(own, programme, asked):
    client = client_of(programme)
    for url in ADDRESSES:
        assert broken(client, "get", url, asked) is None


@few
@given(name=texts, sector=texts)
def test_no_text_breaks_a_partner(own, name, sector):
    url = reverse("areas:partners", args=[own.area.dfe_code])
    for given_sector in (sector, "health"):
        data = {"name": name, "sector": given_sector}
        assert broken(own.client("lead"), "post", url, data) is None
