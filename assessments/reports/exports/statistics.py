"""The grid in the layout of explore education statistics: a data set with its metadata.

Two data sets, because they may go to different readers. `send-readiness` counts areas in England
and its regions, without the counts of small groups. `send-readiness-areas` names every area. Layout
and symbols follow DfE's open data standards: `c` suppressed, `x` not available.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from areas.models import REGION_CODES, Area
from assessments.readiness import Band
from assessments.reports import words
from assessments.reports.comparison import Line
from assessments.reports.distributions import LEVELS, SMALLEST_GROUP
from assessments.reports.trends import term_of
from ingredients.models import Framework
from send_portal.exports import safe_cell

SUPPRESSED, NOT_AVAILABLE = "c", "x"
COUNTRY = {"country_code": "E92000001", "country_name": "England"}
GEOGRAPHY = ("time_period", "time_identifier", "geographic_level", *COUNTRY)
REGION = ("region_code", "region_name")
LA = ("old_la_code", "new_la_code", "la_name")
# What was counted, the same in every row, so that a row says so wherever it ends up.
COUNTED = ("as_at", "framework_version", "selection")
TOTAL = "Total"
TOPIC, BREAKDOWN = "breakdown_topic", "breakdown"
INDICATORS = {
    "area_count": "Number of areas",
    "area_contested_count": "Number of areas with a contested statement",
    "area_not_evidenced_count": "Number of areas with a level not evidenced",
}
META = (
    "col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp",
    "filter_hint", "filter_grouping_column",
)  # fmt: skip
GUIDANCE = """\
SEND readiness as at {day}, framework version {version}.
Counted: {selection}.

Submitted assessments only; of each area the latest, of a corrected report its newest version.
Made-up areas are never counted. Areas are not ranked, and there is no average and no overall score.

send-readiness.csv: areas in England and in each region. A group of fewer than {few} areas with a
submitted assessment is suppressed, shown as {suppressed}. So is one more region where the others
would give the first away. This holds within one file: do not publish files of different filters
beside each other. There is no row for England where the areas are of one region.

send-readiness-areas.csv: each area by name, as 1 at its own band and levels. This file is not
suppressed and is not for publication. {missing} stands where an area has not submitted an assessment.

breakdown_topic and breakdown: all areas with a submitted assessment (Total), their readiness band,
and the level of each ingredient. For each:

"""
Row = dict[str, str]
# How many areas, how many of them with a contested statement, how many with one not evidenced.
Numbers = tuple[int, int, int]
Counted = dict[tuple[str, str], Numbers]


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data file, with the name that its metadata shares."""

    name: str
    columns: tuple[str, ...]
    rows: list[Row]


def make_statistics(
    lines: Sequence[Line], framework: Framework, day: date, *, selection: str, in_region: bool
) -> bytes:
    """The zip: two data files, the metadata of each, and how to read them.

    `lines` are the areas that the grid shows. `selection` says in words which these are, and
    `in_region` that they are of one region, so that there is no count for England. Raises
    ValueError for a made-up area, which is never in a statistic.
    """
    invented = [line.area.name for line in lines if line.area.is_demonstration]
    if invented:
        raise ValueError(f"lines: {invented[0]} is made up")
    about = {"as_at": day.isoformat(), "framework_version": str(framework.version)}
    base = _time(day) | COUNTRY | about | {"selection": safe_cell(selection)}
    end = (*COUNTED, TOPIC, BREAKDOWN, *INDICATORS)
    groups = list(_groups(lines, framework, in_region=in_region))
    sets = (
        DataSet("send-readiness", (*GEOGRAPHY, *REGION, *end), [base | row for row in groups]),
        DataSet(
            "send-readiness-areas",
            (*GEOGRAPHY, *REGION, *LA, *end),
            [base | row for row in _areas(lines, framework)],
        ),
    )
    return _zipped(sets, day, _guidance(framework, day, selection))


def hidden_regions(numbers: Mapping[str, int]) -> set[str]:
    """Regions whose counts are left out; `numbers` are their areas with a submitted assessment.

    Those with fewer than five. Where all of these together are fewer than five, England less the
    other regions would show them: then the smallest of the others is left out as well.
    """
    order = sorted(numbers, key=lambda name: (numbers[name], name))
    hidden = {name for name in order if numbers[name] < SMALLEST_GROUP}
    shown = [name for name in order if name not in hidden]
    left = sum(numbers[name] for name in hidden)
    if 0 < left < SMALLEST_GROUP and shown:
        hidden.add(shown[0])
    return hidden


# ---- Rows ----------------------------------------------------------------------------------------


def _groups(lines: Sequence[Line], framework: Framework, *, in_region: bool) -> Iterator[Row]:
    """England unless the areas are of one region, then each region."""
    regions: dict[str, list[Line]] = {}
    for line in lines:
        regions.setdefault(line.area.region, []).append(line)
    numbers = {name: _submitted(found) for name, found in regions.items()}
    if lines and not in_region:
        place = {"geographic_level": "National"} | dict.fromkeys(REGION, "")
        counted = count(lines, framework)
        yield from _rows(place, counted, is_hidden=sum(numbers.values()) < SMALLEST_GROUP)
    hidden = hidden_regions(numbers)
    for name in sorted(regions):
        place = {"geographic_level": "Regional"} | _region(name)
        yield from _rows(place, count(regions[name], framework), is_hidden=name in hidden)


def _areas(lines: Sequence[Line], framework: Framework) -> Iterator[Row]:
    """Each area by its code. What it has not submitted is not available."""
    for line in sorted(lines, key=lambda line: line.area.dfe_code):
        counted = count([line], framework)
        place = {"geographic_level": "Local authority"} | _region(line.area.region)
        for key, row in zip(counted, _rows(place | _la(line.area), counted), strict=True):
            is_missing = line.picture is None and key != (TOTAL, TOTAL)
            yield row | (dict.fromkeys(INDICATORS, NOT_AVAILABLE) if is_missing else {})


def count(lines: Iterable[Line], framework: Framework) -> Counted:
    """Areas with a submitted assessment by band, and by level of each ingredient: every topic and
    breakdown there is, in order, whether or not an area has it."""
    unrated: str = framework.bands[Band.NOT_YET_RATED]["label"]
    names = {level: f"Level {level}" for level in LEVELS}
    bands = [framework.bands[band.value]["label"] for band in sorted(Band, key=lambda b: b.rank)]
    found: Counted = {(TOTAL, TOTAL): (0, 0, 0)}
    found |= {("Readiness band", label): (0, 0, 0) for label in bands}
    for part in framework.all_ingredients:
        found |= {(part.short_title, name): (0, 0, 0) for name in (*names.values(), unrated)}
    titles = {part.slug: part.short_title for part in framework.all_ingredients}
    for line in (line for line in lines if line.picture):
        contested = any(cell.is_contested for cell in line.cells)
        thin = any(cell.is_not_evidenced for cell in line.cells)
        _add(found, TOTAL, TOTAL, contested, thin)
        _add(found, "Readiness band", line.band_label, contested, thin)
        for cell in line.cells:
            name = names[cell.level] if cell.level else unrated
            _add(found, titles[cell.slug], name, cell.is_contested, cell.is_not_evidenced)
    return found


def _add(found: Counted, topic: str, breakdown: str, contested: bool, thin: bool) -> None:
    areas, disputed, not_evidenced = found[topic, breakdown]
    found[topic, breakdown] = areas + 1, disputed + contested, not_evidenced + thin


def _rows(place: Row, counted: Counted, *, is_hidden: bool = False) -> Iterator[Row]:
    for (topic, breakdown), numbers in counted.items():
        said = [SUPPRESSED if is_hidden else str(number) for number in numbers]
        yield (
            place | {TOPIC: topic, BREAKDOWN: breakdown} | dict(zip(INDICATORS, said, strict=True))
        )


def _submitted(lines: Iterable[Line]) -> int:
    return sum(line.picture is not None for line in lines)


def _region(name: str) -> Row:
    code = REGION_CODES.get(name, NOT_AVAILABLE)
    return {"region_code": code, "region_name": safe_cell(name)}


def _la(area: Area) -> Row:
    return dict(zip(LA, (area.dfe_code, area.gss_code, safe_cell(area.name)), strict=True))


def _time(day: date) -> Row:
    """The term of this day in its academic year, which starts in September: 202627."""
    first = day.year - (day.month < 9)
    return {
        "time_period": f"{first}{(first + 1) % 100:02d}",
        "time_identifier": f"{term_of(day)} term",
    }


# ---- Files ---------------------------------------------------------------------------------------


def _meta() -> Iterator[Row]:
    blank = dict.fromkeys(META, "")
    yield blank | {
        "col_name": BREAKDOWN,
        "col_type": "Filter",
        "label": "Readiness band or ingredient level",
        "filter_hint": "Choose a band, or a level of one of the six ingredients",
        "filter_grouping_column": TOPIC,
    }
    for name, label in INDICATORS.items():
        yield blank | {
            "col_name": name,
            "col_type": "Indicator",
            "label": label,
            "indicator_grouping": "Areas",
            "indicator_dp": "0",
        }


def _guidance(framework: Framework, day: date, selection: str) -> str:
    """What somebody who was only handed the files must know."""
    about = GUIDANCE.format(
        day=words.day(day), version=framework.version, few=SMALLEST_GROUP,
        suppressed=SUPPRESSED, missing=NOT_AVAILABLE, selection=selection,
    )  # fmt: skip
    return about + "".join(f"{name}: {label}.\n" for name, label in INDICATORS.items())


def _zipped(sets: Iterable[DataSet], day: date, guidance: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:

        def put(name: str, text: str) -> None:
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            file.writestr(entry, text, zipfile.ZIP_DEFLATED)

        for data in sets:
            put(f"{data.name}.csv", _csv(data.columns, data.rows))
            put(f"{data.name}.meta.csv", _csv(META, _meta()))
        put("data-guidance.txt", guidance)
    return made.getvalue()


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Plain UTF-8 without a mark at its start, which the service would take for part of a name."""
    file = io.StringIO()
    writer = csv.DictWriter(file, columns)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()
