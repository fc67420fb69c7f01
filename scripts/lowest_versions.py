"""Prints the lowest versions that pyproject.toml allows, as a pip constraints file.

`python scripts/lowest_versions.py > lowest.txt && pip install -c lowest.txt -e '.[test]'`
"""

from __future__ import annotations

import re
from pathlib import Path

import tomllib

ROOT = Path(__file__).resolve().parent.parent
LOWER_BOUND = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?>=([0-9][0-9A-Za-z.]*)(?:; [^;]*)?$")


def lowest(requirements: list[str]) -> list[str]:
    """Each requirement with a lower bound, pinned to it.

    Raises:
        ValueError: A requirement has neither a lower bound nor is an extra of iamcheck itself.
    """
    pins = []
    for requirement in requirements:
        if requirement.startswith("iamcheck["):
            continue
        match = LOWER_BOUND.match(requirement)
        if match is None:
            raise ValueError(f"{requirement!r} has no lower bound")
        pins.append(f"{match[1]}=={match[2]}")
    return pins


def main() -> None:
    """Prints the constraints of what iamcheck needs and of what its tests need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for pin in lowest([*project["dependencies"], *project["optional-dependencies"]["test"]]):
        print(pin)


if __name__ == "__main__":
    main()
