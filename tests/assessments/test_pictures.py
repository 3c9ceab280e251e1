"""The rows that a comparison of areas reads: what the facts come to, and nothing of a partner."""

import importlib
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone

import assessments.migrations
from assessments.actions.reopening import correct_report
from assessments.actions.sign_off import submit_with_reason
from assessments.models import (
    Assessment,
    StoredReport,
    SubmittedAnswer,
    SubmittedLevel,
    SubmittedPicture,
)
from assessments.reports.build import contents_of
from tests.assessments.shortcuts import agree, lay_evidence, next_assessment, submit
from tests.databases import on_postgresql
from tests.factories import DissentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(partnership):
    partnership.reveal()
    slugs = [row.slug for row in partnership.statements]
    answers = dict.fromkeys(slugs, "2") | {slugs[0]: "4", slugs[1]: "not_agreed", slugs[5]: "3"}
    agree(partnership, answers)
    lay_evidence(partnership, slugs[5])
    DissentFactory(
        partner_return=partnership.returns["health"],
        statement=partnership.statement(slugs[7]),
        recorded_by=partnership.people["health"],
    )
    submit(partnership)
    return partnership


def rows():
    """Everything that is kept, without the numbers of its rows."""
    return [
        list(SubmittedPicture.objects.order_by("pk").values()),
        list(SubmittedLevel.objects.order_by("picture", "ingredient").values_list(*LEVEL)),
        list(SubmittedAnswer.objects.order_by("picture", "statement").values_list(*ANSWER)),
    ]


MARKS = ("is_contested", "is_not_evidenced")
LEVEL = ("picture", "ingredient", "level", "is_limiting", *MARKS)
ANSWER = ("picture", "statement", "answer", "counts_as", *MARKS)


def resubmit(submitted, answers):
    """A correction of the report with these agreed answers, submitted."""
    correction = correct_report(
        assessment=submitted.assessment,
        reason="A level was wrong.",
        sign_off_by=timezone.localdate(),
        by=submitted.people["lead"],
    )
    for row in correction.agreed_scores.filter(statement__slug__in=answers):
        row.answer = answers[row.statement.slug]
        row.save()
    Assessment.objects.filter(pk=correction.pk).update(stage=Assessment.Stage.SIGN_OFF)
    correction.refresh_from_db()
    submit_with_reason(assessment=correction, reason="On paper.", by=submitted.people["lead"])
    return correction


def move(assessment, days):
    """As if submitted so many days ago."""
    SubmittedPicture.objects.filter(pk=assessment.pk).update(
        submitted_on=timezone.localdate() - timedelta(days=days)
    )


# ---- What is kept --------------------------------------------------------------------------------


def test_a_submitted_report_is_kept_with_the_figures_that_it_prints(submitted):
    report = contents_of(submitted.assessment)
    picture = SubmittedPicture.objects.get()
    figures = report.figures
    assert (picture.area, picture.framework, picture.submitted_on, picture.replaced_on) == (
        submitted.area, submitted.assessment.framework, report.submitted_on, None,
    )  # fmt: skip
    assert (picture.band, picture.confidence, picture.contested) == (
        report.band, figures.confidence, figures.contested,
    )  # fmt: skip
    assert (picture.levelled, picture.applicable) == (31, 32)
    assert (picture.evidenced, picture.claimed) == (1, 2)
    assert (picture.returns_submitted, picture.partners_invited) == (6, 6)


def test_each_ingredient_and_statement_is_as_the_report_prints_it(submitted):
    report = contents_of(submitted.assessment)
    levels = SubmittedLevel.objects.order_by("ingredient__number").values_list(
        "ingredient__slug", "level", "is_limiting", *MARKS
    )
    assert list(levels) == [
        (row.slug, row.level, row.is_limiting, row.is_contested, row.is_not_evidenced)
        for row in report.ingredients
    ]
    answers = {row.statement.slug: row for row in SubmittedAnswer.objects.all()}
    assert {
        slug: (row.counts_as, row.is_contested, row.is_not_evidenced)
        for slug, row in answers.items()
    } == {
        row.slug: (row.counts_as, row.is_contested, row.is_not_evidenced)
        for row in report.statements
    }
    said = [answers[row.slug].answer for row in report.statements]
    assert said[:6] == ["4", "not_agreed", "2", "2", "2", "3"]


def test_no_partner_is_in_these_tables():
    names = {
        field.related_model._meta.label
        for model in (SubmittedPicture, SubmittedLevel, SubmittedAnswer)
        for field in model._meta.concrete_fields
        if field.is_relation
    }
    assert names == {
        "assessments.Assessment", "areas.Area", "ingredients.Framework", "ingredients.Ingredient",
        "ingredients.Statement", "assessments.SubmittedPicture",
    }  # fmt: skip
    texts = {
        field.name
        for model in (SubmittedPicture, SubmittedLevel, SubmittedAnswer)
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField))
    }
    assert texts == {"rule_version", "band", "confidence", "answer"}


def test_nothing_is_kept_before_submission(partnership):
    partnership.reveal()
    agree(partnership)
    assert not SubmittedPicture.objects.exists()


# ---- Which of them count on a day ----------------------------------------------------------------


def test_a_corrected_version_never_counts_beside_its_newer_one(submitted):
    move(submitted.assessment, 9)
    correction = resubmit(submitted, {"agency-joint-design": "2"})
    today = timezone.localdate()
    old, new = submitted.assessment.pk, correction.pk

    def counted(days):
        return [row.pk for row in SubmittedPicture.objects.as_at(today - timedelta(days=days))]

    assert [counted(days) for days in (10, 9, 1, 0)] == [[], [old], [old], [new]]
    assert SubmittedPicture.objects.get(pk=new).version == 2


def test_the_newest_on_a_day_is_the_one_that_the_area_calls_its_latest(submitted):
    second = next_assessment(submitted)
    second.reveal()
    agree(second, "3")
    submit(second)
    resubmit(second, {"agency-joint-design": "2"})
    today = timezone.localdate()
    for day in (today - timedelta(days=1), today):
        newest = SubmittedPicture.objects.as_at(day).newest_first().first()
        latest = Assessment.objects.latest_submitted(submitted.area, on=day)
        assert (newest and newest.assessment) == latest


# ---- Worked out again ----------------------------------------------------------------------------


def verify():
    out = io.StringIO()
    try:
        call_command("verify_reports", stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}"
    return out.getvalue()


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: SubmittedPicture.objects.update(contested=0),
        lambda: SubmittedPicture.objects.update(replaced_on=timezone.localdate()),
        lambda: SubmittedLevel.objects.filter(level=2).update(level=4),
        lambda: SubmittedLevel.objects.first().delete(),
        lambda: SubmittedAnswer.objects.filter(answer="4").update(is_not_evidenced=False),
        lambda: SubmittedAnswer.objects.last().delete(),
    ],
)
def test_a_row_that_is_not_what_the_facts_come_to_is_named_and_mended(submitted, tamper):
    before = rows()
    assert "1 as they were signed" in verify()
    tamper()
    assert "its rows in the comparison of areas are not what its facts come to" in verify()
    out = io.StringIO()
    call_command("rebuild_pictures", stdout=out)
    assert out.getvalue() == "1 submitted reports compared afresh.\n"
    assert rows() == before
    assert "1 as they were signed" in verify()


def test_a_picture_that_is_missing_is_named_and_made(submitted):
    before = rows()
    SubmittedPicture.objects.all().delete()
    assert "it is missing from the comparison of areas" in verify()
    call_command("rebuild_pictures", stdout=io.StringIO())
    assert rows() == before


def test_the_migration_makes_the_rows_that_submission_makes(submitted):
    resubmit(submitted, {"agency-joint-design": "2"})
    before = rows()
    SubmittedPicture.objects.all().delete()
    folder = Path(assessments.migrations.__file__).parent
    name = next(folder.glob("*_programme.py")).stem
    importlib.import_module(f"assessments.migrations.{name}").fill(apps, None)
    assert rows() == before
    assert StoredReport.objects.count() == SubmittedPicture.objects.count() == 2


# ---- How it is read ------------------------------------------------------------------------------


@on_postgresql
def test_an_area_s_newest_picture_is_found_by_the_index(submitted):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
    found = SubmittedPicture.objects.as_at(timezone.localdate()).newest_first()
    plan = found.filter(area=submitted.area, framework=submitted.assessment.framework)[:1].explain()
    assert "submitted_picture_newest" in plan
