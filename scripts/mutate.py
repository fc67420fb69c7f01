"""Puts small faults into the code, one at a time, and tells which of them no test notices.

Run it on demand from the checkout, in an environment with the `dev` extra:

    python scripts/mutate.py --collect            # once: which test runs which line (runs the default tier)
    python scripts/mutate.py --mutants 300 --seed 1 --results /tmp/mutants.jsonl

Each mutant is one changed operator, constant, branch or dropped statement. It is made in a copy of the checkout, and
the tests that run its line are run against it until the first one fails: the quickest of each test function first, then
the others. A line that only an import runs meets the tests of its module. Mutants are drawn from every room in turn, so
that a small room counts as much as a large one. What survives is printed as a diff: a hole in the tests, or a change
without effect.

Results are kept, one JSON object a line, and a mutant that has one is not run again: `--minutes` ends a run, and the
same command goes on with it.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".coverage-mutate"
DURATIONS = ROOT / ".coverage-mutate.durations.json"
FIRST_TESTS, FIRST_SECONDS = 40, 8.0
"""What a mutant meets first: the quickest test of each function."""
MOST_TESTS, MOST_SECONDS = 200, 25.0
"""What it meets after that at most: a line that thousands of tests run is noticed by a few of them or by none."""
SECONDS = 240
"""For one run of tests; what does not end by then is noticed."""
_PRELOADED = ("pytest", "boto3", "botocore.session", "click.testing", "hypothesis", "jinja2", "jsonschema", "yaml")
"""Imported once, in the server that every run of tests is forked from; nothing of iamcheck."""

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
        column: The column, from 0.
        what: What is changed, in short.
        source: The whole text of the changed module.
    """

    path: Path
    line: int
    column: int
    what: str
    source: str

    @property
    def key(self) -> str:
        """What names it in the results."""
        return f"{self.path}:{self.line}:{self.column}: {self.what}"

    @property
    def is_python(self) -> bool:
        """Whether the changed module compiles."""
        try:
            compile(self.source, str(self.path), "exec")
        except SyntaxError:
            return False
        return True

    def diff(self) -> str:
        """The change, as a unified diff."""
        before = (ROOT / self.path).read_text(encoding="utf-8").splitlines()
        place = f"{self.path}:{self.line}"
        return "\n".join(difflib.unified_diff(before, self.source.splitlines(), place, self.what, lineterm="", n=1))


@dataclass(frozen=True)
class Coverage:
    """Which tests run which line, and how long each takes.

    Args:
        seconds: Seconds that a test takes, by its id.
        lines: The tests of each line of a module.
    """

    seconds: Mapping[str, float]
    lines: Callable[[Path], Mapping[int, frozenset[str]]]

    def tests_of(self, mutant: Mutant) -> list[str]:
        """The tests that a mutant meets: of each function the quickest first, and those of its room before others.

        Few files of tests are read so, which takes longer than most tests do.
        """
        # the lines that an import runs stand under whichever test imported the module first
        here = self.lines(mutant.path).get(mutant.line) if _is_in_function(mutant) else None
        tests = here or self._nearest(mutant.path)
        room = mutant.path.with_suffix("").parts[1:]
        quickest = sorted(tests, key=lambda test: (-_in_common(room, test), self.seconds.get(test, 0.0), test))
        first: dict[str, str] = {}
        for test in quickest:
            first.setdefault(test.partition("[")[0], test)
        heads = set(first.values())
        return [*first.values(), *(test for test in quickest if test not in heads)]

    def _nearest(self, path: Path) -> frozenset[str]:
        """The tests of a module that only an import runs; of one with tables alone, those of the modules around it."""
        while len(path.parts) > 1:
            modules = [one.relative_to(ROOT) for one in (ROOT / path).rglob("*.py")] or [path]
            tests = frozenset(test for module in modules for found in self.lines(module).values() for test in found)
            if tests:
                return tests
            path = path.parent
        return frozenset()

    def within(self, tests: Sequence[str], most: int, seconds: float) -> list[str]:
        """As many of the tests, from the first, as a bound allows."""
        chosen: list[str] = []
        for test in tests:
            if len(chosen) < most and self.seconds.get(test, 0.0) <= seconds:
                seconds -= self.seconds.get(test, 0.0)
                chosen.append(test)
        return chosen


def _is_in_function(mutant: Mutant) -> bool:
    tree = ast.parse((ROOT / mutant.path).read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return any(one.body[0].lineno <= mutant.line <= (one.end_lineno or 0) for one in functions)


def _in_common(room: Sequence[str], test: str) -> int:
    """How far the folders of a test's file are those of a module."""
    folders = Path(test.partition("::")[0]).parts[2:]
    return next((at for at, pair in enumerate(zip(room, folders, strict=False)) if pair[0] != pair[1]), len(folders))


# --- faults


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
            yield "last operand dropped", ast.BoolOp(op, values[:-1]) if len(values) > 2 else values[0]
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
        case ast.Expr(ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.AugAssign():
            yield "statement dropped", ast.Pass()
        case ast.If(ast.Compare(ops=[_]) | ast.UnaryOp(ast.Not())):
            # a change of the condition itself turns it round
            return
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
        if not (hasattr(node, "lineno") and hasattr(node, "col_offset")) or (
            isinstance(node, ast.If) and node.lineno != node.test.lineno
        ):
            continue
        # an `if` is changed in its condition alone, so that its body keeps its comments and lines
        place = node.test if isinstance(node, ast.If) else node
        for what, changed in changes(node):
            text = ast.unparse(changed.test if isinstance(changed, ast.If) else changed)
            replaced = _replace(lines, place, f"({text})" if isinstance(changed, ast.expr | ast.If) else text)
            found.append(Mutant(path, place.lineno, place.col_offset, what, replaced))
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
    # the lines after it keep their numbers
    blank = "\n" * (end - start) if text == "pass" else ""
    return "".join((*lines[:start], head, text, tail, blank, *lines[end + 1 :]))


def room_of(path: Path) -> str:
    """The room of a module; the large rooms are drawn from by folder."""
    if path.parts[1:2] in (("iam",), ("checks",), ("explain",)) and len(path.parts) > 3:
        return "/".join(path.parts[1:3])
    return path.parts[1] if len(path.parts) > 2 else path.stem


def draw(count: int, seed: int, rooms: Sequence[str]) -> list[Mutant]:
    """Mutants from every room in turn."""
    chance = random.Random(seed)
    by_room: dict[str, list[Mutant]] = defaultdict(list)
    for module in sorted((ROOT / "iamcheck").rglob("*.py")):
        path = module.relative_to(ROOT)
        room = room_of(path)
        if not rooms or any(room == one or room.startswith(f"{one}/") for one in rooms):
            by_room[room] += mutants_of(path)
    for mutants in by_room.values():
        chance.shuffle(mutants)
    drawn: list[Mutant] = []
    while len(drawn) < count and any(by_room.values()):
        for mutants in by_room.values():
            # few make no Python, so that only those that are drawn are tried
            while mutants and not mutants[-1].is_python:
                mutants.pop()
            if mutants and len(drawn) < count:
                drawn.append(mutants.pop())
    return drawn


# --- which test runs which line


def collect(jobs: int) -> None:
    """Runs the default tier once and records which test runs which line, and how long each test takes."""
    DATA.unlink(missing_ok=True)
    words = ["-n", str(jobs), "-q", "-vv", "--durations=0", "--cov=iamcheck", "--cov-context=test", "--cov-report="]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        check=False,
        cwd=ROOT,
        env={**os.environ, "COVERAGE_FILE": str(DATA)},
        stdout=subprocess.PIPE,
        text=True,
    )
    print(done.stdout[-2000:])
    DURATIONS.write_text(json.dumps(durations(done.stdout)), encoding="utf-8")


def durations(output: str) -> dict[str, float]:
    """Seconds of each test, with its setup, from what `--durations=0 -vv` prints."""
    found: dict[str, float] = defaultdict(float)
    for match in re.finditer(r"^([\d.]+)s (?:call|setup|teardown) +(.*)$", output, re.MULTILINE):
        found[match[2].rstrip()] += float(match[1])
    return dict(found)


def read_coverage() -> Coverage:
    """What `--collect` recorded."""
    from coverage import CoverageData

    data = CoverageData(basename=str(DATA))
    data.read()

    @cache
    def lines(module: Path) -> Mapping[int, frozenset[str]]:
        return {
            line: frozenset(context.rpartition("|")[0] for context in contexts if context)
            for line, contexts in data.contexts_by_lineno(str(ROOT / module)).items()
        }

    return Coverage(json.loads(DURATIONS.read_text(encoding="utf-8")), lines)


# --- running tests


def failing_test(copy: Path, tests: Sequence[str], *, slow: bool = False) -> str | None:
    """The first of the tests that fails in a copy, or `timeout`; None where all pass.

    Raises:
        RuntimeError: The tests did not run, and no import of iamcheck's is the reason.
    """
    if not tests:
        return None
    words = ["-x", "-q", "-p", "no:cacheprovider", "--rootdir", str(copy), "--no-header", "-rfE"]
    words += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what the server has imported
    words += ["-m", "not benchmark"] if slow else []
    output = copy / ".mutate-output"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    process = context.Process(target=_run, args=(str(copy), [*words, *tests], str(output)))
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        return "timeout"
    text = output.read_text(encoding="utf-8", errors="replace") if output.exists() else ""
    if process.exitcode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) (.*?)(?: - .*)?$", text, re.MULTILINE)
    if failed is None and "ImportError while loading conftest" not in text:
        raise RuntimeError(text[-2000:] or f"pytest ended with {process.exitcode}")
    return failed[1] if failed else "conftest"


def _run(copy: str, words: list[str], output: str) -> None:
    """Runs pytest in a copy; the process ends with pytest's status."""
    import pytest

    os.chdir(copy)
    sys.path.insert(0, copy)
    os.environ["PYTHONPATH"] = copy
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    file = os.open(output, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    status = int(pytest.main(words))
    sys.stdout.flush()
    os._exit(status)


def judge(mutant: Mutant, coverage: Coverage, copy: Path) -> dict[str, object]:
    """Runs the tests of a mutant: the first ones, then the others."""
    target = copy / mutant.path
    before = target.read_text(encoding="utf-8")
    target.write_text(mutant.source, encoding="utf-8")
    started, tests = time.monotonic(), coverage.tests_of(mutant)
    first = coverage.within(tests, FIRST_TESTS, FIRST_SECONDS) or tests[:1]
    rest = coverage.within([test for test in tests if test not in set(first)], MOST_TESTS, MOST_SECONDS)
    try:
        killer = failing_test(copy, first) or failing_test(copy, rest)
    finally:
        target.write_text(before, encoding="utf-8")
    return {
        "mutant": mutant.key,
        "room": room_of(mutant.path),
        "noticed_by": killer,
        "tests": len(first) + len(rest),
        "of": len(tests),
        "seconds": round(time.monotonic() - started, 1),
        "diff": mutant.diff(),
    }


def main() -> int:
    """Draws mutants, runs those without a result, prints the survivors and a count for each room."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collect", action="store_true", help="record which test runs which line, and end")
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--room", action="append", default=[], help="such as iam or checks/principal; repeatable")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="of --collect")
    parser.add_argument("--minutes", type=float, default=24 * 60.0, help="end after the mutant that is running then")
    parser.add_argument("--part", default="1/1", help="such as 2/3: every third mutant, from the second")
    parser.add_argument("--results", type=Path, help="where results are kept; outside the checkout by default")
    words = parser.parse_args()
    os.nice(max(0, 10 - os.nice(0)))
    if words.collect:
        collect(words.jobs)
        return 0
    results = words.results or Path(tempfile.gettempdir()) / f"iamcheck-mutants-{words.seed}.jsonl"
    known = read_results(results)
    mutants = draw(words.mutants, words.seed, words.room)
    part, _, parts = words.part.partition("/")
    left = [mutant for mutant in mutants[int(part) - 1 :: int(parts)] if mutant.key not in known]
    coverage = read_coverage()
    ends = time.monotonic() + 60 * words.minutes
    with tempfile.TemporaryDirectory() as folder, results.open("a", encoding="utf-8") as file:
        copy = Path(folder) / "copy"
        ignored = shutil.ignore_patterns(".git", ".venv*", ".*cache", f"{DATA.name}*")
        shutil.copytree(ROOT, copy, ignore=ignored)
        for mutant in left:
            if time.monotonic() > ends:
                break
            result = judge(mutant, coverage, copy)
            known[mutant.key] = result
            print(json.dumps(result), file=file, flush=True)
    report([known[mutant.key] for mutant in mutants if mutant.key in known], len(mutants), results)
    return 0


def read_results(path: Path) -> dict[str, dict[str, object]]:
    """The results that are kept, by mutant."""
    if not path.exists():
        return {}
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {str(one["mutant"]): one for one in found}


def report(results: Sequence[Mapping[str, object]], drawn: int, path: Path) -> None:
    """Prints the survivors and a count for each room."""
    by_room: dict[str, list[bool]] = defaultdict(list)
    for one in results:
        by_room[str(one["room"])].append(one["noticed_by"] is not None)
        if one["noticed_by"] is None:
            print(one["diff"])
    for room, noticed in sorted(by_room.items()):
        print(f"{room}: {sum(noticed)} of {len(noticed)} noticed")
    print(f"{len(results)} of {drawn} mutants run, {sum(map(sum, by_room.values()))} noticed; results in {path}")


if __name__ == "__main__":
    sys.exit(main())
