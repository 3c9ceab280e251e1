"""What a report says: one frozen object that feeds the page, the PDF and every file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from assessments.readiness import Coverage, EvidenceCoverage, Returns
from assessments.reports.plan import Plan


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """One partner as it was in this assessment. `code` and `short_name` are its mark on charts."""

    id: str
    code: str
    name: str
    short_name: str
    is_family: bool
    is_required: bool
    submitted_on: date | None


@dataclass(frozen=True, slots=True)
class PartnerAnswer:
    """What one partner said of one statement. `level` is None where it gave none."""

    partner: PartnerLine
    level: int | None
    words: str
    reason: str
    is_alone: bool

    @property
    def cell(self) -> str:
        """What stands in a table: the digit, or why there is none."""
        return str(self.level) if self.level else self.words


@dataclass(frozen=True, slots=True)
class DissentLine:
    id: int
    partner: PartnerLine
    text: str
    recorded_on: date
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One item as it was. `address` of a link, or `file_name` of a file, which only people who
    see the library may open."""

    id: str
    title: str
    kind: str
    address: str
    file_name: str
    owner: str
    shows: str
    dated_on: date | None
    review_on: date | None
    is_in_date: bool
    words: str


@dataclass(frozen=True, slots=True)
class StatementReport:
    """One statement. `level` is the agreed level (1 to 4), `counts_as` the level at which it
    counts for ingredient and band; both None where no level was agreed."""

    slug: str
    code: str
    title: str
    text: str
    ingredient: str
    agreed_words: str
    is_decided: bool
    level: int | None
    counts_as: int | None
    is_contested: bool
    is_not_evidenced: bool
    rationale: str
    outside_reason: str
    sentence: str
    strip: SafeString
    answers: tuple[PartnerAnswer, ...]
    dissent: tuple[DissentLine, ...]
    evidence: tuple[EvidenceLine, ...]
    next_step: str
    change: str

    @property
    def agreed_cell(self) -> str:
        """What stands in a table: the digit, or why there is none."""
        return str(self.level) if self.level else self.agreed_words

    @property
    def notes(self) -> str:
        """What a table of statements notes beside the level, in sentences."""
        evidence = "Not evidenced." if self.is_not_evidenced else "Evidence linked."
        found = [
            evidence if self.is_not_evidenced or self.evidence else "",
            "Contested." if self.is_contested else "",
            self.change,
        ]
        return " ".join(note for note in found if note)

    @property
    def asides(self) -> list[str]:
        """The few words behind its name in a short list; none for most."""
        found = [] if self.level else [self.agreed_words.lower()]
        found += ["not evidenced, counts as 2"] if self.is_not_evidenced else []
        return found + (["dissent on record"] if self.is_contested and self.level else [])


@dataclass(frozen=True, slots=True)
class IngredientReport:
    """One ingredient. `level` is 1 to 4, or None where it is not yet rated for `reasons`."""

    slug: str
    number: int
    title: str
    short_title: str
    level: int | None
    level_words: str
    reasons: tuple[str, ...]
    is_limiting: bool
    is_contested: bool
    is_not_evidenced: bool
    coverage: str
    counts: Coverage
    sentence: str
    strip: SafeString
    places: tuple[PartnerAnswer, ...]
    statements: tuple[StatementReport, ...]
    strongest: StatementReport | None
    weakest: StatementReport | None
    widest: StatementReport | None
    before: int | None
    change: str
    move: SafeString | None


@dataclass(frozen=True, slots=True)
class LiftGroup:
    """The steps of the smallest lift that belong to one ingredient."""

    ingredient: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LiftReport:
    steps: int
    steps_words: str
    band_after: str
    groups: tuple[LiftGroup, ...]


@dataclass(frozen=True, slots=True)
class BandStep:
    """One rung of the ladder of bands."""

    label: str
    is_here: bool
    was_here: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure that stands beside the band: its name, the figure, and what it counts."""

    name: str
    figure: str
    words: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The tiles as numbers. `confidence` is high, medium or low; `contested` counts statements."""

    confidence: str
    contested: int
    coverage: Coverage
    evidence: EvidenceCoverage
    returns: Returns


@dataclass(frozen=True, slots=True)
class Baseline:
    title: str
    submitted_on: date
    sha256: str
    summary: str


@dataclass(frozen=True, slots=True)
class Correction:
    """Why this report replaces an earlier version of it, and what is different from that."""

    version: int
    corrected_on: date
    sha256: str
    reason: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Priority:
    statement: StatementReport
    why: str


@dataclass(frozen=True, slots=True)
class Signature:
    partner: PartnerLine
    decision: str
    words: str
    text: str
    name: str
    role: str
    signed_on: date | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that was done out of the ordinary, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Method:
    """How the report was worked out, so that anyone can check it."""

    rule: str
    framework: str
    framework_id: str
    framework_version: int
    framework_fingerprint: str
    sha256: str
    who_sees: str


@dataclass(frozen=True, slots=True)
class ReportContents:
    """Everything a report says, for one audience.

    `shows_partners` is False for DfE unless the area consented: then no partner's level, reason
    or dissent text is in here at all, so that no format can print it.
    """

    id: int
    area: str
    area_code: str
    region: str
    is_demonstration: bool
    title: str
    purpose: str
    day: date
    started_on: date
    revealed_on: date | None
    submitted_on: date | None
    is_draft: bool
    shows_partners: bool
    band: str
    band_label: str
    band_description: str
    band_suggests: str
    band_sentence: str
    ladder: tuple[BandStep, ...]
    limits: str
    missing: tuple[str, ...]
    lift: LiftReport | None
    tiles: tuple[Tile, ...]
    figures: Figures
    levels: dict[int, str]
    partners: tuple[PartnerLine, ...]
    ingredients: tuple[IngredientReport, ...]
    baseline: Baseline | None
    correction: Correction | None
    priorities: tuple[Priority, ...]
    signatures: tuple[Signature, ...]
    plan: Plan
    reasons: tuple[Reason, ...]
    method: Method

    @property
    def statements(self) -> tuple[StatementReport, ...]:
        return tuple(s for ingredient in self.ingredients for s in ingredient.statements)

    @property
    def name(self) -> str:
        return f"{self.area}: readiness report, {self.title}"
