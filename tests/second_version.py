"""A second version of the framework, for tests alone: the real first one with a few changes, and
the map that declares them."""

import shutil
from pathlib import Path

import yaml
from django.conf import settings

FIRST = settings.FIXTURES / "framework" / "1"
# Agency co-production: one statement is reworded. Family co-production: one has a new id.
REWORDED = "agency-safe-learning"
RENAMED, NEW_NAME = "family-clear-terms", "family-agreed-terms"
# Leadership: one is no longer asked, and there is a new one.
RETIRED, NEW = "leadership-stability", "leadership-public-record"
# Workforce: one is split in two. Culture: two are merged. Accountability stays as it is.
SPLIT, HALVES = "workforce-cross-boundary", ("workforce-joint-posts", "workforce-shared-training")
MERGED, WHOLE = ("culture-integration", "culture-employment"), "culture-joined-life"
GONE = {RETIRED, SPLIT, *MERGED}


def make_second(folder: Path, *, with_map: bool = True) -> Path:
    """The files of version 2 in this folder, which must not be there yet."""
    shutil.copytree(FIRST, folder)
    for path in folder.rglob("*.yaml"):
        path.write_text(path.read_text("utf-8").replace(RENAMED, NEW_NAME), "utf-8")
    change(folder / "framework.yaml", lambda data: data | {"version": 2})
    change(folder / "measures.yaml", _without_what_is_gone)
    for path in (folder / "ingredients").glob("*.yaml"):
        change(path, _changed)
    if with_map:
        dump(folder / "map.yaml", {"from": 1, "statements": map_rows()})
    return folder


def change(path: Path, how) -> None:
    dump(path, how(yaml.safe_load(path.read_text("utf-8"))))


def dump(path: Path, data) -> None:
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")


def _without_what_is_gone(data):
    for measure in data["measures"]:
        measure["statements"] = [slug for slug in measure["statements"] if slug not in GONE]
    return data


def _changed(data):
    rows = []
    for row in data["statements"]:
        for slug in _becomes(row["id"]):
            words = {"statement": f"Reworded. {row['statement']}"} if slug == REWORDED else {}
            rows.append(row | {"id": slug} | words)
    return data | {"statements": rows}


def _becomes(slug):
    if slug == SPLIT:
        return HALVES
    if slug in MERGED:
        return (WHOLE,) if slug == MERGED[0] else ()
    return (NEW,) if slug == RETIRED else (slug,)


def map_rows():
    """A line for each statement of both versions."""
    rows = []
    for path in sorted((FIRST / "ingredients").glob("*.yaml")):
        for row in yaml.safe_load(path.read_text("utf-8"))["statements"]:
            rows += _rows(row["id"])
    return rows


def _rows(slug):
    if slug == SPLIT:
        return [{"kind": "split_from", "before": slug, "after": half} for half in HALVES]
    if slug in MERGED:
        return [{"kind": "merged_into", "before": slug, "after": WHOLE}]
    if slug == RETIRED:
        return [{"kind": "retired", "before": slug}, {"kind": "new", "after": NEW}]
    kind = {REWORDED: "reworded", RENAMED: "renamed_from"}.get(slug, "same")
    return [{"kind": kind, "before": slug, "after": NEW_NAME if slug == RENAMED else slug}]
