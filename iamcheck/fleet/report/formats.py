"""Writes the summary of a fleet's results as a table, Markdown, an HTML page or JSON."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.fleet.report.summary import to_dict
from iamcheck.formats.text import escaped, hanging, json_text, text_of
from iamcheck.iam.model.wording import counted
from iamcheck.policies.environment import packaged_folder, render_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iamcheck.fleet.report.summary import FleetSummary
    from iamcheck.formats import Style

__all__ = ["SUMMARY_FORMATS", "render"]

_WHO: Final = "Who cannot deploy what and where"
_SHOWN: Final = 5
"""Names, rows and causes of one principal that are shown; the JSON has all."""


class Section(NamedTuple):
    """One question with its answers.

    Args:
        title: The question.
        head: The names of the columns.
        rows: The cells.
        note: Words for a row, in the table for a terminal, what stands between its first and its last cell.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: Callable[[tuple[str, ...]], str] | None = None


def render(summary: FleetSummary, output: str, style: Style) -> str:
    """The summary as text, in one of `SUMMARY_FORMATS`."""
    return SUMMARY_FORMATS[output](summary, style)


def _sections(summary: FleetSummary) -> list[Section]:
    by_rows = ("rows", "what")
    sections = [
        Section(
            _WHO,
            ("principal", "account", "Region", "deployments", "rows", "stopped by"),
            tuple(
                (
                    one.principal,
                    one.account_id,
                    one.region,
                    _few(one.deployments),
                    _few(tuple(map(str, one.rows))),
                    _few(one.causes, "; "),
                )
                for one in summary.stopped
            ),
        ),
        Section("Statements that stop most", by_rows, _counted(summary.statements)),
        Section("Calls that nothing allows", by_rows, _counted(summary.missing)),
        Section("Other checks that fail", by_rows, _counted(summary.checks)),
        Section(
            "Context keys that would settle most",
            ("rows", "rows that it settles by itself", "key"),
            tuple(
                (f"{rows:,}", f"{alone:,}", summary.spellings.get(key, key)) for key, rows, alone in summary.open_keys
            ),
            lambda row: f"settles {row[1]} of these rows by itself",
        ),
        Section(
            "Context keys that settle rows together",
            by_rows,
            _counted(
                tuple(
                    (", ".join(summary.spellings.get(key, key) for key in keys), rows)
                    for keys, rows in summary.key_sets
                )
            ),
        ),
        Section("What else would settle unknown rows", by_rows, _counted(summary.cures)),
        Section(
            "Rows that could not be checked",
            ("rows", "row numbers", "what"),
            tuple((f"{len(numbers):,}", _few(tuple(map(str, numbers))), text) for text, numbers in summary.errors),
            lambda row: _named_rows(row[0] == "1", row[1]),
        ),
    ]
    return [section for section in sections if section.rows]


def _counted(items: tuple[tuple[str, int], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple((f"{rows:,}", text) for text, rows in items)


def _named_rows(is_single: bool, numbers: str) -> str:
    return f"{'row' if is_single else 'rows'} {numbers}"


def _few(texts: tuple[str, ...], between: str = ", ") -> str:
    more = len(texts) - _SHOWN
    return between.join(texts[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _headline(summary: FleetSummary) -> str:
    counts = ", ".join(f"{number:,} {verdict}" for verdict, number in summary.verdicts.items())
    return f"{counted(summary.rows, 'row')}: {counts}"


def _table(summary: FleetSummary, style: Style) -> str:
    def lines() -> Iterator[str]:
        yield _headline(summary)
        for section in _sections(summary):
            yield ""
            yield section.title
            if section.title == _WHO:
                yield from _deployers(summary, style)
                continue
            for row in section.rows:
                note = "" if section.note is None else f" ({section.note(row)})"
                yield from hanging(f"  {row[0]:>7}  ", f"{row[-1]}{note}", style)

    return text_of(lines(), style)


def _deployers(summary: FleetSummary, style: Style) -> Iterator[str]:
    """Who cannot deploy, each cause on lines of its own."""
    for one in summary.stopped:
        rows = _named_rows(len(one.rows) == 1, _few(tuple(map(str, one.rows))))
        place = f"{one.principal} in {one.account_id} {one.region}"
        yield from hanging("  ", f"{place}: {_few(one.deployments)} ({rows})", style)
        for cause in one.causes[:_SHOWN]:
            yield from hanging("    - ", cause, style)
        if len(one.causes) > _SHOWN:
            yield f"    - and {len(one.causes) - _SHOWN:,} more"


def _markdown(summary: FleetSummary, style: Style) -> str:  # noqa: ARG001  Markdown has no style
    lines = [f"# {_headline(summary)}"]
    for section in _sections(summary):
        lines += ["", f"## {section.title}", "", _row(section.head), _row(("---",) * len(section.head))]
        lines += [_row(tuple(map(_cell, row))) for row in section.rows]
    return "\n".join([*lines, ""])


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """A text as code, in which nothing of Markdown or HTML counts but the fence and the column."""
    return "`" + escaped(text).replace("`", "'").replace("|", "\\|") + "`" if text else ""


def _html(summary: FleetSummary, style: Style) -> str:  # noqa: ARG001  the reader's browser has the style
    page = os.path.join(packaged_folder(), "reports", "fleet.html.j2")  # noqa: PTH118  as the other pages
    variables: dict[str, object] = {"headline": _headline(summary), "sections": _sections(summary)}
    return render_page(page, variables, shown=escaped)


def _json(summary: FleetSummary, style: Style) -> str:  # noqa: ARG001  JSON has no style
    return json_text(to_dict(summary))


SUMMARY_FORMATS: Final[Mapping[str, Callable[[FleetSummary, Style], str]]] = {
    "table": _table,
    "markdown": _markdown,
    "html": _html,
    "json": _json,
}
