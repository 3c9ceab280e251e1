from typing import Any

from django.core.management.base import BaseCommand

from assessments.actions.files import clear_orphans


class Command(BaseCommand):
    help = "Delete stored files that no evidence names and that are older than a day."

    def handle(self, *args: Any, **options: Any) -> None:
        count = clear_orphans()
        self.stdout.write(f"{count} file{'' if count == 1 else 's'} deleted.")
