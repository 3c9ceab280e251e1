"""The figures of one report, read from its PDF's structure tree as a screen reader would."""

import re

from tests.assessments.report_readers import counted, fetched, level_or_words
from tests.assessments.tagged import below, tree_of

CONFIDENCE = re.compile(r"(High|Medium|Low) Confidence\.")
LEVEL = re.compile(r"Level ([1-4])|Not yet rated")
CHANGED = re.compile(r"( ?(Up from|Down from|Still at|Was |Not rated either).*)?$")
WITHOUT = re.compile(r"(Cannot say|Does not apply|Not asked|Not decided): ([A-Z0-9, ]+)\.")
# The end of each item of evidence in a list.
ITEM = re.compile(r", (?:in date|out of date)[^()]*\)")


def from_pdf(client, assessment):
    tree = tree_of(fetched(client, assessment, "report-pdf"))
    lists = [[item.words for item in found.all("LI")] for found in tree.all("L")]
    codes = dict(item.split(" ", 1) for item in marks_in(lists))
    tiles = next(found for found in lists if CONFIDENCE.match(found[0]))
    sheets = ingredients_in(tree, assessment.content)
    return {
        "band": band_in(tree, assessment),
        "confidence": CONFIDENCE.match(tiles[0])[1].lower(),
        "coverage": figure_in(tiles[1]),
        "evidenced": figure_in(tiles[2]),
        "returns": figure_in(tiles[3]),
        **sheets,
        **annex_in(tree, assessment, codes),
        "signatures": {
            row.short_name: next(
                cells[1].lower() for cells in signed_in(tree) if same(cells[0], row.name)
            )
            for row in assessment.returns.all()
        },
    }


def same(one, other):
    """Long words are broken where a line ends."""
    return re.sub(r"\s", "", one) == re.sub(r"\s", "", other)


def marks_in(lists):
    """The key of the charts: a partner's code, then its name."""
    found = next(found for found in lists if "Agreed" in found)
    return [item for item in found if item not in ("Agreed", "Last time")]


def figure_in(tile):
    return re.match(r"\d+ of \d+", tile)[0]


def band_in(tree, assessment):
    """The rung of the ladder on which the area stands; without one it is not yet rated."""
    labels = [band["label"] for band in assessment.content.bands.values()]
    rungs = [item.words for item in tree.all("LI") if " Now" in item.words]
    here = [label for label in labels for rung in rungs if rung.startswith(f"{label} Now")]
    return here[0] if here else "Not yet rated"


def ingredients_in(tree, framework):
    """Level of each, and which limit the band."""
    levels, limiting = {}, []
    for row in framework.all_ingredients:
        nodes = below(tree, row.short_title)
        said = next(
            match for node in nodes if node.kind == "P" and (match := LEVEL.match(node.words))
        )
        levels[row.short_title] = int(said[1]) if said[1] else "not yet rated"
        points = dict(next(node for node in nodes if node.kind == "Table").rows)
        limiting += [row.short_title] if "It limits the band." in points["Agreed"] else []
    return {"ingredients": levels, "limiting": limiting}


def signed_in(tree):
    return next(node for node in below(tree, "Who signed") if node.kind == "Table").rows[1:]


def annex_in(tree, assessment, codes):
    """What each row of the annex says: agreed, counted, each partner's answer, evidence."""
    rows = [
        cells
        for table in below(tree, "Annex A")
        if table.kind == "Table"
        for cells in table.rows[1:]
    ]
    found = {"agreed": {}, "counts_as": {}, "partners": {}, "evidence": {}, "contested": []}
    for statement, (title, *columns, agreed, why) in zip(
        assessment.content.all_statements, rows, strict=True
    ):
        code = statement.code
        assert same(title, f"{code} {statement.title} {statement.text}")
        said = CHANGED.sub("", agreed)
        level = level_or_words(said)
        found["agreed"][code] = level
        found["counts_as"][code] = counted(level, is_not_evidenced="counts as 2" in said)
        found["partners"][code] = answers_in(columns, why, assessment, codes)
        found["evidence"][code] = len(ITEM.findall(why))
        if ", dissent:" in why or "Contested." in why or level == "not agreed":
            found["contested"].append(code)
    return found


def answers_in(columns, why, assessment, codes):
    """Each partner's answer, in the order of partners."""
    said = {code: level for level, cell in enumerate(columns, start=1) for code in cell.split()}
    for words, who in WITHOUT.findall(why):
        said |= dict.fromkeys(who.split(", "), words.lower())
    found = {codes[code]: answer for code, answer in said.items()}
    order = [row.short_name for row in assessment.returns.all()]
    return {name: found[name] for name in order if name in found}
