"""Work every stored report out again, and say where it is not what was kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from assessments import readiness
from assessments.models import StoredReport
from assessments.reports import storing
from assessments.reports.build import build
from assessments.reports.facts import Facts, canonical, fingerprint, gather, picture_of
from assessments.reports.pictures import picture_problems

# Reports keep the rule by which they were made; these can be worked out by this version.
KNOWN_RULES = {readiness.RULE_VERSION}
# What rows say that cannot change after submission. Names of areas and evidence may.
FROZEN = ("day", "agreed", "dissent", "quorum_reasons", "sign_offs", "partners")


def problems_of(stored: StoredReport, *, with_pdf: bool = False) -> Iterator[str]:
    """Each problem of one report in one sentence; none means that all is as it was signed.

    `with_pdf` also draws the PDFs afresh and compares their bytes: possible only with the same
    versions of WeasyPrint and of the layout (see `can_compare`).
    """
    if fingerprint(stored.facts) != stored.sha256:
        yield "its facts do not have the hash that was kept with them"
    try:
        facts = json.loads(stored.facts)
    except ValueError:
        yield "its facts are not JSON"
        return
    if canonical(facts) != stored.facts:
        yield "its facts are not canonical JSON"
    if stored.rule_version not in KNOWN_RULES or facts.get("rule") != stored.rule_version:
        yield f"its rule {stored.rule_version} is not known, or not the one in its facts"
        return
    for check in (_framework, _contents, _rows, _later, picture_problems, _files):
        yield from _safely(check, stored, facts)
    if with_pdf and stored.has_pdf and can_compare(stored):
        yield from _safely(_fresh, stored, facts)


def can_compare(stored: StoredReport) -> bool:
    """Whether a fresh PDF must have the bytes of the stored one."""
    return stored.pdf_made_with == storing.made_with()


Check = Callable[[StoredReport, Facts], Iterator[str]]


def _safely(check: Check, stored: StoredReport, facts: Facts) -> Iterator[str]:
    # Facts that somebody tampered with may have any shape; the other reports still count.
    try:
        yield from check(stored, facts)
    except Exception as error:
        yield f"it cannot be worked out again ({type(error).__name__}: {error})"


def _framework(stored: StoredReport, facts: Facts) -> Iterator[str]:
    framework, said = stored.assessment.framework, facts["framework"]
    if (said["version"], said["fingerprint"]) != (framework.version, framework.fingerprint):
        yield "its framework is not the one that it names"


def _contents(stored: StoredReport, facts: Facts) -> Iterator[str]:
    """Levels and band as printed are those that the rule gives."""
    framework = stored.assessment.content
    picture = picture_of(facts, framework)
    for shows_partners in (True, False):
        report = build(facts, framework, shows_partners=shows_partners)
        printed = {row.slug: row.level for row in report.ingredients}
        if printed != {slug: row.level for slug, row in picture.ingredients.items()}:
            yield "its levels are not those that the rule gives"
        if report.band != picture.band:
            yield "its band is not the one that the rule gives"
        if report.method.sha256 != stored.sha256:
            yield "it prints another hash than the one that was kept"


def _rows(stored: StoredReport, facts: Facts) -> Iterator[str]:
    """The rows from which the facts were read still say the same."""
    now = json.loads(canonical(gather(stored.assessment, with_baseline=False)))
    for name in FROZEN:
        if now[name] != facts[name]:
            yield f"its facts and the database differ in: {name.replace('_', ' ')}"


def _later(stored: StoredReport, facts: Facts) -> Iterator[str]:
    """What this report says of an earlier one is what that one says."""
    earlier = {"baseline": (stored.assessment.baseline_id, facts["baseline"])}
    if correction := facts.get("correction"):
        earlier["corrected report"] = (stored.assessment.corrects_id, correction["report"])
    for name, (pk, said) in earlier.items():
        if pk is None or said is None:
            if (pk is None) != (said is None):
                yield f"its {name} is missing"
            continue
        before = StoredReport.objects.select_related("assessment").get(assessment_id=pk)
        picture = picture_of(json.loads(before.facts), before.assessment.content)
        levels = {slug: row.level for slug, row in picture.ingredients.items()}
        if (said["sha256"], said["band"], said["ingredients"]) != (
            before.sha256, picture.band.value, levels,
        ):  # fmt: skip
            yield f"what it says of its {name} is not what that report says"


def _files(stored: StoredReport, facts: Facts) -> Iterator[str]:
    if not stored.has_pdf:
        return
    hashes = tuple(storing.hash_of(file) for file in storing.read(stored.pk))
    if hashes != (stored.pdf_sha256, stored.programme_pdf_sha256):
        yield "a stored PDF does not have the hash that was kept with it"


def _fresh(stored: StoredReport, facts: Facts) -> Iterator[str]:
    kept, fresh = storing.read(stored.pk), storing.render(stored.assessment)
    for name, before, now in zip(("PDF", "PDF without partners"), kept, fresh, strict=True):
        if before != now:
            yield f"its {name} differs from one drawn afresh ({stored.pdf_made_with})"
