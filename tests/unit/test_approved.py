"""Each approved text has a corpus that makes it, and is in the list of those that a reader finds."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tests.approved import FOLDER

UNIT = Path(__file__).parent


def test_each_approved_text_is_made_by_one_corpus() -> None:
    made = [
        name
        for path in sorted(UNIT.rglob("corpus.py"))
        for name in import_module(".".join(("tests.unit", *path.relative_to(UNIT).with_suffix("").parts))).TEXTS
    ]
    there = [path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.txt")]
    assert sorted(made) == sorted(there)


def test_the_page_about_approved_texts_names_each_folder() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in FOLDER.iterdir() if path.is_dir() and f"`{path.name}/`" not in page] == []
