"""The map from one framework version to the next: checked as it is loaded, and frozen with it."""

import pytest
import yaml
from bs4 import BeautifulSoup
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from assessments.readiness import MapKind
from ingredients.actions import FrameworkFilesError, load_framework, publish
from ingredients.models import Framework, FrameworkSource, FrozenError, StatementMap
from tests.databases import on_postgresql
from tests.second_version import (
    HALVES,
    MERGED,
    NEW,
    NEW_NAME,
    RENAMED,
    RETIRED,
    REWORDED,
    SPLIT,
    WHOLE,
    change,
    make_second,
    map_rows,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    return make_second(tmp_path / "2")


def edit(folder, how):
    """Change the rows of the map."""
    change(folder / "map.yaml", lambda data: data | {"statements": how(data["statements"])})


def problems(folder):
    with pytest.raises(FrameworkFilesError) as error:
        load_framework(folder=folder)
    assert not Framework.objects.filter(version=2).exists()
    assert {problem.file for problem in error.value.problems} == {"map.yaml"}
    return error.value.problems


def reasons(folder):
    return [problem.reason for problem in problems(folder)]


# ---- What is loaded ------------------------------------------------------------------------------


def test_the_map_is_loaded_row_by_row_in_its_order(framework, folder):
    second, made = load_framework(folder=folder)
    assert made
    rows = list(second.map_rows.values_list("kind", "before", "after"))
    assert rows == [
        (row["kind"], row.get("before", ""), row.get("after", "")) for row in map_rows()
    ]
    assert ("split_from", SPLIT, HALVES[0]) in rows
    assert ("merged_into", MERGED[1], WHOLE) in rows
    assert {("retired", RETIRED, ""), ("new", "", NEW)} <= set(rows)
    assert {("renamed_from", RENAMED, NEW_NAME), ("reworded", REWORDED, REWORDED)} <= set(rows)


def test_kinds_are_those_of_the_rules():
    assert set(StatementMap.Kind.values) == {kind.value for kind in MapKind}


def test_a_version_without_a_map_has_none(framework, tmp_path):
    second, _ = load_framework(folder=make_second(tmp_path / "2", with_map=False))
    assert not second.map_rows.exists()


def test_the_map_is_part_of_the_fingerprint_and_of_what_is_kept(framework, folder, tmp_path):
    second, _ = load_framework(folder=folder)
    assert '"map":' in FrameworkSource.objects.get(framework=second).canonical
    assert '"map":' not in FrameworkSource.objects.get(framework=framework).canonical
    again, made = load_framework(folder=folder)
    assert (again.pk, made) == (second.pk, False)
    (folder / "map.yaml").unlink()
    with pytest.raises(CommandError, match="loaded already with other content"):
        call_command("load_framework", folder)


# ---- What is refused -----------------------------------------------------------------------------


def test_the_version_before_must_be_loaded(db, folder):
    assert reasons(folder) == ["version 1 must be loaded first"]


@pytest.mark.parametrize("given", [0, 2, "1", None])
def test_it_leads_from_the_version_before(framework, folder, given):
    change(folder / "map.yaml", lambda data: data | {"from": given})
    assert reasons(folder) == ["“from” must be 1, the version before"]


@pytest.mark.parametrize("given", [None, {}, ["same"], "x"])
def test_its_statements_are_a_list_of_named_fields(framework, folder, given):
    change(folder / "map.yaml", lambda data: data | {"statements": given})
    assert reasons(folder) == ["“statements” must be a list of named fields"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"kind": "changed", "before": RETIRED, "after": NEW}, "“kind” must be one of same, rew"),
        ({"kind": ["same"]}, "“kind” must be one of"),
        ({"kind": "new", "before": RETIRED, "after": NEW}, "a statement that is new has no “before”"),
        ({"kind": "retired", "before": RETIRED, "after": NEW},
         "a statement that is retired has no “after”"),
        ({"kind": "same", "before": NEW, "after": NEW}, f"“before” names “{NEW}”, which does not"),
        ({"kind": "same", "before": RETIRED, "after": RETIRED}, f"“after” names “{RETIRED}”, whi"),
        ({"kind": "new", "after": None}, "“after” names “None”, which does not exist"),
        ({"kind": "new", "after": [1]}, "“after” names “[1]”, which does not exist"),
        ({"kind": "new", "after": NEW, "why": "x", 3: "y"}, "“3” is not a field of a map"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused_with_its_line(framework, folder, row, reason):
    edit(folder, lambda rows: [*rows, row])
    (first, *_) = problems(folder)
    assert first.reason.startswith(reason)
    lines = (folder / "map.yaml").read_text("utf-8").splitlines()
    assert lines[first.line - 1].strip().startswith("- kind:")
    assert first.line > len(lines) - 6


def without(*slugs):
    return lambda rows: [
        row for row in rows if not {row.get("before"), row.get("after")} & {*slugs}
    ]


def test_every_statement_of_both_versions_is_named(framework, folder):
    edit(folder, without(RETIRED, NEW, "accountability-equality"))
    assert reasons(folder) == [
        f"“{RETIRED}” is not named before the change",
        "“accountability-equality” is not named before the change",
        f"“{NEW}” is not named after the change",
        "“accountability-equality” is not named after the change",
    ]


def test_a_statement_stands_in_several_rows_only_where_it_is_split_or_merged(framework, folder):
    edit(folder, lambda rows: [*rows, {"kind": "same", "before": REWORDED, "after": REWORDED}])
    assert f"“{REWORDED}” is in several rows" in reasons(folder)


@pytest.mark.parametrize(
    ("kind", "before"), [("split_from", "culture-listening"), ("merged_into", "culture-listening")]
)
def test_a_split_and_a_merger_take_two_rows(framework, folder, kind, before):
    row = {"kind": kind, "before": before, "after": before}
    edit(folder, lambda rows: [*without(before)(rows), row])
    assert reasons(folder) == [f"“{kind}” takes two rows or more for “{before}”"]


@pytest.mark.parametrize("field", ["statement", "levels", "families_can_score"])
def test_what_is_called_the_same_is_the_same_in_what_people_score(framework, folder, field):
    def reword(data):
        row = data["statements"][0]
        row[field] = {
            "statement": "Other words.",
            "levels": row["levels"] | {2: "Other words."},
            "families_can_score": not row["families_can_score"],
        }[field]
        return data

    change(folder / "ingredients/6-accountability.yaml", reword)
    assert reasons(folder) == [f"“accountability-clear-duties” is not the same: {field} changed"]


def test_what_is_renamed_has_another_id_and_nothing_else_has(framework, folder):
    def swap(rows):
        kinds = {RENAMED: "same", REWORDED: "renamed_from"}
        return [row | {"kind": kinds.get(row.get("before"), row["kind"])} for row in rows]

    edit(folder, swap)
    assert reasons(folder) == [
        "statements that are renamed_from cannot have the same id",
        "statements that are same cannot have different ids",
    ]


def test_the_command_says_where_and_loads_nothing(framework, folder):
    edit(folder, without(NEW))
    with pytest.raises(CommandError, match=r"map\.yaml, line 1: “leadership-public-record”"):
        call_command("load_framework", folder)


def test_a_map_that_is_no_yaml_is_refused(framework, folder):
    (folder / "map.yaml").write_text("statements: [", "utf-8")
    assert problems(folder)


def test_the_map_of_these_tests_is_yaml_as_a_person_writes_it(folder):
    data = yaml.safe_load((folder / "map.yaml").read_text("utf-8"))
    assert data["from"] == 1


# ---- What everyone can read ----------------------------------------------------------------------


def test_the_page_of_the_framework_says_what_changed(client, framework, folder):
    assert "What changed" not in client.get("/ingredients/").content.decode()
    second, _ = load_framework(folder=folder)
    publish(framework=second)
    page = BeautifulSoup(client.get("/ingredients/").content, "lxml")
    rows = page.select_one("#changes").find_next("table").select("tbody tr")
    said = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in rows]
    titles = {row.slug: row.title for row in framework.all_statements}
    assert [row[0] for row in said] == [
        "Reworded", "Renamed", "No longer asked", "New", "Split", "Split", "Merged", "Merged",
    ]  # fmt: skip
    assert said[2] == ["No longer asked", titles[RETIRED], "None"]
    assert said[4][1] == said[5][1] == titles[SPLIT]
    assert "What changed" not in client.get("/ingredients/?version=1").content.decode()


# ---- It freezes with its version -----------------------------------------------------------------


@pytest.fixture
def published(framework, folder):
    second, _ = load_framework(folder=folder)
    publish(framework=second)
    return second


def test_a_map_never_changes_once_its_version_is_published(published):
    row = published.map_rows.first()
    row.kind = "reworded"
    for attempt in (
        row.save,
        row.delete,
        lambda: StatementMap.objects.update(kind="reworded"),
        StatementMap.objects.all().delete,
        lambda: StatementMap.objects.create(framework=published, order=99, kind="new", after="x"),
        lambda: StatementMap.objects.bulk_create(
            [StatementMap(framework=published, order=99, kind="new", after="x")]
        ),
    ):
        with pytest.raises(FrozenError), transaction.atomic():
            attempt()
    assert published.map_rows.count() == len(map_rows())


INSERT = """
INSERT INTO ingredients_statementmap (framework_id, "order", kind, before, after)
SELECT framework_id, 99, 'new', '', 'x' FROM ingredients_statementmap LIMIT 1
"""


@on_postgresql
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ingredients_statementmap SET kind = 'reworded'",
        "DELETE FROM ingredients_statementmap",
        INSERT,
    ],
)
def test_postgresql_itself_refuses(published, sql):
    with (
        pytest.raises(DatabaseError, match="Published framework content"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
