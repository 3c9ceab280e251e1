"""`verify_reports`: every stored report worked out again, and each tampered one named."""

import io
import json
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from assessments.models import StoredReport
from assessments.reports import storing
from assessments.reports.build import _frozen
from assessments.reports.facts import canonical, fingerprint
from assessments.tasks import store_report_pdf
from tests.assessments.shortcuts import agree, next_assessment, submit

NAME = "Moorland: Autumn assessment, number"


@pytest.fixture
def submitted(partnership):
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    return partnership


@pytest.fixture
def second(submitted):
    """A second report, compared with the first."""
    second = next_assessment(submitted)
    second.reveal()
    agree(second, "3")
    submit(second)
    return second


def verify(*options):
    out = io.StringIO()
    problems = None
    try:
        call_command("verify_reports", *options, stdout=out)
    except CommandError as error:
        problems = (str(error), error.returncode)
    return out.getvalue(), problems


@contextmanager
def past_the_guards():
    """As somebody who owns the database could do it."""
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET session_replication_role = replica")
        yield cursor
        if postgresql:
            cursor.execute("SET session_replication_role = DEFAULT")


def tamper(sql, *values):
    with past_the_guards() as cursor:
        cursor.execute(sql, values)
    _frozen.cache_clear()


def rewrite(change):
    """Other facts, with the hash that belongs to them."""
    stored = StoredReport.objects.order_by("-pk").first()
    facts = json.loads(stored.facts)
    change(facts)
    text = canonical(facts)
    tamper(
        "UPDATE assessments_storedreport SET facts = %s, sha256 = %s WHERE id = %s",
        text, fingerprint(text), stored.pk,
    )  # fmt: skip


def test_reports_as_they_were_signed(second, submitted):
    said, problems = verify()
    assert problems is None
    assert said == "2 without a PDF yet.\n2 reports checked, 2 as they were signed.\n"


def test_no_report_at_all(db):
    assert verify() == ("0 reports checked, 0 as they were signed.\n", None)


def test_facts_changed_by_hand(submitted):
    tamper("UPDATE assessments_storedreport SET facts = replace(facts, '\"2\"', '\"4\"')")
    said, problems = verify()
    assert f"{NAME} {submitted.assessment.pk}: its facts do not have the hash" in said
    assert "1 reports checked, 0 as they were signed." in said
    assert problems is not None
    assert problems[1] == 1


def test_facts_changed_together_with_their_hash(submitted):
    rewrite(lambda facts: facts["agreed"]["agency-joint-design"].update(answer="4"))
    said, problems = verify()
    assert f"{NAME} {submitted.assessment.pk}: its facts and the database differ in: agreed" in said
    assert "its rows in the comparison of areas are not what its facts come to" in said
    assert problems == ("2 problems in 1 reports.", 1)


def test_row_changed_below_the_snapshot(submitted):
    tamper("UPDATE assessments_agreedscore SET answer = '4'")
    assert "its facts and the database differ in: agreed" in verify()[0]


def test_baseline_that_says_what_the_earlier_report_does_not(second):
    rewrite(lambda facts: facts["baseline"].update(band="ready"))
    assert "what it says of its baseline is not what that report says" in verify()[0]


def test_baseline_taken_out(second):
    rewrite(lambda facts: facts.update(baseline=None))
    assert "its baseline is missing" in verify()[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no JSON", "its facts are not JSON"),
        ("{ }", "its facts are not canonical JSON"),
        ('{"rule":"floor-count-1"}', "it cannot be worked out again (KeyError: 'framework')"),
    ],
)
def test_facts_that_are_no_report(submitted, text, said):
    tamper("UPDATE assessments_storedreport SET facts = %s, sha256 = %s", text, fingerprint(text))
    assert said in verify()[0]


def test_rule_that_nobody_knows(submitted):
    tamper("UPDATE assessments_storedreport SET rule_version = 'floor-count-9'")
    assert "its rule floor-count-9 is not known" in verify()[0]


def test_framework_that_is_another_one(submitted):
    rewrite(lambda facts: facts["framework"].update(fingerprint="0" * 64))
    assert "its framework is not the one that it names" in verify()[0]


def test_pdf_changed_by_hand(submitted):
    store_report_pdf.call(submitted.assessment.pk)
    assert verify()[1] is None
    tamper("UPDATE assessments_storedreport SET programme_pdf = pdf")
    assert "a stored PDF does not have the hash that was kept with it" in verify()[0]


def test_pdf_changed_together_with_its_hash_is_found_by_drawing_it_afresh(submitted):
    store_report_pdf.call(submitted.assessment.pk)
    assert verify("--pdf")[1] is None
    tamper(
        "UPDATE assessments_storedreport SET programme_pdf = pdf, programme_pdf_sha256 = pdf_sha256"
    )
    assert verify()[1] is None
    said, problems = verify("--pdf")
    assert f"its PDF without partners differs from one drawn afresh ({storing.made_with()})" in said
    assert problems == ("1 problems in 1 reports.", 1)


def test_pdf_of_another_version_is_named_and_not_compared(submitted):
    store_report_pdf.call(submitted.assessment.pk)
    tamper("UPDATE assessments_storedreport SET pdf_made_with = 'WeasyPrint 69.0, layout 1'")
    said, problems = verify("--pdf")
    assert problems is None
    assert "1 not compared byte for byte: made with WeasyPrint 69.0, layout 1, and this is" in said
