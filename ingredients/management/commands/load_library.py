from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ingredients.actions import load_library


class Command(BaseCommand):
    help = "Load guidance, support menu, glossary and policy pages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="such as fixtures/library")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = load_library(folder=options["folder"])
        self.stdout.write("Loaded " + ", ".join(f"{n} {what}" for what, n in counts.items()))
