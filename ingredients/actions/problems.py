"""What is wrong with the files of a framework version."""

from __future__ import annotations

from dataclasses import dataclass

# Where the reader keeps the line of each mapping.
LINE = "__line__"


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where a person finds it."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


class FrameworkFilesError(Exception):
    """The files cannot be loaded. `problems` says why, for each place."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))
