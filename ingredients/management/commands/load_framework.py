from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingredients.actions import FrameworkFilesError, VersionExistsError, load_framework, publish
from ingredients.models import Framework


class Command(BaseCommand):
    help = "Check a folder of framework files, load it as a draft and publish it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="such as fixtures/framework/1")
        parser.add_argument("--draft", action="store_true", help="load without publishing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            framework, made = load_framework(folder=options["folder"])
        except (FrameworkFilesError, VersionExistsError) as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error
        if framework.status == Framework.Status.DRAFT and not options["draft"]:
            publish(framework=framework)
        done = "loaded" if made else "was loaded before"
        self.stdout.write(
            f"{framework} {done} ({framework.get_status_display().lower()}), "
            f"fingerprint {framework.fingerprint[:12]}"
        )
