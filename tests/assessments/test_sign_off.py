"""Partners sign; the last required signature submits."""

import hashlib
import json

import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from areas.models import AuditEvent
from areas.permissions import Role
from assessments.actions.errors import NotNowError
from assessments.actions.sign_off import _submit, missing_signatures, sign, submit_with_reason
from assessments.models import Assessment, SignOff, StoredReport
from assessments.reports.build import contents_of
from assessments.reports.contents import Reason
from tests.assessments.pages import (
    cells,
    chosen,
    heading,
    held,
    problems,
    sentences,
    soup,
    text,
    words,
)
from tests.assessments.shortcuts import agree, open_sign_off
from tests.factories import MembershipFactory

REQUIRED = ["local_authority", "health", "social_care", "parent_carers"]


@pytest.fixture
def open_report(partnership):
    partnership.reveal()
    agree(partnership)
    open_sign_off(partnership)
    return partnership


def overview_url(partnership):
    return reverse("assessments:sign-off", args=[partnership.assessment.pk])


def url(partnership, sector):
    row = partnership.returns[sector]
    return reverse("assessments:sign", args=[row.assessment_id, row.pk])


def submit_url(partnership):
    return reverse("assessments:submit", args=[partnership.assessment.pk])


def post(partnership, sector="health", **data):
    given = {"decision": "agree", "text": "", "name": "Ann Other", "role": "Director"} | data
    return partnership.client(f"{sector}_board").post(url(partnership, sector), given)


def stage():
    return Assessment.objects.get().stage


def signatures():
    return list(
        SignOff.objects.order_by("pk").values_list("partner_return__code", "decision", "text")
    )


# ---- The overview ------------------------------------------------------------------------------


def test_overview_says_who_has_signed_and_who_is_waited_for(open_report):
    post(open_report, "health", decision="reservation", text="But the data is old.")
    page = soup(open_report.client("schools_board").get(overview_url(open_report)))
    assert "1 of 6 have signed" in words(page.main)
    rows = cells(page.find("table"))
    assert rows[0] == ["Moorland Council required", "Not signed", "Waiting"]
    assert rows[1][:2] == [
        "Moorland Health required", "Agrees, with a reservation “But the data is old.”",
    ]  # fmt: skip
    assert rows[1][2].startswith("Ann Other, Director, ")
    assert rows[3] == ["Moorland Schools", "Not signed", "Waiting"]


def test_overview_offers_to_sign_for_own_partner_until_it_is_signed(open_report):
    client = open_report.client("health_board")
    page = soup(client.get(overview_url(open_report)))
    assert [link["href"] for link in page.select("a[role=button]")] == [url(open_report, "health")]
    post(open_report, "health")
    assert soup(client.get(overview_url(open_report))).select("a[role=button]") == []


def test_overview_of_the_lead_has_the_ways_out_and_no_signature(open_report):
    page = soup(open_report.client("lead").get(overview_url(open_report)))
    assert page.select("a[role=button]") == []
    assert page.find("a", href=submit_url(open_report))
    assert "Go back to moderation" in words(page.main)
    post(open_report, "health")
    page = soup(open_report.client("lead").get(overview_url(open_report)))
    assert "then this signature no longer counts" in words(page.main)


def test_overview_before_sign_off_says_when_it_opens(partnership):
    partnership.reveal()
    response = partnership.client("health_board").get(overview_url(partnership))
    assert response.status_code == 409
    assert "Sign-off opens when the lead has finished moderation." in text(response)


def test_overview_by_a_viewer_is_not_found(open_report):
    assert open_report.client("viewer").get(overview_url(open_report)).status_code == 404


# ---- Sign ---------------------------------------------------------------------------------------


def test_sign_page_says_what_is_signed_and_fills_in_who_signs(open_report):
    response = open_report.client("health_board").get(url(open_report, "health"))
    assert heading(response) == "Sign off for Moorland Health"
    assert "Readiness band Building , with high confidence" in text(response)
    assert held(response, "name") == "Moorland Health Board member"
    assert chosen(response, "decision") == []
    assert "printed as they stand on the day the report is submitted" in text(response)


def test_sign_page_names_where_the_partner_stood_alone(partnership):
    for sector in partnership.returns:
        partnership.answer(sector, {"agency-joint-design": "4" if sector == "health" else "2"})
    partnership.reveal()
    open_sign_off(partnership)
    title = partnership.statement("agency-joint-design").title
    said = f"Two or more levels from the others on 1.1 {title}"
    assert said in text(partnership.client("health_board").get(url(partnership, "health")))
    other = text(partnership.client("schools_board").get(url(partnership, "schools")))
    assert "Two or more levels from the others" not in other


def test_sign_agreeing_needs_no_text(open_report):
    response = post(open_report)
    assert response.url == overview_url(open_report)
    assert signatures() == [("H", "agree", "")]
    row = SignOff.objects.get()
    assert (row.name, row.role) == ("Ann Other", "Director")
    assert row.signed_by == open_report.people["health_board"]
    assert sentences() == [
        "Moorland Health Board member signed for Moorland Health as Ann Other, Director: we agree"
    ]


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        ("reservation", "Say what your reservation is"),
        ("disagree", "Say why you do not agree"),
    ],
)
def test_sign_otherwise_needs_text_and_is_kept_word_for_word(open_report, decision, message):
    response = post(open_report, decision=decision)
    assert problems(response) == [message]
    assert chosen(response, "decision") == [decision]
    assert (held(response, "name"), held(response, "role")) == ("Ann Other", "Director")
    said = "Not <b>so</b>.\nNot at all."
    assert post(open_report, decision=decision, text=said).status_code == 302
    assert signatures() == [("H", decision, said)]
    assert stage() == Assessment.Stage.SIGN_OFF


def test_sign_empty_names_every_field(open_report):
    response = post(open_report, decision="", name=" ", role="")
    assert problems(response) == [
        "Select whether your organisation agrees with this report",
        "Enter your full name",
        "Enter your role",
    ]


def test_sign_with_a_text_over_1000_characters_is_refused_once_and_kept(open_report):
    response = post(open_report, decision="disagree", text="W" * 1001)
    assert problems(response) == [
        "Your reservation, or why you do not agree must be 1000 characters or fewer"
    ]
    assert held(response, "text") == "W" * 1001


def test_sign_with_an_unknown_decision_is_refused(open_report):
    assert post(open_report, decision="maybe").status_code == 400
    assert signatures() == []


def test_sign_twice_is_refused_with_the_text(open_report):
    post(open_report)
    response = post(open_report, decision="disagree", text="I changed my mind")
    assert response.status_code == 409
    assert "Moorland Health has signed already." in text(response)
    assert "I changed my mind" in text(response)
    assert signatures() == [("H", "agree", "")]
    assert len(sentences()) == 1


@pytest.mark.parametrize(
    ("who", "status"), [("schools_board", 404), ("lead", 403), ("health", 403), ("viewer", 404)]
)
def test_sign_for_a_partner_by_someone_else_is_refused(open_report, who, status):
    data = {"decision": "agree", "name": "X", "role": "Y"}
    response = open_report.client(who).post(url(open_report, "health"), data)
    assert response.status_code == status
    assert signatures() == []


def test_sign_by_one_person_for_two_partners_is_two_signatures(open_report):
    MembershipFactory(
        user=open_report.people["health_board"], role=Role.BOARD, area=open_report.area,
        partner=open_report.partners["schools"],
    )  # fmt: skip
    client = open_report.client("health_board")
    for sector in ("health", "schools"):
        data = {"decision": "agree", "name": "X", "role": "Y"}
        client.post(url(open_report, sector), data)
    assert [code for code, *_ in signatures()] == ["H", "S"]


def test_sign_during_moderation_is_refused_with_the_text(partnership):
    partnership.reveal()
    response = post(partnership, decision="disagree", text="Too early")
    assert response.status_code == 409
    assert "Too early" in text(response)
    assert signatures() == []


def test_sign_after_submission_is_refused(open_report):
    submit_with_reason(assessment=open_report.assessment, reason="x", by=open_report.people["lead"])
    response = post(open_report, decision="disagree", text="Too late")
    assert response.status_code == 409
    assert "The report has been submitted, so nobody can sign it any more." in text(response)
    assert "Too late" in text(response)
    given = {"decision": "agree", "text": "", "name": "X", "role": "Y"}
    with pytest.raises(NotNowError):
        sign(
            partner_return=open_report.returns["health"], by=open_report.people["health_board"],
            **given,
        )  # fmt: skip
    assert signatures() == []


def test_sign_action_without_the_needed_text_raises(open_report):
    with pytest.raises(ValueError, match="text: say what your reservation is"):
        sign(
            partner_return=open_report.returns["health"], decision="disagree", text="", name="X",
            role="Y", by=open_report.people["health_board"],
        )  # fmt: skip


# ---- Submission -----------------------------------------------------------------------------------


def test_last_required_signature_submits(open_report):
    for sector in ["schools", *REQUIRED[:-1]]:
        assert post(open_report, sector).url == overview_url(open_report)
    assert stage() == Assessment.Stage.SIGN_OFF
    response = post(open_report, "parent_carers", decision="disagree", text="We do not.")
    pk = open_report.assessment.pk
    assert response.url == reverse("assessments:report", args=[pk])
    assessment = Assessment.objects.get()
    assert assessment.stage == Assessment.Stage.SUBMITTED
    assert assessment.submitted_by == open_report.people["parent_carers_board"]
    assert assessment.submit_reason == ""
    stored = StoredReport.objects.get()
    assert sentences("assessment.submit") == [
        (
            f"Moorland Parent carers Board member was the last who had to sign, which submitted "
            f"‘Autumn assessment’ (report {stored.sha256[:8]})"
        )
    ]


def test_submission_keeps_the_facts_with_their_hash_and_queues_the_pdf(open_report):
    for sector in REQUIRED:
        post(open_report, sector)
    stored = StoredReport.objects.get()
    facts = json.loads(stored.facts)
    again = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert again == stored.facts
    assert hashlib.sha256(again.encode()).hexdigest() == stored.sha256
    assert stored.rule_version == facts["rule"] == "floor-count-1"
    assert [row["code"] for row in facts["partners"]] == ["C", "H", "SC", "S", "PC", "YP"]
    assert len(facts["agreed"]) == 32
    assert [row["decision"] for row in facts["sign_offs"]] == ["agree"] * 4
    assert facts["assessment"]["submitted_on"] == facts["day"]
    job = DBTaskResult.objects.get()
    assert job.task_path == "assessments.tasks.store_report_pdf"
    assert job.args_kwargs["args"] == [open_report.assessment.pk]


def test_submission_that_fails_leaves_nothing(open_report, monkeypatch):
    from django_tasks_db import DatabaseBackend

    for sector in REQUIRED[:-1]:
        post(open_report, sector)
    events = AuditEvent.objects.count()

    def refuse(*args, **kwargs):
        raise OSError("No queue")

    monkeypatch.setattr(DatabaseBackend, "enqueue", refuse)
    with pytest.raises(OSError, match="No queue"):
        post(open_report, "parent_carers")
    assert stage() == Assessment.Stage.SIGN_OFF
    assert SignOff.objects.count() == 3
    assert (StoredReport.objects.count(), DBTaskResult.objects.count()) == (0, 0)
    assert AuditEvent.objects.count() == events


def test_submit_with_a_reason_prints_it(open_report):
    post(open_report, "health")
    page = soup(open_report.client("lead").get(submit_url(open_report)))
    missing = [li.get_text() for li in page.select("ul.govuk-list--bullet li")]
    assert missing == ["Moorland Council", "Moorland Social care", "Moorland Parent carers"]
    reason = {"reason": "Three are away until May."}
    response = open_report.client("lead").post(submit_url(open_report), reason, follow=True)
    assert "The report is submitted." in text(response)
    open_report.assessment.refresh_from_db()
    report = contents_of(open_report.assessment)
    assert report.reasons == (
        Reason("Submitted without every required signature", "Three are away until May."),
    )
    assert [line.words for line in report.signatures] == [
        "Not signed", "Agrees", "Not signed", "Not signed", "Not signed", "Not signed",
    ]  # fmt: skip


def test_submit_without_a_reason_is_refused(open_report):
    response = open_report.client("lead").post(submit_url(open_report), {"reason": ""})
    assert problems(response) == ["Say why you are submitting without every required signature"]
    with pytest.raises(ValueError, match="reason: say why"):
        submit_with_reason(
            assessment=open_report.assessment, reason="", by=open_report.people["lead"]
        )
    assert stage() == Assessment.Stage.SIGN_OFF


def test_submit_twice_is_refused_with_the_text(open_report):
    client = open_report.client("lead")
    client.post(submit_url(open_report), {"reason": "First"})
    response = client.post(submit_url(open_report), {"reason": "Second"})
    assert response.status_code == 409
    assert "Second" in text(response)
    assert Assessment.objects.get().submit_reason == "First"
    assert StoredReport.objects.count() == 1


def test_a_submission_that_comes_second_changes_nothing(open_report):
    submit_with_reason(assessment=open_report.assessment, reason="x", by=open_report.people["lead"])
    with pytest.raises(NotNowError):
        _submit(open_report.assessment, reason="y", by=open_report.people["lead"])
    assert Assessment.objects.get().submit_reason == "x"


@pytest.mark.parametrize("who", ["health", "health_board"])
def test_submit_by_another_role_is_forbidden(open_report, who):
    response = open_report.client(who).post(submit_url(open_report), {"reason": "x"})
    assert response.status_code == 403
    assert stage() == Assessment.Stage.SIGN_OFF


def test_missing_signatures_are_those_of_required_sectors(open_report):
    post(open_report, "schools")
    post(open_report, "health")
    missing = missing_signatures(open_report.assessment)
    assert [row.code for row in missing] == ["C", "SC", "PC"]


def test_report_day_is_the_day_of_submission_for_good(open_report, time_machine):
    time_machine.move_to("2026-12-01 09:00+00:00")
    submit_with_reason(assessment=open_report.assessment, reason="x", by=open_report.people["lead"])
    time_machine.move_to("2027-06-01 09:00+00:00")
    open_report.assessment.refresh_from_db()
    assert open_report.assessment.day.isoformat() == "2026-12-01"
    assert contents_of(open_report.assessment).day.isoformat() == "2026-12-01"


def test_task_list_after_submission_says_that_it_is_fixed(open_report):
    submit_with_reason(assessment=open_report.assessment, reason="x", by=open_report.people["lead"])
    page = text(open_report.client("lead").get(open_report.assessment.get_absolute_url()))
    assert "It cannot be changed any more." in page


def test_board_member_is_told_to_sign(open_report):
    home = open_report.area.get_absolute_url()
    assert "Sign the report for Moorland Health" in text(
        open_report.client("health_board").get(home)
    )
    lead = text(open_report.client("lead").get(home))
    assert "Four required signatures are missing." in lead
