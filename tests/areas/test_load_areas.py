"""England's council areas and the codes they had before."""

import csv
from datetime import date

import pytest
from django.conf import settings
from django.core.management import call_command

from areas.actions import load_areas, load_neighbours
from areas.models import Area, AreaCode, StatisticalNeighbour

pytestmark = pytest.mark.django_db
FILES = {"areas": settings.FIXTURES / "areas.csv", "codes": settings.FIXTURES / "area_codes.csv"}


def test_all_153_areas_are_loaded():
    assert load_areas(**FILES) == 153

    assert Area.objects.count() == 153
    camden = Area.objects.get(dfe_code="202")
    assert (camden.name, camden.gss_code, camden.region) == ("Camden", "E09000007", "London")
    assert not Area.objects.filter(is_demonstration=True).exists()


def test_loading_twice_adds_nothing_and_brings_names_up_to_date():
    load_areas(**FILES)
    codes = AreaCode.objects.count()
    Area.objects.filter(dfe_code="202").update(name="Old name")

    load_areas(**FILES)

    assert (Area.objects.count(), AreaCode.objects.count()) == (153, codes)
    assert Area.objects.get(dfe_code="202").name == "Camden"


def test_an_area_made_from_another_keeps_the_older_code():
    load_areas(**FILES)

    for dfe_code in ("940", "941"):
        names = set(Area.objects.get(dfe_code=dfe_code).codes.values_list("name", flat=True))
        assert "Northamptonshire" in names


def test_every_code_of_the_file_is_kept_with_its_dates():
    load_areas(**FILES)

    with FILES["codes"].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for current in row["current_dfe_code"].split():
            kept = AreaCode.objects.get(area__dfe_code=current, gss_code=row["gss_code"])
            assert kept.valid_from == date.fromisoformat(row["valid_from"])
            assert str(kept.valid_to or "") == row["valid_to"]


def test_the_command_says_how_many(capsys):
    call_command("load_areas")

    assert capsys.readouterr().out == "Loaded 153 areas\n"


def test_each_area_has_its_ten_statistical_neighbours_and_loading_again_adds_none():
    load_areas(**FILES)
    file = settings.FIXTURES / "statistical_neighbours.csv"

    assert load_neighbours(neighbours=file) == load_neighbours(neighbours=file) == 1530

    assert StatisticalNeighbour.objects.count() == 1530
    hartlepool = StatisticalNeighbour.objects.filter(area__dfe_code="301")
    assert hartlepool.count() == 10
    assert [row.neighbour.dfe_code for row in hartlepool][:2] == ["308", "821"]
