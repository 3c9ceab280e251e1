"""A PostgreSQL of a test's own, so that it may be killed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from django.conf import settings

# What is killed are processes, not the machine: what they handed to the system is still written.
# The log of the database is written before a change is acknowledged, and that is what counts.
QUICK = "-c fsync=off -c listen_addresses="


class Cluster:
    """Made in a folder of its own, reached by its socket alone."""

    def __init__(self) -> None:
        found = subprocess.run(
            [settings.BASE_DIR / ".ci" / "postgres", "--bin"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        self.programs = Path(found.stdout.strip())
        # A socket's path may only be short, and PostgreSQL refuses to run as root.
        self.folder = Path(tempfile.mkdtemp(prefix="portal-faults.", dir="/tmp"))
        self.data = self.folder / "data"
        if os.getuid() == 0:
            os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
        self._run("initdb", "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C.UTF-8")

    @property
    def address(self) -> str:
        return f"postgres://postgres@{str(self.folder).replace('/', '%2F')}/postgres"

    def start(self) -> None:
        options = f"-k {self.folder} {QUICK}"
        try:
            self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")
        except subprocess.CalledProcessError as error:
            raise AssertionError((self.folder / "log").read_text()[-2000:]) from error

    def kill(self) -> None:
        """As the kernel does when memory runs out: nobody gets to finish anything."""
        master = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(master, signal.SIGSTOP)  # so that it starts no more of them
        children = Path(f"/proc/{master}/task/{master}/children").read_text()
        pids = [master, *map(int, children.split())]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        ends = time.monotonic() + 10
        while any(Path(f"/proc/{pid}").exists() for pid in pids):
            assert time.monotonic() < ends
            time.sleep(0.02)

    def remove(self) -> None:
        subprocess.run(self._command("pg_ctl", "-m", "immediate", "stop"), capture_output=True, check=False)  # fmt: skip
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            self._command(program, *arguments), cwd="/", check=True, stdout=subprocess.DEVNULL
        )

    def _command(self, program: str, *arguments: str) -> list[str]:
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        return [*as_postgres, str(self.programs / program), "-D", str(self.data), *arguments]
