"""Published framework content never changes, whichever way somebody tries."""

import pytest
from django.db import DatabaseError, connection, transaction

from ingredients.models import (
    Framework,
    FrameworkSource,
    FrozenError,
    Ingredient,
    LevelDescriptor,
    Measure,
    SourcePoint,
    Statement,
)
from tests import factories
from tests.databases import on_postgresql

PARTS = [FrameworkSource, Ingredient, Statement, LevelDescriptor, SourcePoint, Measure]
TEXT = {
    FrameworkSource: "canonical",
    Ingredient: "title",
    Statement: "text",
    LevelDescriptor: "text",
    SourcePoint: "text",
    Measure: "title",
    Framework: "title",
}
everything = pytest.mark.parametrize("model", [*PARTS, Framework], ids=lambda model: model.__name__)


@everything
def test_a_published_row_is_not_saved(framework, model):
    row = model.objects.first()
    before = getattr(row, TEXT[model])
    setattr(row, TEXT[model], "changed")

    with pytest.raises(FrozenError, match="Publish a new version"):
        row.save()

    assert getattr(model.objects.get(pk=row.pk), TEXT[model]) == before


@everything
def test_a_published_row_is_not_deleted(framework, model):
    with pytest.raises(FrozenError):
        model.objects.first().delete()

    assert model.objects.exists()


@everything
def test_published_rows_are_not_updated_together(framework, model):
    with pytest.raises(FrozenError):
        model.objects.update(**{TEXT[model]: "changed"})

    assert not model.objects.filter(**{TEXT[model]: "changed"}).exists()


@everything
def test_published_rows_are_not_bulk_updated(framework, model):
    row = model.objects.first()
    setattr(row, TEXT[model], "changed")

    with pytest.raises(FrozenError), transaction.atomic():
        model.objects.bulk_update([row], [TEXT[model]])

    assert not model.objects.filter(**{TEXT[model]: "changed"}).exists()


@everything
def test_published_rows_are_not_deleted_together(framework, model):
    count = model.objects.count()

    with pytest.raises(FrozenError):
        model.objects.all().delete()

    assert model.objects.count() == count


COPIED = {
    "ingredient": lambda framework: Ingredient(
        framework=framework, slug="new", number=99, title="New", short_title="New"
    ),
    "statement": lambda framework: Statement(
        ingredient=framework.ingredients.first(), slug="new", number=99, families_can_score=True
    ),
    "descriptor": lambda framework: LevelDescriptor(
        statement=Statement.objects.filter(ingredient__framework=framework).first(), level=1
    ),
}


@pytest.mark.parametrize("part", COPIED)
def test_a_new_row_does_not_join_a_published_version(framework, part):
    row = COPIED[part](framework)
    model = type(row)
    before = model.objects.count()

    with pytest.raises(FrozenError, match="Publish a new version"):
        row.save()
    with pytest.raises(FrozenError):
        model.objects.bulk_create([row])

    assert model.objects.count() == before


@on_postgresql
def test_the_database_refuses_a_new_row_in_a_published_version(framework):
    sql = (
        "INSERT INTO ingredients_leveldescriptor (statement_id, level, text) "
        "SELECT id, 1, 'planted' FROM ingredients_statement LIMIT 1"
    )

    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        connection.cursor().execute(sql)

    assert not LevelDescriptor.objects.filter(text="planted").exists()


@pytest.mark.django_db
def test_a_draft_can_be_changed_and_thrown_away():
    statement = factories.StatementFactory()
    framework = statement.ingredient.framework
    statement.text = "Better words."
    statement.save()
    Statement.objects.update(title="Better title")

    framework.delete()

    assert not Statement.objects.exists()


def test_a_draft_beside_a_published_version_can_be_changed(framework):
    draft = factories.StatementFactory()

    Statement.objects.filter(ingredient__framework=draft.ingredient.framework).update(title="New")

    draft.refresh_from_db()
    assert draft.title == "New"


def test_a_retired_version_stays_frozen(framework):
    from ingredients.actions import retire

    retire(framework=framework)

    with pytest.raises(FrozenError):
        Statement.objects.update(title="changed")


@on_postgresql
@everything
@pytest.mark.parametrize("sql", ["UPDATE {table} SET {column} = 'changed'", "DELETE FROM {table}"])
def test_the_database_itself_refuses(framework, model, sql):
    statement = sql.format(table=model._meta.db_table, column=TEXT[model])
    with (
        pytest.raises(DatabaseError, match="cannot be changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert not model.objects.filter(**{TEXT[model]: "changed"}).exists()
    assert model.objects.exists()


@on_postgresql
def test_the_database_refuses_to_turn_a_published_version_into_a_draft(framework):
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        Framework.objects.update(status="draft", published_at=None)

    framework.refresh_from_db()
    assert framework.status == Framework.Status.PUBLISHED
