from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from areas.actions import load_areas, load_neighbours


class Command(BaseCommand):
    help = "Load the 153 council areas of England with their code history and their statistical neighbours."

    def handle(self, *args: Any, **options: Any) -> None:
        number = load_areas(
            areas=settings.FIXTURES / "areas.csv", codes=settings.FIXTURES / "area_codes.csv"
        )
        load_neighbours(neighbours=settings.FIXTURES / "statistical_neighbours.csv")
        self.stdout.write(f"Loaded {number} areas")
