from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from areas.models import Area
from assessments.actions.demonstration import PASSWORD, load_demonstration


class Command(BaseCommand):
    help = "Load the fictional demonstration areas. Refused where DEBUG is off, unless forced."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="load although DEBUG is off")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["force"]:
            raise CommandError(
                "The demonstration has accounts with a published password, so it is not loaded "
                "where DEBUG is off. Use --force if that is what you want."
            )
        if Area.objects.demonstration().exists():
            self.stdout.write("The demonstration is loaded already.")
            return
        names = load_demonstration(folder=settings.FIXTURES / "demo")
        self.stdout.write(f"Loaded {', '.join(names)}. Every account has the password {PASSWORD}")
