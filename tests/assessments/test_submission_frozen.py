"""A submitted assessment, and everything in it, refuses to change: by model and by database."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from assessments.actions.assessments import set_consent
from assessments.models import (
    AgreedScore,
    Assessment,
    Comment,
    Dissent,
    EvidenceLink,
    PartnerReturn,
    QuorumReason,
    Score,
    SignOff,
    StoredReport,
)
from assessments.models.guards import SubmittedError
from tests.assessments.pages import chosen, problems, sentences, text
from tests.assessments.shortcuts import agree, lay_evidence, submit
from tests.databases import on_postgresql
from tests.factories import CommentFactory, DissentFactory, QuorumReasonFactory, SignOffFactory

SLUG = "agency-joint-design"
# Model, a field to change, and the value to give it.
ROWS = [
    (PartnerReturn, "name", "Other"),
    (QuorumReason, "reason", "Other"),
    (AgreedScore, "answer", "4"),
    (Dissent, "text", "Other"),
    (EvidenceLink, "linked_at", timezone.now()),
    (SignOff, "text", "Other"),
    (Comment, "text", "Other"),
]


@pytest.fixture
def submitted(partnership):
    """Submitted, with one row of each kind in it."""
    row = partnership.returns["health"]
    lead = partnership.people["lead"]
    partnership.reveal()
    agree(partnership)
    lay_evidence(partnership, SLUG)
    DissentFactory(partner_return=row, statement=partnership.statement(SLUG), recorded_by=lead)
    QuorumReasonFactory(assessment=partnership.assessment, recorded_by=lead)
    SignOffFactory(partner_return=row, signed_by=lead)
    CommentFactory(
        assessment=partnership.assessment, statement=partnership.statement(SLUG), written_by=lead
    )
    submit(partnership)
    return partnership


@pytest.mark.parametrize(("model", "field", "value"), ROWS)
def test_row_of_a_submitted_assessment_refuses_every_change(submitted, model, field, value):
    rows = model.objects.filter(assessment=submitted.assessment)
    row = rows.first()
    before = list(rows.values())
    setattr(row, field, value)
    with pytest.raises(SubmittedError):
        row.save()
    with pytest.raises(SubmittedError):
        row.delete()
    with pytest.raises(SubmittedError):
        rows.update(**{field: value})
    with pytest.raises(SubmittedError):
        rows.delete()
    with pytest.raises(SubmittedError), transaction.atomic():
        model.objects.bulk_update([row], [field])
    row.pk = None
    with pytest.raises(SubmittedError):
        row.save()
    with pytest.raises(SubmittedError):
        model.objects.bulk_create([row])
    assert list(rows.values()) == before


def test_rows_of_an_open_assessment_may_change_beside_a_submitted_one(submitted, other_partnership):
    rows = PartnerReturn.objects.exclude(assessment=submitted.assessment)
    assert rows.update(name="Other") == 6


def test_submitted_assessment_refuses_every_change_but_consent(submitted):
    assessment = submitted.assessment
    rows = Assessment.objects.filter(pk=assessment.pk)
    assessment.title = "Another title"
    with pytest.raises(SubmittedError):
        assessment.save()
    with pytest.raises(SubmittedError):
        assessment.delete()
    with pytest.raises(SubmittedError):
        rows.update(title="Another title")
    with pytest.raises(SubmittedError):
        rows.update(dfe_sees_partners=True, title="Another title")
    with pytest.raises(SubmittedError):
        rows.delete()
    assert rows.update(dfe_sees_partners=True) == 1
    assessment.refresh_from_db()
    assert (assessment.title, assessment.dfe_sees_partners) == ("Autumn assessment", True)


def test_open_assessment_may_change_and_go(partnership):
    partnership.assessment.title = "Another title"
    partnership.assessment.save()
    assert Assessment.objects.get().title == "Another title"
    assert Assessment.objects.filter(title="Another title").delete()[0] == 7
    assert str(partnership.assessment) == "Moorland: Another title"


def test_open_assessment_is_deleted_with_its_rows(partnership):
    partnership.assessment.delete()
    assert PartnerReturn.objects.count() == 0


def test_snapshot_refuses_every_change_but_the_pdf(submitted):
    stored = StoredReport.objects.get()
    rows = StoredReport.objects.all()
    with pytest.raises(SubmittedError):
        stored.save()
    with pytest.raises(SubmittedError):
        stored.delete()
    with pytest.raises(SubmittedError):
        rows.delete()
    with pytest.raises(SubmittedError):
        rows.update(facts="{}")
    assert rows.update(pdf_error="It failed") == 1
    assert str(stored) == f"Moorland: Autumn assessment, {stored.sha256[:8]}"


@pytest.mark.parametrize("model", [row[0] for row in ROWS])
@pytest.mark.parametrize("act", ["update", "delete"])
@on_postgresql
def test_postgresql_refuses_raw_changes_of_a_submitted_row(submitted, model, act):
    table = model._meta.db_table
    sql = {
        "update": f"UPDATE {table} SET id = id WHERE assessment_id = %s",
        "delete": f"DELETE FROM {table} WHERE assessment_id = %s",
    }[act]
    refused(sql, submitted, "A submitted assessment cannot be changed")


@pytest.mark.parametrize("model", [QuorumReason, AgreedScore, Dissent])
@on_postgresql
def test_postgresql_refuses_a_new_row_in_a_submitted_assessment(submitted, model):
    fields = [f.column for f in model._meta.concrete_fields if f.column not in {"id", "sector"}]
    columns = ", ".join(fields)
    sector = (", sector", ", 'schools'") if model is QuorumReason else ("", "")
    sql = (
        f"INSERT INTO {model._meta.db_table} ({columns}{sector[0]}) "
        f"SELECT {columns}{sector[1]} FROM {model._meta.db_table} WHERE assessment_id = %s LIMIT 1"
    )
    refused(sql, submitted, "A submitted assessment cannot be changed")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE assessments_assessment SET title = 'X' WHERE id = %s",
        """UPDATE assessments_assessment SET stage = 'sign_off', submitted_at = NULL,
           submitted_by_id = NULL WHERE id = %s""",
        "DELETE FROM assessments_assessment WHERE id = %s",
    ],
    ids=["title", "stage", "delete"],
)
@on_postgresql
def test_postgresql_refuses_raw_changes_of_a_submitted_assessment(submitted, sql):
    refused(sql, submitted, "A submitted assessment cannot be changed")


@pytest.mark.parametrize("sql", ["UPDATE {} SET facts = '{{}}' WHERE assessment_id = %s",
                                 "DELETE FROM {} WHERE assessment_id = %s"])  # fmt: skip
@on_postgresql
def test_postgresql_refuses_raw_changes_of_a_snapshot(submitted, sql):
    refused(sql.format("assessments_storedreport"), submitted, "A snapshot is never changed")


@on_postgresql
def test_postgresql_lets_consent_and_the_pdf_change(submitted):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE assessments_assessment SET dfe_sees_partners = true")
        cursor.execute("UPDATE assessments_storedreport SET pdf_error = 'It failed'")
    assert Assessment.objects.get().dfe_sees_partners is True
    assert StoredReport.objects.get().pdf_error == "It failed"


def refused(sql, partnership, message):
    with (
        pytest.raises(DatabaseError, match=message),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [partnership.assessment.pk])


def test_latest_submitted_may_be_asked_for_a_day(submitted):
    day = submitted.assessment.day
    found = Assessment.objects.latest_submitted
    assert found(submitted.area) == found(submitted.area, on=day) == submitted.assessment
    assert found(submitted.area, on=day - timedelta(days=1)) is None


def test_rows_say_what_they_are(submitted):
    assessment, statement = submitted.assessment, submitted.statement(SLUG)
    row = submitted.returns["health"]
    score = Score.objects.filter(partner_return=row).first()
    assert [str(found) for found in (
        row, score, assessment.agreed_scores.get(statement=statement), assessment.dissents.get(),
        assessment.quorum_reasons.get(), assessment.sign_offs.get(), assessment.evidence_links.get(),
    )] == [
        "Moorland Health",
        f"Moorland Health, {statement}",
        f"Moorland: Autumn assessment, {statement}: Level 2",
        "Moorland Health: We see it differently.",
        "Health: The post is vacant.",
        "Moorland Health: We agree",
        f"Board minutes for {statement}",
    ]  # fmt: skip


# ---- Consent --------------------------------------------------------------------------------------


def consent_url(partnership):
    return reverse("assessments:consent", args=[partnership.assessment.pk])


def test_consent_is_no_until_the_lead_says_yes(submitted):
    client = submitted.client("lead")
    assert chosen(client.get(consent_url(submitted)), "dfe_sees_partners") == ["no"]
    response = client.post(consent_url(submitted), {"dfe_sees_partners": "yes"}, follow=True)
    assert "DfE can see each partner’s scores in this assessment." in text(response)
    assert chosen(client.get(consent_url(submitted)), "dfe_sees_partners") == ["yes"]
    response = client.post(consent_url(submitted), {"dfe_sees_partners": "no"}, follow=True)
    assert "DfE cannot see each partner’s scores in this assessment." in text(response)
    assert Assessment.objects.get().dfe_sees_partners is False
    assert sentences("assessment.consent") == [
        "Moorland Lead let DfE see each partner’s scores in ‘Autumn assessment’",
        "Moorland Lead stopped letting DfE see each partner’s scores in ‘Autumn assessment’",
    ]


@pytest.mark.parametrize("answer", ["", "maybe"])
def test_consent_without_a_clear_answer_is_refused(submitted, answer):
    response = submitted.client("lead").post(consent_url(submitted), {"dfe_sees_partners": answer})
    assert len(problems(response)) == 1
    assert Assessment.objects.get().dfe_sees_partners is False


@pytest.mark.parametrize("who", ["health", "health_board", "viewer"])
def test_consent_by_another_role_is_forbidden(submitted, who):
    data = {"dfe_sees_partners": "yes"}
    assert submitted.client(who).post(consent_url(submitted), data).status_code == 403


def test_set_consent_before_submission_holds_after_it(partnership):
    set_consent(
        assessment=partnership.assessment, dfe_sees_partners=True, by=partnership.people["lead"]
    )
    partnership.reveal()
    submit(partnership)
    assert Assessment.objects.get().dfe_sees_partners is True
