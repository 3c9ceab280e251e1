"""The audit log is only ever added to, and never tells a score."""

import pytest
from django.db import DatabaseError, connection, transaction

from areas.actions import record
from areas.models import AppendOnlyError, Audience, AuditEvent
from tests.databases import on_postgresql
from tests.factories import AreaFactory, AuditEventFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_an_event_is_a_sentence_with_the_names_as_they_were():
    area, person = AreaFactory(dfe_code="777"), UserFactory(name="Ada North")

    event = record(
        "partner.add", "added the partner Health Trust", by=person, area=area, partner_id=5
    )
    person.name = "Ada South"
    person.save()

    event.refresh_from_db()
    assert event.sentence == "Ada North added the partner Health Trust"
    assert (event.actor_id, event.actor_name) == (person.pk, "Ada North")
    assert (event.area_code, event.partner_id, event.details) == ("777", 5, {})


def test_an_act_for_a_partner_is_told_to_that_partner_alone_unless_said_otherwise():
    area, person = AreaFactory(), UserFactory()
    told = {"by": person, "area": area}

    assert record("test.act", "did it", **told).audience == Audience.AREA
    assert record("test.act", "did it", **told, partner_id=5).audience == Audience.PARTNER
    said = record("test.act", "did it", **told, partner_id=5, audience=Audience.SCORERS)
    assert said.audience == Audience.SCORERS


def test_an_event_outlives_the_person_and_the_area():
    area, person = AreaFactory(), UserFactory(name="Ada North")
    record("test.act", "did it", by=person, area=area)

    person.delete()
    area.delete()

    assert AuditEvent.objects.get().sentence == "Ada North did it"


def test_an_event_is_not_changed():
    event = AuditEventFactory(sentence="As it was")
    event.sentence = "As we wish"

    with pytest.raises(AppendOnlyError, match="never changed"):
        event.save()
    with pytest.raises(AppendOnlyError, match="never changed"):
        AuditEvent.objects.update(sentence="As we wish")
    with pytest.raises(AppendOnlyError), transaction.atomic():
        AuditEvent.objects.bulk_update([event], ["sentence"])

    assert AuditEvent.objects.get().sentence == "As it was"


def test_an_event_is_not_removed():
    event = AuditEventFactory()

    with pytest.raises(AppendOnlyError, match="never deleted"):
        event.delete()
    with pytest.raises(AppendOnlyError, match="never deleted"):
        AuditEvent.objects.all().delete()

    assert AuditEvent.objects.count() == 1


def test_many_events_are_added_at_once_but_never_over_others():
    event = AuditEventFactory(sentence="As it was")
    others = AuditEventFactory.build_batch(2)
    assert len(AuditEvent.objects.bulk_create(others)) == 2

    event.sentence = "As we wish"
    for how in (
        {"update_conflicts": True, "update_fields": ["sentence"], "unique_fields": ["pk"]},
        {"ignore_conflicts": True},
    ):
        with pytest.raises(AppendOnlyError, match="never changed"):
            AuditEvent.objects.bulk_create([event], **how)
    with pytest.raises(AppendOnlyError):
        AuditEvent.objects.update_or_create(pk=event.pk, defaults={"sentence": "As we wish"})

    assert AuditEvent.objects.count() == 3
    assert AuditEvent.objects.filter(sentence="As we wish").count() == 0


@on_postgresql
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE areas_auditevent SET sentence = 'x'",
        "DELETE FROM areas_auditevent",
        "TRUNCATE areas_auditevent",
        "TRUNCATE areas_auditevent RESTART IDENTITY CASCADE",
    ],
)
def test_the_database_itself_refuses(sql):
    AuditEventFactory(sentence="As it was")

    with connection.cursor() as cursor:
        # The setting that lets the test run empty its tables is not there in real use.
        cursor.execute("SET LOCAL portal.may_truncate = ''")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql)

    assert AuditEvent.objects.get().sentence == "As it was"


def test_the_newest_event_comes_first():
    first, second = AuditEventFactory(assessment_id=1), AuditEventFactory(assessment_id=1)
    AuditEventFactory(assessment_id=2)

    assert list(AuditEvent.objects.for_assessment(1)) == [second, first]
