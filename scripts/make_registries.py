"""Writes iamcheck/data/registries.json: the accounts of AWS's own image registries, by Region.

Usage: pip download sagemaker-core --no-deps
       python scripts/make_registries.py sagemaker_core-*.whl

The wheel (Apache License 2.0) has the registries of AWS's deep learning containers and built-in algorithms, which the
SageMaker Python SDK makes image URIs from. The output is deterministic: the same wheel gives the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
from email.parser import Parser
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).resolve().parent.parent / "iamcheck" / "data"
FILES = r"sagemaker/core/image_uri_config/[^/]+\.json"


def main() -> None:
    """Reads the wheel named on the command line and writes the data file."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with ZipFile(sys.argv[1]) as wheel:
        names = wheel.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        about = Parser().parsestr(wheel.read(metadata).decode("utf-8"))
        files = [name for name in names if re.fullmatch(FILES, name)]
        found = [pair for name in files for pair in registries(json.loads(wheel.read(name)))]
        year, month, day, *_ = max(wheel.getinfo(name).date_time for name in files)
    accounts: dict[str, set[str]] = {}
    for region, account in found:
        accounts.setdefault(region, set()).add(account)
    document = {
        "source": about["Name"],
        "sourceVersion": about["Version"],
        "date": f"{year:04}-{month:02}-{day:02}",
        "licence": "Apache-2.0",
        "registries": {region: sorted(accounts[region]) for region in sorted(accounts)},
    }
    text = json.dumps(document, separators=(",", ":")) + "\n"
    (DATA / "registries.json").write_text(text, encoding="utf-8")
    print(f"{len(set(found))} registries in {len(accounts)} Regions of {about['Name']} {about['Version']}")


def registries(node: object) -> Iterator[tuple[str, str]]:
    """Every Region and account of the `registries` members of a document.

    Args:
        node: The document, or a part of it.

    Raises:
        ValueError: A registry is no account.
    """
    if isinstance(node, dict):
        for name, value in node.items():
            if name != "registries":
                yield from registries(value)
                continue
            for region, account in value.items():
                if not re.fullmatch(r"\d{12}", account):
                    raise ValueError(f"{region}: {account!r} is no account")
                yield region, account
    elif isinstance(node, list):
        for item in node:
            yield from registries(item)


if __name__ == "__main__":
    main()
