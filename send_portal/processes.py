"""Programs that belong together: they start together and stop together."""

from __future__ import annotations

import logging
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import django
from django.db import connection

logger = logging.getLogger(__name__)

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TIME_TO_STOP = 10  # seconds


def run_together(
    commands: Mapping[str, Sequence[str]],
    *,
    is_ready: Callable[[], bool],
    when_ready: Callable[[], None],
) -> int:
    """Run programs, each under a name, until we are asked to stop or one of them ends by itself.

    `when_ready` is called once, as soon as `is_ready` holds. Returns an exit status: 0 when we
    were asked to stop, else 1.
    """
    asked: list[int] = []
    before = {
        number: signal.signal(number, lambda received, frame: asked.append(received))
        for number in STOP_SIGNALS
    }
    children = {name: _spawn(command) for name, command in commands.items()}
    try:
        ready = False
        while not asked and not (ended := _ended(children)):
            if not ready and is_ready():
                ready = True
                when_ready()
            time.sleep(0.1)
    finally:
        _stop(children.values())
        for number, handler in before.items():
            signal.signal(number, handler)
    if not asked:
        logger.error("Stopped, because this ended by itself: %s", ", ".join(ended))
    return 0 if asked else 1


def _spawn(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # Where the system can, they also stop when we are killed and cannot stop them.
    dies_with_us = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
    # A group of its own: Ctrl-C reaches us alone, so that each is asked to stop once.
    return subprocess.Popen([*dies_with_us, *command], process_group=0)  # noqa: S603 -- our own


def _ended(children: Mapping[str, subprocess.Popen[bytes]]) -> list[str]:
    return [name for name, child in children.items() if child.poll() is not None]


def _stop(children: Iterable[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(TIME_TO_STOP)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def set_up_django(database: str) -> None:
    """What a process of a pool does first: as its parent did, on the parent's database."""
    # Ctrl-C reaches the whole group: only the first process answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
    connection.settings_dict["NAME"] = database
