from __future__ import annotations

import hashlib
import http.client
import os
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.management.utils import get_random_secret_key
from django.db import Error, connection, connections
from django.db.migrations.executor import MigrationExecutor

from areas.models import Area, User
from assessments.actions.demonstration import PASSWORD
from ingredients.models import Framework
from send_portal.health import WORKER_KEY
from send_portal.processes import run_together

HOST = "127.0.0.1"

# The first of these people are the ones to try; README.md says more about each.
ACCOUNTS = {
    "lead@northmoor.example": "council lead, Northmoor: agree scores with partners",
    "health@northmoor.example": "health, Northmoor and Eastvale: score in Eastvale",
    "socialcare@northmoor.example": "social care, Northmoor",
    "schools@northmoor.example": "schools, Northmoor",
    "parents@northmoor.example": "parent carer forum, Northmoor",
    "young@northmoor.example": "young people, Northmoor",
    "board@northmoor.example": "director of children's services, Northmoor: sign the report",
    "viewer@northmoor.example": "viewer, Northmoor: read submitted reports",
    "lead@eastvale.example": "council lead, Eastvale: scoring is under way",
    "programme@dfe.example": "DfE programme staff: compare areas, run check-ins",
    "editor@portal.example": "content editor: the texts, at /admin/",
}


class Command(BaseCommand):
    help = "Try the portal on this machine: prepare the database, run web server and job worker."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "This is for trying the portal out: set DEBUG=1. README.md says how to run it for real."
            )
        port = free_port(os.environ.get("PORT") or "8000")
        reach_database()
        self.prepare_database()
        self.load_content()
        collect_static()
        cache.delete(WORKER_KEY)  # an earlier worker's
        connections.close_all()
        sys.exit(
            run_together(
                programs(port),
                is_ready=partial(answers, port),
                when_ready=partial(self.welcome, port),
            )
        )

    def prepare_database(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)
            if Area.objects.exists():  # a new table may be one that the same file fills
                call_command("load_areas", stdout=self.stdout)
        call_command("createcachetable", verbosity=0)

    def load_content(self) -> None:
        """Load what the repository holds, once for each database and each state of the files."""
        stamp, state = stamp_file(), folder_state(settings.FIXTURES)
        if Framework.objects.exists() and stamp.exists() and stamp.read_text() == state:
            return
        self.stdout.write("Loading the framework, the libraries and the areas ...")
        for folder in sorted((settings.FIXTURES / "framework").iterdir()):
            try:
                call_command("load_framework", folder, stdout=self.stdout)
            except CommandError as error:
                # Its files were changed; what people have scored with stays as it is.
                self.stdout.write(f"{folder.name}: {error}")
        call_command("load_library", settings.FIXTURES / "library", stdout=self.stdout)
        call_command("load_areas", stdout=self.stdout)
        self.load_demonstration()
        stamp.write_text(state)

    def load_demonstration(self) -> None:
        # Its password is known to all, so it must not slip into a database that is in real use.
        if User.objects.exists() and not Area.objects.demonstration().exists():
            self.stdout.write("People use this database already: no demonstration loaded.")
            return
        call_command("load_demo", stdout=self.stdout)

    def welcome(self, port: int) -> None:
        found = set(User.objects.filter(email__in=ACCOUNTS).values_list("email", flat=True))
        connections.close_all()
        self.stdout.write(f"\n{settings.PORTAL_NAME}: http://{HOST}:{port}/\n")
        if found:
            self.stdout.write(f"Made-up people to sign in as, all with the password {PASSWORD}:")
            for email, who in ACCOUNTS.items():
                if email in found:
                    self.stdout.write(f"  {email:30}{who}")
        self.stdout.write("Ctrl-C stops it.")
        self.stdout.flush()


def free_port(text: str) -> int:
    """The port as a number. Raises CommandError when nothing can listen there."""
    port = int(text) if text.isdecimal() else 0
    if not 0 < port < 2**16:
        raise CommandError(f"PORT must be a number from 1 to 65535, not “{text}”.")
    with socket.socket() as probe:
        # As the server does it: what a stopped server leaves behind is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            other = 8000 if port != 8000 else 8001
            raise CommandError(
                f"Port {port} cannot be used ({(error.strerror or 'no reason given').lower()}). "
                f"Choose another one: make run PORT={other}"
            ) from error
    return port


def reach_database() -> None:
    """Raises CommandError with one line that says why the database does not answer."""
    if connection.vendor == "postgresql":
        connection.settings_dict["OPTIONS"].setdefault("connect_timeout", 5)
    try:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        connection.ensure_connection()
    except (Error, OSError) as error:
        reason = (str(error).splitlines() or ["no answer"])[0]
        raise CommandError(f"The database cannot be reached: {reason}") from error


def stamp_file() -> Path:
    """Where we note what was loaded into this database."""
    place = [str(connection.settings_dict[key]) for key in ("ENGINE", "HOST", "PORT", "NAME")]
    name = hashlib.sha256("\n".join(place).encode()).hexdigest()[:12]
    return Path(settings.VAR_DIR) / f"loaded-{name}"


def folder_state(folder: Path) -> str:
    """The same as long as no file under the folder changes."""
    state = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            state.update(f"{path.relative_to(folder)}\n".encode())
            state.update(path.read_bytes())
    return state.hexdigest()


def collect_static() -> None:
    """Bring static files to where the web server looks, when one of them changed."""
    stamp = Path(settings.STATIC_ROOT) / ".made-from"
    state = folder_state(settings.BASE_DIR / "static")
    if not stamp.exists() or stamp.read_text() != state:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(state)


def secret_key() -> str:
    """A key of this machine's own, so that a second start leaves people signed in."""
    file = Path(settings.VAR_DIR) / "secret-key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(get_random_secret_key())
    return file.read_text()


def programs(port: int) -> dict[str, list[str]]:
    web = [
        sys.executable, "-m", "gunicorn", "send_portal.wsgi", "--chdir", str(settings.BASE_DIR),
        "--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--workers", "2", "--threads", "4",
        "--max-requests", "1000", "--max-requests-jitter", "100", "--graceful-timeout", "5",
        "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip
    # People see the portal as it is in real use: our own error pages, hashed static files.
    as_in_real_use = {
        "DEBUG": "0", "HTTPS": "0", "ALLOWED_HOSTS": f"{HOST},localhost", "SECRET_KEY": secret_key(),
    }  # fmt: skip
    web = ["env", *(f"{name}={value}" for name, value in as_in_real_use.items()), *web]
    worker = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work", "--no-startup-delay"]
    return {"web server": web, "job worker": [*worker, "--verbosity", "0"]}


def answers(port: int) -> bool:
    """Whether web server and job worker are up. Not by /readyz, which would log each "not yet"."""
    asking = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        asking.request("GET", "/healthz")
        asking.getresponse()
    except OSError:
        return False
    finally:
        asking.close()
    return cache.get(WORKER_KEY) is not None
