"""Who at DfE looked at a report: noted once a day, and the area reads it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from areas.models import AppendOnlyError
from assessments.actions.assessments import set_consent
from assessments.models import Look
from tests.assessments.pages import cells, soup, words
from tests.assessments.shortcuts import agree, submit
from tests.assessments.test_api import ask
from tests.conftest import client_of
from tests.factories import LookFactory

PAGES = ["report", "report-statements", "report-csv", "report-json", "family-summary"]


@pytest.fixture
def submitted(partnership):
    partnership.reveal()
    agree(partnership)
    submit(partnership)
    return partnership


def url(partnership, name="report"):
    return reverse(f"assessments:{name}", args=[partnership.assessment.pk])


def log(partnership, who="viewer"):
    page = soup(
        partnership.client(who).get(reverse("assessments:looks", args=[partnership.area.dfe_code]))
    )
    tables = [table for table in page.find_all("table") if "opened" in table.caption.get_text()]
    return page, [row for table in tables for row in cells(table)]


def test_before_anything_is_submitted_dfe_sees_nothing(partnership):
    page, rows = log(partnership)
    assert "so DfE sees no report of it" in words(page)
    assert rows == []


def test_nobody_has_looked(submitted):
    page, rows = log(submitted)
    assert "Who at DfE opened a report Nobody yet." in words(page)
    assert rows == []


@pytest.mark.parametrize("name", PAGES)
def test_look_of_dfe_is_listed_whatever_was_opened(submitted, programme, name):
    assert client_of(programme).get(url(submitted, name)).status_code == 200
    _, rows = log(submitted)
    today = f"{timezone.localdate():%-d %B %Y}"
    assert rows == [[today, "Programme Person", submitted.assessment.name]]


def test_look_of_a_program_of_dfe_is_listed_too(submitted, programme):
    answer = ask(programme, f"assessments/{submitted.assessment.pk}/")
    assert answer.status_code == 200
    assert [row[1] for row in log(submitted)[1]] == ["Programme Person"]


def test_look_is_listed_once_a_day(submitted, programme):
    client = client_of(programme)
    for name in PAGES:
        client.get(url(submitted, name))
    assert Look.objects.count() == 1
    LookFactory(
        assessment=submitted.assessment, by=programme, on=timezone.localdate() - timedelta(days=1)
    )
    client.get(url(submitted))
    assert Look.objects.count() == 2


def test_look_says_whether_partners_were_shown(submitted, programme):
    client_of(programme).get(url(submitted))
    set_consent(
        assessment=submitted.assessment, dfe_sees_partners=True, by=submitted.people["lead"]
    )
    client_of(programme).get(url(submitted))
    _, rows = log(submitted)
    assert [row[2] for row in rows] == [
        f"{submitted.assessment.name}, with who scored what",
        submitted.assessment.name,
    ]


def test_looks_of_the_area_itself_are_not_noted(submitted):
    for who in ("lead", "health", "health_board", "viewer"):
        submitted.client(who).get(url(submitted))
    assert not Look.objects.exists()


def test_looks_at_another_area_are_not_listed(submitted, other_partnership, programme):
    LookFactory(assessment=other_partnership.assessment, by=programme)
    assert log(submitted)[1] == []


def test_lead_reaches_consent_from_here_and_a_viewer_does_not(submitted):
    consent = reverse("assessments:consent", args=[submitted.assessment.pk])
    assert [bool(log(submitted, who)[0].select(f'a[href="{consent}"]')) for who in ("lead", "viewer")] == [
        True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("amount", [1, 3])
def test_query_count(submitted, programme, django_assert_num_queries, amount):
    for day in range(amount):
        LookFactory(
            assessment=submitted.assessment, by=programme,
            on=timezone.localdate() - timedelta(days=day),
        )  # fmt: skip
    client = submitted.client("viewer")
    address = reverse("assessments:looks", args=[submitted.area.dfe_code])
    client.get(address)
    with django_assert_num_queries(5):
        client.get(address)


def test_looks_are_never_changed(submitted, programme):
    look = LookFactory(assessment=submitted.assessment, by=programme)
    with pytest.raises(AppendOnlyError, match="never changed"):
        look.save()
    with pytest.raises(AppendOnlyError, match="never deleted"):
        look.delete()
    with pytest.raises(AppendOnlyError):
        Look.objects.update(with_partners=True)


def test_look_of_a_day_is_there_once(submitted, programme):
    LookFactory(assessment=submitted.assessment, by=programme)
    with pytest.raises(IntegrityError), transaction.atomic():
        LookFactory(assessment=submitted.assessment, by=programme)
