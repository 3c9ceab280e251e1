"""Many reports in one go, by several processes."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import connection, connections
from django.utils.text import slugify

from assessments.models import StoredReport
from assessments.reports import storing
from send_portal.processes import set_up_django

# A fresh process now and then: whatever a library may keep, memory cannot grow for ever.
REPORTS_A_PROCESS = 200


@dataclass(frozen=True, slots=True)
class Work:
    """What to do with one report. `folder` None: store its PDFs. Else write them there; `again`
    draws them afresh instead of writing the stored ones."""

    assessment_id: int
    folder: Path | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """`fault` is empty when it went well. `memory` is what its process holds, in MB."""

    assessment_id: int
    name: str
    is_new: bool
    fault: str
    memory: float


def run(works: Iterable[Work], workers: int) -> Iterator[Done]:
    """Do all this in so many processes and say of each when it is done. With one worker it is
    done in this process. Closed early, it lets what is under way come to its end."""
    if workers == 1:
        yield from map(do, works)
        return
    name = connection.settings_dict["NAME"]
    connections.close_all()
    waiting = iter(works)
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=set_up_django,
        initargs=(str(name),),
        max_tasks_per_child=REPORTS_A_PROCESS,
    )
    with pool:
        # No more than one each waits, so that little is left to do when somebody stops it.
        under_way: set[Future[Done]] = {pool.submit(do, w) for w in islice(waiting, workers * 2)}
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            under_way |= {pool.submit(do, w) for w in islice(waiting, len(done))}
            for future in done:
                yield future.result()


def do(work: Work) -> Done:
    """One report. A fault is told, not raised, so that the others are made."""
    stored = (
        StoredReport.objects.without_files()
        .select_related("assessment__area")
        .get(assessment_id=work.assessment_id)
    )
    is_new, fault = False, ""
    try:
        if work.folder is None or not (stored.has_pdf or work.again):
            is_new = storing.store(work.assessment_id)
        if work.folder is not None:
            again = storing.render(stored.assessment) if work.again else None
            is_new = write(work.folder, file_names(stored), again or storing.read(stored.pk))
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
    return Done(work.assessment_id, str(stored.assessment), is_new, fault, memory())


def file_names(stored: StoredReport) -> tuple[str, str]:
    """The same each time, so that a second run finds what the first one wrote."""
    assessment = stored.assessment
    name = slugify(f"{assessment.area.dfe_code} {assessment.area.name} {assessment.name}")
    return (
        f"{name}-{assessment.pk}-report.pdf",
        f"{name}-{assessment.pk}-report-without-partners.pdf",
    )


def write(folder: Path, names: tuple[str, str], files: tuple[bytes, bytes]) -> bool:
    """Whether anything was new. Each file appears whole or not at all."""
    is_new = False
    for name, content in zip(names, files, strict=True):
        path = folder / name
        if path.exists() and path.read_bytes() == content:
            continue
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".report-", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        is_new = True
    return is_new


def memory() -> float:
    """What this process holds now, in MB; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
