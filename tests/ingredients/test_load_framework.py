"""Loading a framework version: all of it as written, or nothing with the reason and the line."""

import hashlib
import shutil
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command

from ingredients.actions import (
    FrameworkFilesError,
    VersionExistsError,
    load_framework,
    publish,
    retire,
)
from ingredients.models import (
    Framework,
    FrameworkSource,
    Ingredient,
    LevelDescriptor,
    Measure,
    SourcePoint,
    Statement,
)

pytestmark = pytest.mark.django_db
REAL = settings.FIXTURES / "framework" / "1"
FIRST = "ingredients/1-agency-co-production.yaml"
PARTS = [Framework, FrameworkSource, Ingredient, Statement, LevelDescriptor, SourcePoint, Measure]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the real files, to be spoilt."""
    return Path(shutil.copytree(REAL, tmp_path / "framework"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def read(name: str) -> dict:
    return yaml.safe_load((REAL / name).read_text("utf-8"))


def test_real_files_load_as_a_draft_with_six_ingredients_and_32_statements():
    framework, made = load_framework(folder=REAL)

    assert made is True
    assert framework.status == Framework.Status.DRAFT
    assert (framework.slug, framework.version) == ("send-ingredients", 1)
    assert Ingredient.objects.count() == 6
    assert Statement.objects.count() == 32
    assert LevelDescriptor.objects.count() == 128
    assert Measure.objects.count() == len(read("measures.yaml")["measures"])
    assert SourcePoint.objects.count() == len(read("source_points.yaml")["points"])


def test_fingerprint_is_the_hash_of_the_whole_content():
    framework, _ = load_framework(folder=REAL)

    canonical = FrameworkSource.objects.get(framework=framework).canonical
    assert framework.fingerprint == hashlib.sha256(canonical.encode()).hexdigest()


def test_loading_twice_changes_nothing():
    first, _ = load_framework(folder=REAL)
    publish(framework=first)
    counts = [part.objects.count() for part in PARTS]

    again, made = load_framework(folder=REAL)

    assert (again.pk, made) == (first.pk, False)
    assert again.status == Framework.Status.PUBLISHED
    assert [part.objects.count() for part in PARTS] == counts


def test_comments_and_line_breaks_do_not_change_the_fingerprint(folder):
    first, _ = load_framework(folder=REAL)
    edit(folder, "framework.yaml", "id: send-ingredients", "# a remark\nid:   send-ingredients")

    assert load_framework(folder=folder) == (first, False)


def test_same_version_with_other_content_is_refused_with_the_differences(folder):
    load_framework(folder=REAL)
    edit(folder, FIRST, "title: Designing change together", "title: Designing change")
    edit(folder, "measures.yaml", "direction: lower", "direction: higher")

    with pytest.raises(VersionExistsError) as error:
        load_framework(folder=folder)

    statement = "ingredients › agency-co-production › statements › agency-joint-design"
    assert error.value.differences == [
        f"{statement} › title: was “Designing change together”, is “Designing change”",
        "measures › measures › caseworker-vacancy-rate › direction: was “lower”, is “higher”",
    ]
    assert Statement.objects.filter(title="Designing change together").exists()


def test_a_new_version_stands_beside_the_old_one(folder):
    old, _ = load_framework(folder=REAL)
    publish(framework=old)
    edit(folder, "framework.yaml", "version: 1", "version: 2")

    new, made = load_framework(folder=folder)

    assert made is True
    assert Framework.objects.current() == old, "a draft is not current"
    publish(framework=new)
    assert Framework.objects.current() == new
    assert Statement.objects.count() == 64


STATEMENT = "  - id: agency-joint-design"


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "reason"),
    [
        (FIRST, "number: 1", "number: [1", "title: Eff", "did not find expected ',' or ']'"),
        (
            FIRST,
            "short_title: Agency co-production",
            "short_title: Agency co-production\nshort_title: Again",
            "id: agency-co-production",
            "“short_title” is given twice",
        ),
        (
            FIRST,
            "short_title: Agency co-production\n",
            "",
            "id: agency-co-production",
            "“agency-co-production” has no “short_title”",
        ),
        (
            FIRST,
            "title: Designing change together",
            "title: ''",
            STATEMENT,
            "statement “agency-joint-design” has an empty “title”",
        ),
        (
            FIRST,
            "    dimension: routine\n",
            "",
            STATEMENT,
            "statement “agency-joint-design” has no “dimension”",
        ),
        (
            FIRST,
            "      4: >-\n",
            "      5: >-\n",
            STATEMENT,
            "statement “agency-joint-design” must describe levels 1, 2, 3 and 4",
        ),
        (
            FIRST,
            "      4: >-\n",
            "      4: ''\n    kept: >-\n",
            STATEMENT,
            "statement “agency-joint-design” has an empty level",
        ),
        (
            FIRST,
            "id: agency-safe-learning\n    title",
            "id: agency-joint-design\n    title",
            "  - id: agency-joint-design\n    title: Safe",
            f"id “agency-joint-design” is used already in {FIRST}",
        ),
        (
            FIRST,
            'source_points: ["1.1", "1.4"]',
            'source_points: ["1.1", "9.9"]',
            STATEMENT,
            "“agency-joint-design”: source_points names “9.9”, which does not exist",
        ),
        (
            FIRST,
            "indicators: [actions-on-time]",
            "indicators: [no-such-measure]",
            STATEMENT,
            "“agency-joint-design”: indicators names “no-such-measure”, which does not exist",
        ),
        (
            FIRST,
            "dimension: routine",
            "dimension: rutine",
            STATEMENT,
            "“agency-joint-design”: dimension names “rutine”, which does not exist",
        ),
        (
            FIRST,
            "well_placed: [local_authority, health, social_care, schools]",
            "well_placed: [council]",
            STATEMENT,
            "“agency-joint-design”: well_placed names “council”, which does not exist",
        ),
        (
            FIRST,
            "families_can_score: true",
            "families_can_score: maybe",
            STATEMENT,
            "statement “agency-joint-design”: families_can_score is true or false",
        ),
        (
            FIRST,
            "number: 1\n",
            "number: 4\n",
            "id: agency-co-production",
            "“number” must be 1, its place in framework.yaml",
        ),
        (
            "framework.yaml",
            "  - workforce\n",
            "  - werkforce\n",
            "id: send-ingredients",
            "no file for ingredient “werkforce”",
        ),
        (
            "measures.yaml",
            "statements: [workforce-capacity]",
            "statements: [nowhere]",
            "  - id: caseworker-vacancy-rate",
            "“caseworker-vacancy-rate”: statements names “nowhere”, which does not exist",
        ),
        (
            "measures.yaml",
            "    unit: percent\n",
            "",
            "  - id: caseworker-vacancy-rate",
            "“caseworker-vacancy-rate” has no “unit”",
        ),
        (
            "measures.yaml",
            "measures:\n",
            "measures: none\nkept:\n",
            "framework: send-ingredients",
            "“measures” must be a list of named fields",
        ),
        (
            FIRST,
            "statements:\n",
            "statements: none\nkept:\n",
            "id: agency-co-production",
            "“agency-co-production” must have a list of statements",
        ),
        (
            "source_points.yaml",
            '  - id: "1.2"',
            '  - id: "1.1" # again',
            '  - id: "1.1" # again',
            "id “1.1” is used already in source_points.yaml",
        ),
    ],
)
def test_a_fault_is_named_with_file_line_and_reason_and_nothing_is_loaded(
    folder, name, old, new, place, reason
):
    edit(folder, name, old, new)
    text = (folder / name).read_text("utf-8")
    line = text[: text.index(place)].count("\n") + 1

    with pytest.raises(FrameworkFilesError) as error:
        load_framework(folder=folder)

    assert f"{name}, line {line}: {reason}" in str(error.value).splitlines()
    assert [part.objects.count() for part in PARTS] == [0] * len(PARTS)


def test_every_fault_is_named_at_once(folder):
    edit(folder, FIRST, "    dimension: routine\n", "")
    edit(folder, "ingredients/5-culture.yaml", "families_can_score: true", "families_can_score: 1")

    with pytest.raises(FrameworkFilesError) as error:
        load_framework(folder=folder)

    assert [problem.file for problem in error.value.problems] == [
        FIRST,
        "ingredients/5-culture.yaml",
    ]


def test_a_missing_file_is_named(folder):
    (folder / "commitment.yaml").unlink()

    with pytest.raises(FrameworkFilesError, match=r"commitment\.yaml, line 0: cannot be read"):
        load_framework(folder=folder)


def test_a_file_that_is_no_mapping_is_named(folder):
    (folder / "measures.yaml").write_text("- a list", "utf-8")

    with pytest.raises(FrameworkFilesError, match="must be a list of named fields"):
        load_framework(folder=folder)


def test_every_field_of_every_statement_is_kept():
    framework, _ = load_framework(folder=REAL)

    for position, slug in enumerate(read("framework.yaml")["ingredients"], start=1):
        data = read(f"ingredients/{position}-{slug}.yaml")
        row = Ingredient.objects.get(framework=framework, slug=slug)
        for name in set(data) - {"id", "statements"}:
            assert getattr(row, name) == data[name], f"{slug}: {name}"
        assert [s.slug for s in row.statements.all()] == [s["id"] for s in data["statements"]]
        for number, statement in enumerate(data["statements"], start=1):
            kept = row.statements.get(slug=statement["id"])
            assert (kept.number, kept.text) == (number, statement["statement"])
            assert {d.level: d.text for d in kept.descriptors.all()} == statement["levels"]
            assert kept.next_step == {str(k): v for k, v in statement["next_step"].items()}
            for name in set(statement) - {"id", "statement", "levels", "next_step"}:
                assert getattr(kept, name) == statement[name], f"{kept.slug}: {name}"


def test_every_field_of_measures_and_source_points_is_kept():
    framework, _ = load_framework(folder=REAL)

    for measure in read("measures.yaml")["measures"]:
        kept = Measure.objects.get(framework=framework, slug=measure["id"])
        for name in set(measure) - {"id"}:
            assert getattr(kept, name) == measure[name]
    for point in read("source_points.yaml")["points"]:
        found = SourcePoint.objects.get(framework=framework, code=point["id"])
        assert (found.text, found.scope, found.covered_by) == (
            point["text"],
            point["scope"],
            point["covered_by"],
        )
        assert found.parts == point.get("parts", [])


def test_the_reference_content_is_kept_whole():
    framework, _ = load_framework(folder=REAL)
    given = read("framework.yaml")

    for name in (
        "source",
        "licence",
        "levels",
        "states",
        "dimensions",
        "scoring_guidance",
        "terms",
    ):
        assert framework.content[name] == given[name]
    assert framework.content["rule"] == given["rule"]
    assert framework.content["sectors"] == given["sectors"]
    assert framework.level_labels == {
        1: "Not yet in place",
        2: "Started",
        3: "In routine use",
        4: "Making a difference",
    }
    commitment = yaml.safe_load((REAL / "commitment.yaml").read_text("utf-8"))
    assert framework.content["commitment"] == commitment


def test_a_draft_is_published_once_and_retired_once():
    framework, _ = load_framework(folder=REAL)
    with pytest.raises(ValueError, match="only a published framework"):
        retire(framework=framework)
    publish(framework=framework)
    with pytest.raises(ValueError, match="only a draft"):
        publish(framework=framework)
    assert framework.published_at is not None

    retire(framework=framework)

    assert framework.status == Framework.Status.RETIRED
    assert Framework.objects.current() is None


def test_command_publishes_and_says_so(capsys):
    call_command("load_framework", REAL)
    call_command("load_framework", REAL)

    framework = Framework.objects.get()
    first, second = capsys.readouterr().out.splitlines()
    assert first == (
        "Six ingredients for improving SEND services, version 1 loaded (published), "
        f"fingerprint {framework.fingerprint[:12]}"
    )
    assert "was loaded before (published)" in second


def test_command_can_leave_a_draft():
    call_command("load_framework", REAL, draft=True)

    assert Framework.objects.get().status == Framework.Status.DRAFT


def test_command_says_what_is_wrong(folder):
    edit(folder, FIRST, "    dimension: routine\n", "")

    with pytest.raises(CommandError, match="Nothing was loaded") as error:
        call_command("load_framework", folder)

    assert "statement “agency-joint-design” has no “dimension”" in str(error.value)
