"""The figures of one report, read from the words of its PDF.

A PDF breaks lines where it likes, so everything is compared without spaces.
"""

import re
import subprocess

from tests.assessments.report_readers import counted, fetched

SPACED = {
    "cannotsay": "cannot say", "doesnotapply": "does not apply", "notagreed": "not agreed",
    "notdecided": "not decided", "notasked": "not asked",
}  # fmt: skip
SIGNED = {
    "Agrees,withareservation": "agrees, with a reservation", "Agrees": "agrees",
    "Doesnotagree": "does not agree", "Notsigned": "not signed",
}  # fmt: skip
AGREED = "([1-4]|Cannotsay|Doesnotapply|Notagreed|Notdecided)(countsas2)?"
GIVEN = "([1-4]|cannotsay|doesnotapply|notdecided|notasked)"


def squeezed(said):
    return re.sub(r"[\s\u00ad]+", "", said)


def quoted(said):
    return re.escape(squeezed(said))


def spaced(said):
    return int(said) if said.isdecimal() else SPACED[said.lower()]


def from_pdf(client, assessment):
    printed = words_of(fetched(client, assessment, "report-pdf"))
    said = squeezed(printed)
    body, annex = said.rsplit("AnnexA:everystatement", 1)
    start, each = body.rsplit("Eachingredient1.", 1)
    each, signed = f"1.{each}".rsplit("Whosigned", 1)
    tiles = re.search(
        r"Confidence\s+(High|Medium|Low)\s.*?Statements agreed\s+(\d+) of (\d+)\s"
        r".*?Evidence in date\s+(\d+) of (\d+)\s.*?Partners\s+(\d+) of (\d+)\s",
        printed,
        re.DOTALL,
    ).groups()
    return {
        "band": band_in(start, assessment),
        "confidence": tiles[0].lower(),
        **{
            name: f"{tiles[at]} of {tiles[at + 1]}"
            for name, at in (("coverage", 1), ("evidenced", 3), ("returns", 5))
        },
        **ingredients_in(each, assessment.content),
        **annex_in(annex.split("AnnexB:")[0], assessment),
        "contested": contested_in(body, assessment.content),
        "signatures": {
            row.short_name: SIGNED[re.search(f"{quoted(row.name)}({'|'.join(SIGNED)})", signed)[1]]
            for row in assessment.returns.all()
        },
    }


def words_of(pdf):
    found = subprocess.run(
        ["/usr/bin/pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return found.stdout.decode()


def band_in(said, assessment):
    """The rung of the ladder on which the area stands; without one it is not yet rated."""
    labels = [band["label"] for band in assessment.content.bands.values()]
    here = [
        label for label in labels if squeezed(f"{label} {assessment.area.name} is here") in said
    ]
    return here[0] if here else "Not yet rated"


def ingredients_in(said, framework):
    """Level of each, and which limit the band."""
    levels, limiting = {}, []
    for row in framework.all_ingredients:
        found = re.search(
            rf"{row.number}\.{quoted(row.title)}(?:Level([1-4])|Notyetrated)"
            r"(.*?)(?:Strongest|Weakest|Viewsdiffered|Nextstep)",
            said,
        )
        levels[row.short_title] = int(found[1]) if found[1] else "not yet rated"
        limiting += [row.short_title] if "Itlimitstheband." in found[2] else []
    return {"ingredients": levels, "limiting": limiting}


def contested_in(said, framework):
    """Those marked with dissent, and those on which nothing was agreed."""
    found = []
    for row in framework.all_statements:
        marks = re.findall(rf"{quoted(f'{row.code} {row.title}')}((?:,[a-z]+)+)", said)
        if ",dissent" in "".join(marks) or ",notagreed" in "".join(marks):
            found.append(row.code)
    return found


def annex_in(said, assessment):
    """What each row of the annex says: agreed, counted, each partner's answer, evidence."""
    rows = assessment.content.all_statements
    matches = [re.search(f"{quoted(f'{row.code} {row.title}')}{AGREED}", said) for row in rows]
    ends = [match.start() for match in matches[1:]] + [len(said)]
    rest = {
        row.code: said[match.end() : end]
        for row, match, end in zip(rows, matches, ends, strict=True)
    }
    agreed = {row.code: spaced(match[1]) for row, match in zip(rows, matches, strict=True)}
    return {
        "agreed": agreed,
        "counts_as": {
            row.code: counted(agreed[row.code], is_not_evidenced=bool(match[2]))
            for row, match in zip(rows, matches, strict=True)
        },
        "partners": {code: answers_in(text, assessment) for code, text in rest.items()},
        "evidence": {
            code: len(re.findall(r",(?:indate|outofdate)[^()]*\)", text))
            for code, text in rest.items()
        },
    }


def answers_in(said, assessment):
    """Partners stand in their own order; each name is looked for after the one before."""
    found, at = {}, 0
    for row in assessment.returns.all():
        match = re.compile(f"{quoted(row.short_name)}{GIVEN}").search(said, at)
        if row.submitted_at and match:
            found[row.short_name], at = spaced(match[1]), match.end()
    return found
