"""Read the files of a framework version and check them. Nothing here touches the database."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ingredients.actions.maps import FILE as MAP
from ingredients.actions.maps import check_map
from ingredients.actions.problems import LINE, FrameworkFilesError, Problem

INGREDIENT_FIELDS = {
    "id", "number", "title", "short_title", "summary", "plain_title", "plain_summary", "why_it_matters",
    "source_points", "statements",
}  # fmt: skip
STATEMENT_FIELDS = {
    "id", "title", "statement", "plain", "source_points", "dimension", "levels", "evidence_prompts",
    "look_for", "next_step", "well_placed", "families_can_score", "indicators",
}  # fmt: skip
POINT_FIELDS = {"id", "scope", "text", "covered_by"}
MEASURE_FIELDS = {
    "id", "title", "unit", "numerator", "denominator", "definition", "direction", "period", "statements",
}  # fmt: skip
FRAMEWORK_FIELDS = {
    "id", "version", "title", "plain_title", "summary", "plain_summary", "source", "licence", "levels",
    "states", "dimensions", "scoring_guidance", "terms", "sectors", "ingredients", "rule",
}  # fmt: skip


# The parser written in C where it is there: ten times as fast.
SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class LineLoader(SafeLoader):
    """Keeps the line of each mapping, and refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(self.construct_object(key, deep=True) for key, _ in node.value)
        for key, times in keys.items():
            if times > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"“{key}” is given twice", node.start_mark
                )
        found = super().construct_mapping(node, deep=deep)
        found[LINE] = node.start_mark.line + 1
        return found


@dataclass(frozen=True)
class FrameworkFiles:
    """A checked framework version: the content as given, and its fingerprint."""

    framework: dict[str, Any]
    ingredients: list[dict[str, Any]]
    source_points: dict[str, Any]
    measures: dict[str, Any]
    commitment: dict[str, Any]
    # How each statement came out of the version before; None where that is not declared.
    map: dict[str, Any] | None = None

    @property
    def canonical(self) -> str:
        """One text for one content: sorted keys, no spaces, so that its hash is stable."""
        whole = {
            "framework": self.framework,
            "ingredients": self.ingredients,
            "source_points": self.source_points,
            "measures": self.measures,
            "commitment": self.commitment,
        }
        # Only where there is one, so that a version that was loaded without keeps its fingerprint.
        whole |= {"map": self.map} if self.map else {}
        return json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.canonical.encode()).hexdigest()


def nothing_loaded(slug: str, version: int) -> None:
    """For files that are read by themselves: there is no version before."""


def read_framework(
    folder: Path, content_of: Callable[[str, int], dict[str, Any] | None] = nothing_loaded
) -> FrameworkFiles:
    """Read and check `framework.yaml`, `ingredients/*.yaml`, `source_points.yaml`,
    `measures.yaml` and `commitment.yaml` in a folder; and `map.yaml`, if there is one, against
    the version before, whose canonical content `content_of` gives by id and version.

    Raises FrameworkFilesError with the file, line and reason of every fault found.
    """
    framework = _read(folder, "framework.yaml")
    names = sorted(path.name for path in (folder / "ingredients").glob("*.yaml"))
    ingredients = [(f"ingredients/{name}", _read(folder, f"ingredients/{name}")) for name in names]
    source_points = _read(folder, "source_points.yaml")
    measures = _read(folder, "measures.yaml")
    problems = [
        *_missing("framework.yaml", framework, FRAMEWORK_FIELDS, "the framework"),
        *_check_order(framework, ingredients),
    ]
    for file, ingredient in ingredients:
        problems += _check_ingredient(file, ingredient)
    problems += _check_items("source_points.yaml", source_points, "points", POINT_FIELDS)
    problems += _check_items("measures.yaml", measures, "measures", MEASURE_FIELDS)
    if not problems:
        problems += _check_unique(ingredients)
        problems += _check_references(framework, ingredients, source_points, measures)
    declared = _read(folder, MAP) if (folder / MAP).exists() else None
    if declared is not None and not problems:
        problems += _check_declared(declared, framework, ingredients, content_of)
    if problems:
        raise FrameworkFilesError(problems)
    ordered = sorted((data for _, data in ingredients), key=lambda data: data["number"])
    return FrameworkFiles(
        framework=_without_lines(framework),
        ingredients=_without_lines(ordered),
        source_points=_without_lines(source_points),
        measures=_without_lines(measures),
        commitment=_without_lines(_read(folder, "commitment.yaml")),
        map=_without_lines(declared),
    )


def _check_declared(
    declared: dict[str, Any],
    framework: dict[str, Any],
    ingredients: list[tuple[str, dict[str, Any]]],
    content_of: Callable[[str, int], dict[str, Any] | None],
) -> Iterator[Problem]:
    version = framework["version"]
    if not isinstance(version, int):
        yield Problem("framework.yaml", framework[LINE], "“version” must be a whole number")
        return
    before = content_of(framework["id"], version - 1)
    own = _statements(_without_lines([data for _, data in ingredients]))
    known = _statements(before["ingredients"]) if before else None
    yield from check_map(declared, version, known, own)


def _statements(ingredients: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for data in ingredients for row in data["statements"]}


def _read(folder: Path, name: str) -> dict[str, Any]:
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FrameworkFilesError([Problem(name, 0, f"cannot be read ({error})")]) from error
    try:
        data = yaml.load(text, Loader=LineLoader)  # noqa: S506 -- LineLoader is a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "is not valid YAML"
        raise FrameworkFilesError([Problem(name, mark.line + 1 if mark else 0, reason)]) from error
    if not isinstance(data, dict):
        raise FrameworkFilesError([Problem(name, 1, "must be a list of named fields")])
    return data


def _without_lines(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _without_lines(value) for key, value in data.items() if key != LINE}
    if isinstance(data, list):
        return [_without_lines(item) for item in data]
    return data


def _missing(file: str, data: dict[str, Any], wanted: set[str], what: str) -> Iterator[Problem]:
    for field in sorted(wanted - set(data)):
        yield Problem(file, data.get(LINE, 1), f"{what} has no “{field}”")
    for field in sorted(wanted & set(data)):
        if data[field] is None or data[field] == "":
            yield Problem(file, data.get(LINE, 1), f"{what} has an empty “{field}”")


def _check_order(
    framework: dict[str, Any], ingredients: list[tuple[str, dict[str, Any]]]
) -> Iterator[Problem]:
    listed = framework.get("ingredients") or []
    found: dict[Any, tuple[str, dict[str, Any]]] = {
        data.get("id"): (file, data) for file, data in ingredients
    }
    for position, slug in enumerate(listed, start=1):
        if slug not in found:
            yield Problem("framework.yaml", framework[LINE], f"no file for ingredient “{slug}”")
        elif found[slug][1].get("number") != position:
            file, data = found[slug]
            yield Problem(
                file, data[LINE], f"“number” must be {position}, its place in framework.yaml"
            )
    for slug, (file, data) in found.items():
        if slug not in listed:
            yield Problem(file, data[LINE], f"“{slug}” is not listed in framework.yaml")


def _check_ingredient(file: str, data: dict[str, Any]) -> Iterator[Problem]:
    name = data.get("id", "the ingredient")
    yield from _missing(file, data, INGREDIENT_FIELDS, f"“{name}”")
    statements = data.get("statements")
    if not isinstance(statements, list) or not all(isinstance(s, dict) for s in statements):
        yield Problem(file, data[LINE], f"“{name}” must have a list of statements")
        return
    for statement in statements:
        yield from _check_statement(file, statement)


def _check_statement(file: str, statement: dict[str, Any]) -> Iterator[Problem]:
    name = statement.get("id", "a statement")
    yield from _missing(file, statement, STATEMENT_FIELDS, f"statement “{name}”")
    levels: Any = statement.get("levels")
    given = set(levels) - {LINE} if isinstance(levels, dict) else set()
    if given != {1, 2, 3, 4}:
        yield Problem(
            file, statement[LINE], f"statement “{name}” must describe levels 1, 2, 3 and 4"
        )
    elif not all(isinstance(levels[level], str) and levels[level].strip() for level in given):
        yield Problem(file, statement[LINE], f"statement “{name}” has an empty level")
    if not isinstance(statement.get("families_can_score"), bool):
        yield Problem(
            file, statement[LINE], f"statement “{name}”: families_can_score is true or false"
        )


def _check_items(
    file: str, data: dict[str, Any], field: str, wanted: set[str]
) -> Iterator[Problem]:
    """A file that is a list of things with an id: source points, measures."""
    items = data.get(field)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        yield Problem(file, data[LINE], f"“{field}” must be a list of named fields")
        return
    seen: set[str] = set()
    for item in items:
        name = item.get("id", "an entry")
        yield from _missing(file, item, wanted, f"“{name}”")
        if name in seen:
            yield Problem(file, item[LINE], f"id “{name}” is used already in {file}")
        seen.add(name)


def _check_unique(ingredients: list[tuple[str, dict[str, Any]]]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for file, data in ingredients:
        for item in (data, *data["statements"]):
            if item["id"] in seen:
                yield Problem(
                    file, item[LINE], f"id “{item['id']}” is used already in {seen[item['id']]}"
                )
            seen[item["id"]] = file


def _check_references(
    framework: dict[str, Any],
    ingredients: list[tuple[str, dict[str, Any]]],
    source_points: dict[str, Any],
    measures: dict[str, Any],
) -> Iterator[Problem]:
    points = {point["id"] for point in source_points["points"]}
    known_measures = {measure["id"] for measure in measures["measures"]}
    statements = {s["id"] for _, data in ingredients for s in data["statements"]}
    dimensions = {dimension["id"] for dimension in framework["dimensions"]}
    for file, data in ingredients:
        yield from _unknown(file, data, "source_points", data["source_points"], points)
        for statement in data["statements"]:
            yield from _unknown(
                file, statement, "source_points", statement["source_points"], points
            )
            yield from _unknown(
                file, statement, "indicators", statement["indicators"], known_measures
            )
            yield from _unknown(file, statement, "dimension", [statement["dimension"]], dimensions)
            yield from _unknown(
                file, statement, "well_placed", statement["well_placed"], framework["sectors"]
            )
    for measure in measures["measures"]:
        yield from _unknown(
            "measures.yaml", measure, "statements", measure["statements"], statements
        )


def _unknown(
    file: str, item: dict[str, Any], field: str, values: Iterable[str], known: Iterable[str]
) -> Iterator[Problem]:
    for value in values:
        if value not in known:
            yield Problem(
                file, item[LINE], f"“{item['id']}”: {field} names “{value}”, which does not exist"
            )


def differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Where two contents differ, in words: the way to the place, then what it was and is."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from differences(old.get(key), new.get(key), f"{path} › {key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True), start=1):
            name = after.get("id", number) if isinstance(after, dict) else number
            yield from differences(before, after, f"{path} › {name}")
    elif old != new:
        yield f"{path}: was {_short(old)}, is {_short(new)}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
