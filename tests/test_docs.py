"""The pages that are made by scripts are those that the scripts make now."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from iamcheck.checks.registry import CHECKS

ROOT = Path(__file__).parents[1]


def test_the_pages_of_failures_are_made_from_the_table() -> None:
    spec = importlib.util.spec_from_file_location("make_failure_pages", ROOT / "scripts" / "make_failure_pages.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    there = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "failures").glob("*.md")}
    assert there == script.pages(), "run python scripts/make_failure_pages.py"


def test_the_page_of_checks_says_of_each_what_the_registry_says() -> None:
    rows = [
        line for line in (ROOT / "docs" / "checks" / "index.md").read_text().splitlines() if line.startswith("| [`")
    ]
    assert rows == [f"| [`{row.id}`]({row.id}.md) | {row.passes_where} |" for row in CHECKS]


def test_the_pages_for_developers_name_files_that_are_there() -> None:
    pages = [(ROOT / name).read_text(encoding="utf-8") for name in ("docs/architecture.md", "CONTRIBUTING.md")]
    # a name in capitals, such as SCOPE, stands for several files
    named = {
        path for page in pages for path in re.findall(r"`([\w.-]+/[\w./-]+)`", page) if not re.search("[A-Z]{3}", path)
    }
    assert len(named) > 30
    assert [path for path in sorted(named) if not any((top / path).exists() for top in (ROOT, ROOT / "iamcheck"))] == []
