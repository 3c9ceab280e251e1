"""Are requirements.txt and requirements-dev.txt what pyproject.toml asks for? Needs no network."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
HOST = re.compile(r"https?://|--(extra-)?index-url|--find-links")


def pins(file: str) -> dict[str, str]:
    found = (PIN.match(line) for line in (TOP / file).read_text("utf-8").splitlines())
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def faults() -> list[str]:
    project = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))
    wanted = {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-dev.txt": project["dependency-groups"]["dev"],
    }
    found = []
    for file, requirements in wanted.items():
        pinned = pins(file)
        for requirement in map(Requirement, requirements):
            version = pinned.get(canonicalize_name(requirement.name))
            if version is None or not requirement.specifier.contains(version):
                found.append(
                    f"{file}: {requirement} is asked for, {version or 'nothing'} is pinned"
                )
        if HOST.search((TOP / file).read_text("utf-8")):
            found.append(f"{file}: names where packages come from")
    run, dev = (pins(file) for file in wanted)
    found += [
        f"{name}: {run[name]} to run, {dev[name]} to work on it"
        for name in sorted(run.keys() & dev.keys())
        if run[name] != dev[name]
    ]
    return found


if __name__ == "__main__":
    sys.exit("\n".join([*faults(), "Run: make lock"]) if faults() else 0)
