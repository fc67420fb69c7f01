"""Runs what the pages for readers show: README.md and docs/, with the output of each command.

A block of the language `console` has lines `$ COMMAND` (a backslash continues one) with the output below each. A block
runs in one shell, in a folder that holds the files of docs/examples. Behind the language, `lines=1,5-8` shows these
lines of the output, with `...` for those between.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["PAGES", "README", "ROOT", "prose", "reader_folder", "refresh", "run_commands", "run_shell", "words_of"]

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "docs" / "examples"
MADE_BY_SCRIPT = ROOT / "docs" / "failures"

PAGES = (
    ROOT / "README.md",
    *sorted(page for page in (ROOT / "docs").rglob("*.md") if MADE_BY_SCRIPT not in page.parents),
)
"""Every page that people wrote."""

BLOCK = re.compile(r"^(```console(?: lines=(?P<lines>[\d,-]+))?\n)(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
END_OF_OUTPUT = "<<end of output>>"


def prose(page: str) -> str:
    """The text of a page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE)


def reader_folder(folder: Path) -> Path:
    """Put the files of docs/examples into a folder, and programs `iamcheck` and `python` beside them."""
    shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
    (folder / "bin").mkdir()
    for name, words in (("iamcheck", "-m iamcheck "), ("python", "")):
        program = folder / "bin" / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {words}"$@"\n', encoding="utf-8")
        program.chmod(0o755)
    return folder


def run_shell(code: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run code as a reader would who has installed iamcheck and has a terminal of 80 columns."""
    return subprocess.run(
        ["bash", "-uo", "pipefail", "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env={**environment, "PATH": f"{folder / 'bin'}:{environment['PATH']}", "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
    )


def run_commands(commands: Sequence[str], folder: Path, environment: Mapping[str, str]) -> list[str]:
    """Run commands in one shell, as `run_shell` does; give what each of them prints."""
    code = "\n".join(f"{command}\n{_marker()}" for command in commands)
    return run_shell(f"exec 2>&1\n{code}", folder, environment).stdout.split(f"{END_OF_OUTPUT}\n")[:-1]


def words_of(command: str) -> list[str] | None:
    """The words of a command that is iamcheck and needs no shell and no other program; None for any other."""
    without_quoted = re.sub(r"'[^']*'|\"[^\"$`\\]*\"", "", command.replace("\\\n", " "))
    if (
        not command.startswith("iamcheck ")
        or command.startswith("iamcheck record ")
        or re.search(r"[^\w\s=.,:/@-]", without_quoted)
    ):
        return None
    return shlex.split(command.replace("\\\n", " "))[1:]


def refresh(page: str, run: Callable[[Sequence[str]], Sequence[str]]) -> str:
    """The page with the output that its commands have now.

    Args:
        page: The text of the page.
        run: Runs the commands of one block and gives what each of them prints.
    """

    def block(match: re.Match[str]) -> str:
        commands = [command[2:] for command in re.findall(r"^\$ (?:.*\\\n)*.*$", match["body"], re.MULTILINE)]
        shown = (
            f"$ {command}\n{_chosen(output, match['lines'])}"
            for command, output in zip(commands, run(commands), strict=True)
        )
        return f"{match[1]}{''.join(shown)}```"

    return BLOCK.sub(block, page)


def _marker() -> str:
    """Code that ends the output of a command and leaves its exit status as it is."""
    return f"(status=$?; echo '{END_OF_OUTPUT}'; exit $status)"


def _chosen(output: str, lines: str | None) -> str:
    """The lines of an output that a page shows."""
    if lines is None:
        return output
    every = output.splitlines()
    chosen: list[str] = []
    last = 0
    for part in lines.split(","):
        first, _, end = part.partition("-")
        if int(first) > last + 1:
            chosen.append("...")
        last = int(end or first)
        chosen += every[int(first) - 1 : last]
    if last < len(every):
        chosen.append("...")
    return "".join(f"{line}\n" for line in chosen)
