"""Check the map of a framework version: how each statement came out of the version before.

Nothing here touches the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ingredients.actions.problems import LINE, Problem
from ingredients.models import StatementMap

Kind = StatementMap.Kind
FILE = "map.yaml"
# What a reader scores: where these are alike, nobody has to read the statement again.
WORDING = ("statement", "levels", "families_can_score")
ONE_TO_ONE = {Kind.SAME, Kind.REWORDED, Kind.RENAMED_FROM}
# In several rows at once: the one before a split, the one after a merger.
SEVERAL = {"before": Kind.SPLIT_FROM, "after": Kind.MERGED_INTO}
Statements = Mapping[str, Mapping[str, Any]]


def check_map(
    data: dict[str, Any], version: int, before: Statements | None, after: Statements
) -> Iterator[Problem]:
    """Every fault of a map with its line. `before` and `after` are the statements of both versions
    by id; `before` is None where that version has not been loaded."""
    line = data.get(LINE, 1)
    rows = data.get("statements")
    if data.get("from") != version - 1:
        yield Problem(FILE, line, f"“from” must be {version - 1}, the version before")
    elif before is None:
        yield Problem(FILE, line, f"version {version - 1} must be loaded first")
    elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        yield Problem(FILE, line, "“statements” must be a list of named fields")
    else:
        found = [problem for row in rows for problem in _check_row(row, before, after)]
        yield from found
        # Only rows that can be read say whether the whole is complete.
        if not found:
            yield from _check_whole(rows, before, after, line)


def _check_row(row: dict[str, Any], before: Statements, after: Statements) -> Iterator[Problem]:
    line, kind = row[LINE], row.get("kind")
    if kind not in Kind.values:
        yield Problem(FILE, line, f"“kind” must be one of {', '.join(Kind.values)}")
        return
    for side, known, without in (("before", before, Kind.NEW), ("after", after, Kind.RETIRED)):
        slug = row.get(side)
        if kind == without:
            if slug is not None:
                yield Problem(FILE, line, f"a statement that is {kind} has no “{side}”")
        elif not isinstance(slug, str) or slug not in known:
            yield Problem(FILE, line, f"“{side}” names “{slug}”, which does not exist")
    for field in sorted(row.keys() - {LINE, "kind", "before", "after"}, key=str):
        yield Problem(FILE, line, f"“{field}” is not a field of a map")


def _check_whole(
    rows: list[dict[str, Any]], before: Statements, after: Statements, line: int
) -> Iterator[Problem]:
    for side, known in (("before", before), ("after", after)):
        named = Counter(row[side] for row in rows if row.get(side))
        for slug in known:
            if slug not in named:
                yield Problem(FILE, line, f"“{slug}” is not named {side} the change")
        for row in rows:
            times = named[row.get(side, "")]
            yield from _check_times(row, side, times)
    for row in rows:
        if row["kind"] in ONE_TO_ONE:
            yield from _check_wording(row, before[row["before"]], after[row["after"]])


def _check_times(row: dict[str, Any], side: str, times: int) -> Iterator[Problem]:
    """A split has one statement before in several rows, a merger one after; nothing else has."""
    may_repeat = row["kind"] == SEVERAL[side]
    if times > 1 and not may_repeat:
        yield Problem(FILE, row[LINE], f"“{row[side]}” is in several rows")
    if times == 1 and may_repeat:
        yield Problem(FILE, row[LINE], f"“{row['kind']}” takes two rows or more for “{row[side]}”")


def _check_wording(
    row: dict[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Problem]:
    """The same says that nothing changed; renamed, that the id did."""
    is_renamed = row["before"] != row["after"]
    if is_renamed != (row["kind"] == Kind.RENAMED_FROM):
        is_said = "have different ids" if is_renamed else "have the same id"
        yield Problem(FILE, row[LINE], f"statements that are {row['kind']} cannot {is_said}")
    changed = [field for field in WORDING if before.get(field) != after.get(field)]
    if row["kind"] == Kind.SAME and changed:
        yield Problem(
            FILE, row[LINE], f"“{row['after']}” is not the same: {', '.join(changed)} changed"
        )
