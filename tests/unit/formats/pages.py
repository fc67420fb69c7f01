"""Reads HTML for tests: its tags, its attributes and its text."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

__all__ = ["Page"]


class Page(HTMLParser):
    """A page as a browser would see it."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: Counter[str] = Counter()
        self.values: set[tuple[str, str | None]] = set()
        self.texts: list[str] = []
        self.cells: list[str] = []
        self.headings: list[str] = []
        self._open: list[str] = []

    @classmethod
    def read(cls, text: str) -> Page:
        page = cls()
        page.feed(text)
        page.close()
        return page

    @property
    def tags(self) -> set[str]:
        return set(self._counts)

    @property
    def attributes(self) -> set[str]:
        return {name for name, _ in self.values}

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def count(self, tag: str) -> int:
        return self._counts[tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._counts[tag] += 1
        self.values.update(attrs)
        self._open.append(tag)
        if tag == "td":
            self.cells.append("")
        if tag in {"h1", "h2"}:
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if "td" in self._open:
            self.cells[-1] += data
        if {"h1", "h2"} & set(self._open):
            self.headings[-1] += data
