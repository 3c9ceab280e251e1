"""What the record of a check-in says: one frozen object for its page and its PDF.

A closed check-in is read from the facts that were kept then, so that it says the same for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from areas.models import Sector
from assessments.models import CheckIn
from assessments.models.check_ins import Kind
from assessments.readiness import (
    ActionState,
    Momentum,
    Pace,
    PriorityState,
    momentum,
)
from assessments.reports import charts, words
from assessments.reports.check_in_facts import Facts, gather_check_in
from ingredients.models import Statement
from send_portal.pdf import kept_pdf

PACE_WORDS = {
    Pace.MOVING: "Moving",
    Pace.SLOW: "Slow",
    Pace.STUCK: "Stuck",
    Pace.NOT_YET_KNOWN: "Not yet known",
}
RULE = (
    "Moving means that at least half of the priorities moved, or that three quarters of the actions "
    "due are done. Stuck means that none moved and more than half of the actions due are late. "
    "Slow is what lies between."
)


@dataclass(frozen=True, slots=True)
class PriorityLine:
    """One priority. `then` is the evidenced level last recorded before, `level` the one claimed now
    and `counts_as` what it counts as by the evidence rule; each None where there is none."""

    slug: str
    code: str
    title: str
    then: int | None
    level: int | None
    counts_as: int | None
    state: str
    words: str
    strip: SafeString
    evidence: tuple[str, ...]
    what_changed: str
    how_we_know: str
    blocker: str
    next_step: str
    body: str
    next_on: date | None

    @property
    def is_recorded(self) -> bool:
        return self.level is not None


@dataclass(frozen=True, slots=True)
class LateAction:
    id: int
    what: str
    owner: str
    due: date
    words: str


@dataclass(frozen=True, slots=True)
class LateOf:
    """What one partner is late with. `sector` gives its mark."""

    body: str
    sector: Sector
    actions: tuple[LateAction, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who agreed the record: the area, and DfE where it takes part. `on` is None until then."""

    who: str
    name: str
    on: date | None


@dataclass(frozen=True, slots=True)
class CheckInContents:
    """Everything a check-in says. `momentum` holds the counts, `pace` the word for them."""

    id: int
    area: str
    is_demonstration: bool
    kind: str
    on: date
    baseline: str
    baseline_on: date
    baseline_sha256: str
    since: date
    since_words: str
    momentum: Momentum
    pace: str
    sentence: str
    rule: str
    rule_words: str
    priorities: tuple[PriorityLine, ...]
    late: tuple[LateOf, ...]
    choice_reason: str
    agreements: tuple[Agreement, ...]
    is_closed: bool

    @property
    def title(self) -> str:
        return f"Check-in, {words.day(self.on)}"

    @property
    def name(self) -> str:
        return f"{self.area}: check-in of {words.day(self.on)}"


def contents_of_check_in(check_in: CheckIn) -> CheckInContents:
    """The record as it stands; of a closed one as it was kept."""
    facts: Facts = check_in.facts if check_in.facts is not None else gather_check_in(check_in)
    return _build(facts, check_in.baseline.content.statement_by_slug, is_closed=check_in.is_closed)


# Nothing in a closed one changes any more, so each process works the last ones out once.
@lru_cache(maxsize=256)
def closed_check_in(check_in_id: int, closed_at: datetime) -> CheckInContents:
    """The record of a check-in on which all agreed; `closed_at` is the moment of it."""
    found: CheckIn = CheckIn.objects.select_related("baseline").get(
        pk=check_in_id, closed_at=closed_at
    )
    return contents_of_check_in(found)


def check_in_pdf(found: CheckInContents) -> bytes:
    """The record as a tagged PDF. Raises PdfError when it cannot be made."""
    html = render_to_string("reports/check_in_pdf.html", {"found": found})
    return kept_pdf(html, "check-in.css")


def _build(facts: Facts, statements: dict[str, Statement], *, is_closed: bool) -> CheckInContents:
    on, baseline = date.fromisoformat(facts["on"]), facts["baseline"]
    since = date.fromisoformat(facts["previous"] or baseline["on"])
    found = momentum(
        since,
        on,
        [_state(row) for row in facts["priorities"]],
        [_action_state(row) for row in facts["actions"]],
    )
    return CheckInContents(
        id=facts["id"],
        area=facts["area"],
        is_demonstration=facts["demonstration"],
        kind=str(Kind(facts["kind"]).label),
        on=on,
        baseline=baseline["title"],
        baseline_on=date.fromisoformat(baseline["on"]),
        baseline_sha256=baseline["sha256"],
        since=since,
        since_words=f"the check-in of {words.day(since)}"
        if facts["previous"]
        else f"{baseline['title']}, submitted on {words.day(since)}",
        momentum=found,
        pace=PACE_WORDS[found.word],
        sentence=momentum_words(found, since),
        rule=facts["rule"],
        rule_words=RULE,
        priorities=tuple(_line(row, statements[row["statement"]]) for row in facts["priorities"]),
        late=_late(facts["actions"], on),
        choice_reason=facts["choice_reason"],
        agreements=tuple(
            Agreement(row["who"], row["name"], _day(row["on"])) for row in facts["agreements"]
        ),
        is_closed=is_closed,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _state(row: Facts) -> PriorityState:
    reviews = tuple(_day(item["review_on"]) for item in row["evidence"])
    return PriorityState(row["statement"], row["then"], row["level"], reviews)


def _action_state(row: Facts) -> ActionState:
    return ActionState(date.fromisoformat(row["due"]), _day(row["done_on"]), row["no_action"])


def momentum_words(found: Momentum, since: date) -> str:
    """The counts behind the word, as two sentences."""
    noun = "priority" if found.priorities == 1 else "priorities"
    has = "has" if 1 in {found.moved, found.priorities} else "have"
    moved = (
        f"{found.moved} of {found.priorities} {noun} {has} moved since {words.day(since)}."
        if found.priorities
        else "There is no priority."
    )
    verb = "is" if 1 in {found.done, found.actions} else "are"
    done = (
        f"{found.done} of {words.count(found.actions, 'action')} due by then {verb} done."
        if found.actions
        else "No action was due."
    )
    return f"{moved} {done}"


def _line(row: Facts, statement: Statement) -> PriorityLine:
    then, level, counts_as = row["then"], row["level"], row["counts_as"]
    state, said = _said(then, level, counts_as)
    return PriorityLine(
        slug=statement.slug,
        code=statement.code,
        title=statement.title,
        then=then,
        level=level,
        counts_as=counts_as,
        state=state,
        words=said,
        strip=charts.move_strip(
            before=then,
            after=then if level is None else counts_as,
            title=f"{statement.code} {statement.title}. {state} {said}",
        ),
        evidence=tuple(item["title"] for item in row["evidence"]),
        what_changed=row["what_changed"],
        how_we_know=row["how_we_know"],
        blocker=row["blocker"],
        next_step=row["next_step"],
        body=row["body"],
        next_on=_day(row["next_on"]),
    )


def _said(then: int | None, level: int | None, counts_as: int | None) -> tuple[str, str]:
    """Whether it was looked at, and what is seen."""
    was = f"At {then} before." if then else "No level before."
    if level is None:
        return "Not yet re-confirmed.", was
    moved = words.moved(then, counts_as) if then else f"{was} Now at {counts_as}."
    if counts_as != level:
        moved = f"Level {level} without evidence in date, so it counts as {counts_as}. {moved}"
    return "Recorded.", moved


def _late(actions: list[Facts], on: date) -> tuple[LateOf, ...]:
    """Due by the day of the check-in and not done by then, by responsible body."""
    found: dict[tuple[int, str, str], list[LateAction]] = {}
    for row in actions:
        due, done_on = date.fromisoformat(row["due"]), _day(row["done_on"])
        if row["no_action"] or (done_on and done_on <= on):
            continue
        late = words.days_late(due, on) or "due that day"
        key = (Sector.position(row["sector"]), row["body"], row["sector"])
        found.setdefault(key, []).append(
            LateAction(row["id"], row["what"], row["owner"], due, late)
        )
    return tuple(
        LateOf(body, Sector(sector), tuple(rows))
        for (_, body, sector), rows in sorted(found.items())
    )
