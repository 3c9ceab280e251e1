"""A submitted report is never edited: a correction makes a new version, the old stays readable."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from assessments.actions.assessments import set_consent, start_assessment
from assessments.actions.errors import NotNowError
from assessments.actions.moderation import finish_moderation, record_dissent, save_agreed
from assessments.actions.reopening import cancel_assessment, check_correctable, correct_report
from assessments.actions.sign_off import submit_with_reason
from assessments.agreement import compare
from assessments.models import Assessment, Evidence, Score, SignOff, StoredReport
from assessments.models.guards import SubmittedError
from assessments.reports.build import build, contents_of
from assessments.reports.facts import canonical, fingerprint
from assessments.reports.pdf import report_html
from tests.assessments.pages import held, problems, sentences, soup, text, words
from tests.assessments.shortcuts import agree, lay_evidence, next_assessment, submit
from tests.conftest import client_of
from tests.factories import AssessmentFactory, DissentFactory, QuorumReasonFactory, SignOffFactory

SLUG, OTHER = "agency-joint-design", "agency-safe-learning"
REASON = "Health’s level was read out wrongly."
IN_TWO_WEEKS = timezone.localdate() + timedelta(days=14)


@pytest.fixture
def submitted(partnership):
    """Submitted with everything a report can have in it; schools never submitted their scores."""
    for sector in partnership.returns:
        partnership.answer(sector, "2", reason=f"So it is for {sector}.")
    sectors = [sector for sector in partnership.returns if sector != "schools"]
    lead = partnership.people["lead"]
    lay_evidence(partnership, SLUG, sector="health")
    lay_evidence(partnership, OTHER, title="From the meeting")
    partnership.mark_submitted(*sectors)
    partnership.move_to(Assessment.Stage.MODERATION)
    Assessment.objects.update(reveal_reason="Schools are late.")
    agree(partnership)
    DissentFactory(
        partner_return=partnership.returns["parent_carers"],
        statement=partnership.statement(SLUG),
        recorded_by=partnership.people["parent_carers"],
    )
    QuorumReasonFactory(assessment=partnership.assessment, recorded_by=lead)
    SignOffFactory(
        partner_return=partnership.returns["health"],
        signed_by=partnership.people["health_board"],
    )
    submit(partnership)
    StoredReport.objects.update(
        pdf=b"as signed", programme_pdf=b"for DfE", pdf_made_at=timezone.now()
    )
    return partnership


def url(assessment, name, *args):
    return reverse(f"assessments:{name}", args=[assessment.pk, *args])


def correct(partnership, assessment=None, reason=REASON):
    return correct_report(
        assessment=assessment or partnership.assessment,
        reason=reason,
        sign_off_by=IN_TWO_WEEKS,
        by=partnership.people["lead"],
    )


def change(partnership, correction, answer="3"):
    """One agreed level is set right."""
    save_agreed(
        assessment=correction,
        statement=partnership.statement(SLUG),
        agreement=compare({}),
        answer=answer,
        rationale="Health said 3.",
        outside_reason="",
        version=1,
        by=partnership.people["lead"],
    )


def submit_again(partnership, correction):
    finish_moderation(assessment=correction, by=partnership.people["lead"])
    submit_with_reason(
        assessment=correction, reason="They signed on paper.", by=partnership.people["lead"]
    )
    correction.refresh_from_db()
    return correction


@pytest.fixture
def corrected(submitted):
    """Version 2 with one level changed, submitted."""
    correction = correct(submitted)
    change(submitted, correction)
    return submit_again(submitted, correction)


# ---- Starting it -------------------------------------------------------------------------------


def test_lead_starts_a_correction_from_the_report(submitted):
    client = submitted.client("lead")
    report = client.get(url(submitted.assessment, "report"))
    form = soup(report).find("a", string="Correct this report")["href"]
    data = {"reason": REASON} | date_of("sign_off_by", IN_TWO_WEEKS)
    response = client.post(form, data, follow=True)
    assert "Version 2 is open. Change what was wrong." in text(response)
    correction = Assessment.objects.get(corrects=submitted.assessment)
    assert (correction.stage, correction.version) == (Assessment.Stage.MODERATION, 2)
    assert (correction.correct_reason, correction.sign_off_by) == (REASON, IN_TWO_WEEKS)
    (sentence,) = sentences("report.correct")
    assert sentence == (
        "Moorland Lead started version 2 of ‘Autumn assessment’, which corrects the submitted "
        f"report: {REASON}"
    )


def date_of(name, day):
    parts = ("day", "month", "year")
    return {f"{name}_{part}": str(getattr(day, part)) for part in parts}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"reason": ""}, "Say what was wrong in the report"),
        ({"sign_off_by_day": "32"}, "The day for signing must be a real date"),
        (
            date_of("sign_off_by", timezone.localdate() - timedelta(days=1)),
            "The day for signing must be today or later",
        ),
    ],
)
def test_bad_input_starts_nothing_and_loses_nothing(submitted, changed, message):
    data = {"reason": REASON} | date_of("sign_off_by", IN_TWO_WEEKS) | changed
    response = submitted.client("lead").post(url(submitted.assessment, "correct"), data)
    assert problems(response) == [message]
    assert held(response, "reason") == data["reason"]
    assert Assessment.objects.count() == 1


def test_action_refuses_bad_values(submitted):
    with pytest.raises(ValueError, match="reason: say what was wrong"):
        correct(submitted, reason="")
    with pytest.raises(ValueError, match="sign_off_by: must not be in the past"):
        correct_report(
            assessment=submitted.assessment, reason=REASON, by=submitted.people["lead"],
            sign_off_by=timezone.localdate() - timedelta(days=1),
        )  # fmt: skip


def test_everything_is_copied_as_it_was_submitted(submitted):
    old, correction = submitted.assessment, correct(submitted)
    before, after = contents_of(old), contents_of(correction)
    assert after.band == before.band
    assert [s.answers for s in unnumbered(after)] == [s.answers for s in unnumbered(before)]
    for field in ("level", "rationale", "is_contested", "evidence"):
        assert [getattr(s, field) for s in after.statements] == [
            getattr(s, field) for s in before.statements
        ]
    assert after.reasons[:2] == before.reasons[:2]
    assert correction.dissents.get().recorded_by == old.dissents.get().recorded_by
    assert correction.agreed_scores.count() == 32
    assert (correction.revealed_at, correction.reveal_reason) == (
        old.revealed_at,
        "Schools are late.",
    )


def unnumbered(report):
    """Statements whose partners are known by code, as a copied return has a number of its own."""
    return [
        replace(
            statement,
            answers=tuple((a.partner.code, a.level, a.words, a.reason) for a in statement.answers),
        )
        for statement in report.statements
    ]


def test_scores_never_submitted_and_signatures_stay_behind(submitted):
    correction = correct(submitted)
    schools = correction.returns.get(sector="schools")
    assert (schools.is_submitted, schools.scores.count()) == (False, 0)
    assert correction.returns.get(sector="health").scores.count() == 32
    assert correction.sign_offs.count() == 0


def test_copied_scores_are_as_frozen_as_before(submitted):
    correction = correct(submitted)
    with pytest.raises(SubmittedError):
        Score.objects.filter(partner_return__assessment=correction).update(answer="4")


def test_those_who_signed_are_told_and_asked_to_sign_again(submitted, letters):
    correction = correct(submitted)
    finish_moderation(assessment=correction, by=submitted.people["lead"])
    address = submitted.people["health_board"].email
    asked, told = [letter for letter in letters() if letter.to == [address]]  # newest first
    assert told.subject == "Moorland: the report of Autumn assessment is being corrected"
    assert REASON in told.body
    assert asked.subject == "Moorland: please sign Autumn assessment, version 2 again"
    assert f"/assessments/{correction.pk}/sign-off/" in asked.body


# ---- When it may not ---------------------------------------------------------------------------


def test_only_a_submitted_report_is_corrected(partnership):
    with pytest.raises(NotNowError, match="Only a submitted report"):
        correct(partnership)


def test_one_correction_at_a_time(submitted):
    correct(submitted)
    with pytest.raises(NotNowError, match="under way already"):
        correct(submitted)
    response = submitted.client("lead").get(url(submitted.assessment, "correct"))
    assert response.status_code == 409


def test_the_database_allows_one_correction(submitted):
    correct(submitted)
    values = {"corrects": submitted.assessment, "correct_reason": "x", "version": 2}
    with pytest.raises(IntegrityError), transaction.atomic():
        AssessmentFactory(evidence_on=timezone.localdate(), **values)


def test_not_beside_another_assessment_whose_baseline_it_is(submitted):
    following = next_assessment(submitted)
    with pytest.raises(NotNowError, match="Another assessment is under way"):
        correct(submitted)
    cancel_assessment(assessment=following.assessment, reason="x", by=submitted.people["lead"])
    assert correct(submitted).version == 2


def test_no_other_assessment_starts_beside_a_correction(submitted):
    correct(submitted)
    today = timezone.localdate()
    with pytest.raises(NotNowError, match="under way"):
        start_assessment(
            area=submitted.area, purpose="other", title="Next", scoring_closes_on=today,
            moderation_on=today, sign_off_by=today, by=submitted.people["lead"],
        )  # fmt: skip


def test_an_older_report_with_which_a_later_one_was_compared_stays(submitted):
    following = next_assessment(submitted)
    following.reveal()
    agree(following)
    submit(following)
    with pytest.raises(NotNowError, match="Only the newest report can be corrected"):
        check_correctable(submitted.assessment)
    assert correct(following).baseline == submitted.assessment


def test_a_cancelled_correction_leaves_the_report_current_and_correctable(submitted):
    first = correct(submitted)
    cancel_assessment(assessment=first, reason="Not needed.", by=submitted.people["lead"])
    assert Assessment.objects.latest_submitted(submitted.area) == submitted.assessment
    assert "uperseded" not in text(
        submitted.client("lead").get(url(submitted.assessment, "report"))
    )
    assert correct(submitted).version == 2


# ---- Until it is submitted ---------------------------------------------------------------------


def test_until_then_the_old_report_is_the_current_one(submitted, programme):
    correction = correct(submitted)
    change(submitted, correction)
    assert Assessment.objects.latest_submitted(submitted.area) == submitted.assessment
    report = url(submitted.assessment, "report")
    assert f"A correction of this report is under way, because: “{REASON}”" in text(
        submitted.client("health").get(report)
    )
    for client in (submitted.client("viewer"), client_of(programme)):
        assert "orrect" not in text(client.get(report)).replace("cannot be", "")
        assert client.get(url(correction, "report")).status_code == 404


def test_draft_says_what_is_different(submitted):
    correction = correct(submitted)
    client = submitted.client("health")
    page = text(client.get(url(correction, "report")))
    assert "Draft readiness report, Autumn assessment, version 2" in page
    assert f"because: “{REASON}” No level, evidence or band is different yet." in page
    change(submitted, correction)
    page = text(client.get(url(correction, "report")))
    assert "What is different:" in page
    assert "was level 2, now level 3" in page


def test_evidence_that_lapsed_since_does_not_lower_what_was_not_corrected(submitted):
    Evidence.objects.update(review_on=timezone.localdate() + timedelta(days=1))
    with time_machine.travel(timezone.now() + timedelta(days=5)):
        correction = correct(submitted)
        assert correction.day == submitted.assessment.day
        report = contents_of(correction)
        assert report.correction.changes == ()
        assert report.day == timezone.localdate()
        assert submit_again(submitted, correction).day == submitted.assessment.day


# ---- Afterwards --------------------------------------------------------------------------------


def test_new_version_is_the_current_one_everywhere(submitted, corrected, programme):
    assert Assessment.objects.latest_submitted(submitted.area) == corrected
    assert list(Assessment.objects.current()) == [corrected]
    for client in (client_of(programme), submitted.client("viewer")):
        page = client.get(submitted.area.get_absolute_url(), follow=True)
        assert "Autumn assessment, version 2" in text(page)
    home = text(client_of(programme).get("/"))
    assert home.count("Autumn assessment") == home.count("Autumn assessment, version 2") == 1


def test_on_an_earlier_day_the_version_of_that_day_was_current(submitted):
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        correction = submit_again(submitted, correct(submitted))
    found, today = Assessment.objects.latest_submitted, submitted.assessment.day
    assert found(submitted.area, on=today - timedelta(days=1)) is None
    assert found(submitted.area, on=today + timedelta(days=2)) == submitted.assessment
    assert found(submitted.area, on=today + timedelta(days=3)) == correction
    assert found(submitted.area) == correction


def test_old_page_and_its_pdf_stay_with_a_banner_on_the_page(submitted, corrected, programme):
    old = submitted.assessment
    for client, pdf in (
        (submitted.client("viewer"), b"as signed"),
        (client_of(programme), b"for DfE"),
    ):
        for name in ("report", "report-statements", "task-list"):
            response = client.get(url(old, name))
            if name == "task-list" and response.status_code == 404:
                continue
            assert "Superseded by version 2 on" in text(response), name
            assert f"Moorland Lead started a correction, because: “{REASON}”" in text(response)
            assert soup(response).find("a", href=url(corrected, "report"))
        assert client.get(url(old, "report-pdf")).content == pdf
    assert StoredReport.objects.get(assessment=old).facts.count('"correction":null') == 1


def test_superseded_report_offers_no_further_correction(submitted, corrected):
    page = submitted.client("lead").get(url(submitted.assessment, "report"))
    assert soup(page).find("a", string="Correct this report") is None
    with pytest.raises(NotNowError, match="Correct its newest version"):
        correct(submitted)


def test_new_report_says_what_it_corrects_on_page_and_pdf(submitted, corrected, programme):
    old_day = submitted.assessment.day
    client = client_of(programme)
    page = client.get(url(corrected, "report"))
    assert soup(page).find("a", href=url(submitted.assessment, "report"))
    told = (
        f"It corrects the report submitted on {old_day.day} {old_day:%B %Y} , because: “{REASON}”"
    )
    assert told.replace(" ,", ",") in text(page).replace(" ,", ",")
    assert "was level 2, now level 3" in text(page)
    html = report_html(contents_of(corrected, shows_partners=False))
    assert "<h3>Version 2, a correction</h3>" in html
    assert "It corrects the report submitted on" in html
    assert REASON in html
    assert StoredReport.objects.get(assessment=submitted.assessment).sha256 in html


def test_list_of_the_area_marks_the_old_one(submitted, corrected):
    listed = submitted.client("viewer").get(
        reverse("assessments:assessment-list", args=[submitted.area.dfe_code])
    )
    rows = [words(row) for row in soup(listed).select("tbody tr")]
    assert "Autumn assessment, version 2" in rows[0]
    assert "Superseded by version 2" in rows[1]


def test_the_old_version_cannot_be_changed_by_any_of_it(submitted, corrected):
    old = Assessment.objects.get(pk=submitted.assessment.pk)
    assert (old.stage, old.version) == (Assessment.Stage.SUBMITTED, 1)
    stored = StoredReport.objects.get(assessment=old)
    assert fingerprint(stored.facts) == stored.sha256
    assert SignOff.objects.filter(assessment=old).count() == 1
    with pytest.raises(SubmittedError):
        Assessment.objects.filter(pk=old.pk).update(title="Other")


def test_a_report_from_before_corrections_stays_readable(submitted):
    """Its facts have no word of them."""
    stored = StoredReport.objects.get()
    facts = json.loads(stored.facts)
    del facts["correction"]
    report = build(facts, submitted.assessment.content)
    assert report.correction is None
    assert report.title == "Autumn assessment"
    assert report.method.sha256 == fingerprint(canonical(facts))


def test_a_third_version_corrects_the_second(submitted, corrected):
    third = correct(submitted, corrected)
    assert (third.version, third.corrects) == (3, corrected)
    assert third.evidence_on == submitted.assessment.day
    submit_again(submitted, third)
    assert list(Assessment.objects.current()) == [third]
    ids = {submitted.assessment.pk, corrected.pk, third.pk}
    assert set(Assessment.objects.versions_of(corrected)) == ids


def test_next_assessment_is_compared_with_the_newest_version(submitted, corrected):
    today = timezone.localdate()
    following = start_assessment(
        area=submitted.area, purpose="check_in", title="Spring", scoring_closes_on=today,
        moderation_on=today, sign_off_by=today, by=submitted.people["lead"],
    )  # fmt: skip
    assert following.baseline == corrected


def test_consent_holds_for_every_version(submitted, corrected):
    set_consent(assessment=corrected, dfe_sees_partners=True, by=submitted.people["lead"])
    assert set(Assessment.objects.values_list("dfe_sees_partners", flat=True)) == {True}
    set_consent(assessment=corrected, dfe_sees_partners=False, by=submitted.people["lead"])
    assert set(Assessment.objects.values_list("dfe_sees_partners", flat=True)) == {False}


def test_dissent_may_be_recorded_in_a_correction(submitted):
    correction = correct(submitted)
    row = correction.returns.get(sector="health")
    record_dissent(
        partner_return=row, statement=submitted.statement(OTHER), text="No.",
        by=submitted.people["health"],
    )  # fmt: skip
    assert correction.dissents.count() == 2


def test_submitting_says_in_the_log_that_it_supersedes(corrected):
    assert sentences("assessment.submit")[-1].endswith("which supersedes the version before")
