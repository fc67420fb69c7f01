"""Puts small faults into the code, one at a time, and tells which of them no test notices.

Run it on demand from the checkout, in an environment with the `dev` extra:

    python scripts/mutate.py --collect            # once: which test runs which line (runs the default tier)
    python scripts/mutate.py --mutants 300 --seed 1

Each mutant is one changed operator, constant or branch. It is made in a copy of the checkout, and the tests that run
its line are run against it until the first one fails. Mutants are drawn from every room in turn, so that a small room
counts as much as a large one. What survives is printed as a diff: a hole in the tests, or a change without effect.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from coverage import CoverageData

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".coverage-mutate"
MOST_TESTS = 150
"""Tests that a mutant meets at most: a line that thousands of tests run is noticed by a few of them or by none."""
SECONDS = 300
"""For one mutant; what does not end by then is noticed."""

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@dataclass(frozen=True)
class Mutant:
    """One changed place.

    Args:
        path: The module, from the root of the checkout.
        line: The line, from 1.
        what: What is changed, in short.
        source: The whole text of the changed module.
    """

    path: Path
    line: int
    what: str
    source: str


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The small faults that a node can have, each with a word for it."""
    match node:
        case ast.Compare(left, ops, comparators):
            for index, op in enumerate(ops):
                other = _COMPARISONS[type(op)]
                yield (
                    f"{type(op).__name__} -> {other.__name__}",
                    ast.Compare(left, [*ops[:index], other(), *ops[index + 1 :]], comparators),
                )
        case ast.BoolOp(op, values):
            other_op = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield f"{type(op).__name__} -> {type(other_op).__name__}", ast.BoolOp(other_op, values)
            yield "first operand dropped", ast.BoolOp(op, values[1:]) if len(values) > 2 else values[1]
        case ast.UnaryOp(ast.Not(), operand):
            yield "not dropped", operand
        case ast.IfExp(test, body, orelse):
            yield "branches swapped", ast.IfExp(test, orelse, body)
        case ast.Constant(bool() as value):
            yield f"{value} -> {not value}", ast.Constant(not value)
        case ast.Constant(int() as value):
            yield f"{value} -> {value + 1}", ast.Constant(value + 1)
        case ast.BinOp(left, ast.Add(), right):
            yield "+ -> -", ast.BinOp(left, ast.Sub(), right)
        case ast.BinOp(left, ast.Sub(), right):
            yield "- -> +", ast.BinOp(left, ast.Add(), right)
        case ast.Continue():
            yield "continue -> break", ast.Break()
        case ast.If(test, body, orelse):
            yield "condition turned round", ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case _:
            return


def mutants_of(path: Path) -> list[Mutant]:
    """Every mutant of a module; annotations, docstrings, `__all__` and what only type checkers run are left alone."""
    source = (ROOT / path).read_text(encoding="utf-8")
    lines = source.splitlines(keepends=True)
    found = []
    for node in _executable(ast.parse(source)):
        if not hasattr(node, "lineno") or (isinstance(node, ast.If) and node.lineno != node.test.lineno):
            continue
        # an `if` is changed in its condition alone, so that its body keeps its comments and lines
        place = node.test if isinstance(node, ast.If) else node
        for what, changed in changes(node):
            text = ast.unparse(changed.test if isinstance(changed, ast.If) else changed)
            replaced = _replace(lines, place, f"({text})" if isinstance(changed, ast.expr | ast.If) else text)
            try:
                ast.parse(replaced)
            except SyntaxError:
                continue
            found.append(Mutant(path, place.lineno, what, replaced))
    return found


def _executable(tree: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        match child:
            case ast.AnnAssign(value=value):
                if value is not None:
                    yield value
                    yield from _executable(value)
                continue
            case ast.arg() | ast.JoinedStr() | ast.Import() | ast.ImportFrom():
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.Assign(targets=[ast.Name(id="__all__")]):
                continue
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for part in (*child.args.defaults, *(one for one in child.args.kw_defaults if one), *child.body):
                    yield part
                    yield from _executable(part)
                continue
            case _:
                yield child
                yield from _executable(child)


def _replace(lines: Sequence[str], node: ast.AST, text: str) -> str:
    start, end = node.lineno - 1, node.end_lineno - 1  # type: ignore[attr-defined]  # only nodes with a place
    # ast counts columns in bytes
    head = lines[start].encode()[: node.col_offset].decode()  # type: ignore[attr-defined]
    tail = lines[end].encode()[node.end_col_offset :].decode()  # type: ignore[attr-defined]
    return "".join((*lines[:start], head, text, tail, *lines[end + 1 :]))


def collect() -> None:
    """Runs the default tier once and records which test runs which line."""
    DATA.unlink(missing_ok=True)
    words = ["-n", "auto", "-q", "--cov=iamcheck", "--cov-context=test", "--cov-report="]
    subprocess.run(
        [sys.executable, "-m", "pytest", *words], check=False, cwd=ROOT, env={**os.environ, "COVERAGE_FILE": str(DATA)}
    )


def tests_by_line() -> dict[Path, dict[int, list[str]]]:
    """Ids of the tests that run each line of each module."""
    data = CoverageData(basename=str(DATA))
    data.read()
    found: dict[Path, dict[int, list[str]]] = {}
    for name in data.measured_files():
        path = Path(name)
        if not path.is_relative_to(ROOT):
            continue
        by_line = data.contexts_by_lineno(name)
        found[path.relative_to(ROOT)] = {
            line: sorted({context.partition("|")[0] for context in contexts if context})
            for line, contexts in by_line.items()
        }
    return found


def draw(count: int, seed: int, rooms: Sequence[str], covered: dict[Path, dict[int, list[str]]]) -> list[Mutant]:
    """Mutants of lines that tests run, from every room in turn."""
    chance = random.Random(seed)
    by_room: dict[str, list[Mutant]] = defaultdict(list)
    for module in sorted((ROOT / "iamcheck").rglob("*.py")):
        path = module.relative_to(ROOT)
        room = path.parts[1] if len(path.parts) > 2 else path.stem
        if path.parts[1:2] in (("iam",), ("checks",)) and len(path.parts) > 3:
            room = "/".join(path.parts[1:3])
        if not rooms or any(room == one or room.startswith(f"{one}/") for one in rooms):
            by_room[room] += [one for one in mutants_of(path) if covered.get(path, {}).get(one.line)]
    for mutants in by_room.values():
        chance.shuffle(mutants)
    drawn: list[Mutant] = []
    while len(drawn) < count and any(by_room.values()):
        for mutants in by_room.values():
            if mutants and len(drawn) < count:
                drawn.append(mutants.pop())
    return drawn


def is_noticed(mutant: Mutant, tests: Sequence[str], copy: Path, slow: bool) -> bool:
    """Whether a test fails, or does not end, with the fault in the copy."""
    target = copy / mutant.path
    before = target.read_text(encoding="utf-8")
    target.write_text(mutant.source, encoding="utf-8")
    chosen = tests if len(tests) <= MOST_TESTS else random.Random(mutant.line).sample(list(tests), MOST_TESTS)
    words = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *(["-m", "not benchmark"] if slow else [])]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *words, *chosen],
            cwd=copy,
            env=environment,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        target.write_text(before, encoding="utf-8")
    return done.returncode != 0


def main() -> int:
    """Draws mutants, runs them, prints the survivors and a count for each room."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collect", action="store_true", help="record which test runs which line, and end")
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--room", action="append", default=[], help="such as iam or checks/principal; repeatable")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--slow", action="store_true", help="let tests of the slow tier count")
    words = parser.parse_args()
    if words.collect:
        collect()
        return 0
    covered = tests_by_line()
    mutants = draw(words.mutants, words.seed, words.room, covered)
    survivors: list[Mutant] = []
    by_room: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    with tempfile.TemporaryDirectory() as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(words.jobs):
            copy = Path(folder) / str(number)
            shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv*", ".*cache", DATA.name))
            copies.put(copy)

        def run(mutant: Mutant) -> bool:
            copy = copies.get()
            try:
                return is_noticed(mutant, covered[mutant.path][mutant.line], copy, words.slow)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(words.jobs) as pool:
            for mutant, noticed in zip(mutants, pool.map(run, mutants), strict=True):
                tally = by_room["/".join(mutant.path.parts[1:3])]
                tally[0] += noticed
                tally[1] += 1
                if not noticed:
                    survivors.append(mutant)
                    before = (ROOT / mutant.path).read_text(encoding="utf-8").splitlines()
                    place = f"{mutant.path}:{mutant.line}"
                    lines = difflib.unified_diff(
                        before, mutant.source.splitlines(), place, mutant.what, lineterm="", n=1
                    )
                    print("\n".join(lines), flush=True)
    for room, (noticed_count, count) in sorted(by_room.items()):
        print(f"{room}: {noticed_count} of {count} noticed")
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} mutants noticed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
