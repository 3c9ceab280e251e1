from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from django.db import transaction

from areas.models import Area, AreaCode, StatisticalNeighbour


@transaction.atomic
def load_areas(*, areas: Path, codes: Path) -> int:
    """Load England's 153 council areas and the codes they had before; the number of areas.

    `areas` has the columns dfe_code, gss_code, name, region. `codes` has dfe_code, gss_code,
    name, valid_from, valid_to and current_dfe_code (several, parted by spaces, where an area
    split). Loading again brings names and regions up to date and adds nothing twice.
    """
    found: dict[str, Area] = {}
    with areas.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            area, _ = Area.objects.update_or_create(
                dfe_code=row["dfe_code"],
                defaults={key: row[key] for key in ("gss_code", "name", "region")},
            )
            found[area.dfe_code] = area
    with codes.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for code in row["current_dfe_code"].split():
                AreaCode.objects.update_or_create(
                    area=found[code],
                    gss_code=row["gss_code"],
                    defaults={
                        "dfe_code": row["dfe_code"],
                        "name": row["name"],
                        "valid_from": date.fromisoformat(row["valid_from"]),
                        "valid_to": date.fromisoformat(row["valid_to"])
                        if row["valid_to"]
                        else None,
                    },
                )
    return len(found)


@transaction.atomic
def load_neighbours(*, neighbours: Path) -> int:
    """Load the statistical neighbours of the areas, in place of those there were; how many.

    `neighbours` has the columns dfe_code, rank, neighbour_dfe_code and closeness. Areas must be
    loaded already; raises KeyError naming a code that is not one of theirs.
    """
    ids = dict(Area.objects.values_list("dfe_code", "pk"))
    with neighbours.open(encoding="utf-8", newline="") as file:
        rows = [
            StatisticalNeighbour(
                area_id=ids[row["dfe_code"]],
                neighbour_id=ids[row["neighbour_dfe_code"]],
                rank=int(row["rank"]),
                closeness=row["closeness"],
            )
            for row in csv.DictReader(file)
        ]
    StatisticalNeighbour.objects.all().delete()
    return len(StatisticalNeighbour.objects.bulk_create(rows))
