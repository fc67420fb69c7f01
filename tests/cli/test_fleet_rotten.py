"""One row in a hundred is rotten: each is a result of its own that says why, and no other row is harmed."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import ACCOUNT, NEEDS_MFA, allow, policy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Done, Run

HERE = {"region": "eu-west-1", "account_id": ACCOUNT}


def good(number: int) -> dict[str, str]:
    return {"endpoint": f"e-{number % 7}", "config": "c", **HERE, "policy": "mfa.json" if number % 3 else "allow.json"}


def json_row(**values: object) -> bytes:
    return json.dumps({**good(0), **values}).encode()


def csv_line(row: dict[str, str]) -> bytes:
    return ",".join(row.values()).encode()


def yaml_item(row: dict[str, str]) -> bytes:
    return "\n  ".join(f"{key}: '{value}'" for key, value in row.items()).join(("- ", "")).encode()


JSON_LINES: list[tuple[bytes, str]] = [
    (b"\x00\x01\x02\xff", "not UTF-8 (save it as UTF-8)"),
    (b"\x7fELF\x02\x01", "not JSON"),
    (json_row()[:-20], "not JSON: Unterminated string starting at at column"),
    (b"{", "not JSON"),
    (b"[" * 500_000, "not JSON"),
    (b"[1]", "not a JSON object"),
    (b"null", "not a JSON object"),
    (b"{}", "endpoint: not given"),
    (b"\xef\xbb\xbf" + json_row(), "not JSON: Unexpected UTF-8 BOM"),
    (json_row() + b" {}", "not JSON: Extra data"),
    (json_row()[:-1] + b', "endpoint": "b"}', "'endpoint' stands twice (keep one)"),
    (json_row()[:-1] + b', "timeout": ' + b"9" * 5000 + b"}", ""),
    (b'{"a": "' + b"x" * 10_000_000 + b'"}', "longer than 1,000,000 bytes"),
    (json_row(endpoint=["a"]), "endpoint: ['a'] is no text (write a text)"),
    (json_row(endpoint=7), "endpoint: 7 is no text (write it between quotes)"),
    (json_row(endpoint=None), "endpoint: not given"),
    (json_row(endpoint={"a": {"b": 1}}), "endpoint: {'a': {'b': 1}} is no text"),
    (b'{"endpoint": ' + b"[" * 900 + b"]" * 900 + b"}", "is no text"),
    (json_row(endpoint="x" * 900_000), "is not an EndpointName"),
    (json_row(endpoint="a\0b"), "is not an EndpointName"),
    (json_row(endpoint="\ud800"), "is not an EndpointName"),
    (json_row(policy=[1, None]), "policy: 1 is no text"),
    (json_row(policy=[["allow.json"]]), "policy: ['allow.json'] is no text (write a text, or a list of texts)"),
    (json_row(policy="missing.json"), "missing.json: there is no such file (check the path)"),
    (json_row(policy="folder"), "folder: it is a directory (name the file in it)"),
    (json_row(policy="binary.json"), "binary.json: the file is binary"),
    (json_row(policy="cut.json"), "cut.json, line 1, Statement[0]: not JSON"),
    (json_row(policy="pipe"), "it is a pipe or a device (name a file)"),
    (json_row(policy="/dev/zero"), "it is a pipe or a device (name a file)"),
    (json_row(policy="a\0b"), "the path is no path"),
    (json_row(policy="\ud800"), "the path is no path"),
    (json_row(policy="x" * 100_000), "cannot be read: File name too long"),
    (json_row(policy="-"), "a row reads no standard input (name a file)"),
    (json_row(organizations="/"), "/organization.json: there is no such file"),
    (json_row(**{"from": "/"}), "/: a folder without a manifest.json"),
    (json_row(output="json"), "output: there is no such key (one of endpoint, config,"),
    (json_row(workers=2), "workers: there is no such key"),
    (json_row(output_file="x"), "output_file: there is no such key"),
    (json_row(resume="x"), "resume: there is no such key"),
    (json_row(**{"k" * 900_000: 1}), "there is no such key"),
    (json_row(**{"a\nb": 1}), "'a\\nb': there is no such key"),
    (json_row(**{"": 1}), "'': there is no such key"),
]
CSV_LINES: list[tuple[bytes, str]] = [
    (b"e,c", "2 cells, and the first line has 5 (quote commas)"),
    (csv_line(good(0)) + b",allow.json", "6 cells, and the first line has 5"),
    (b'"e,c,eu-west-1', "a cell begins with a quote that nothing closes"),
    (csv_line(good(0))[:-10] + b'"[""allow.json""', ""),
    (b'e,c,"eu-west-1"x,1,mfa.json', "not CSV: "),
    (b"\x00,\x01,\x02,\x03,\xff", ""),
    (csv_line({**good(0), "endpoint": "é"}).decode().encode("latin-1"), "endpoint: not UTF-8"),
    (b"x" * 3_000_000, "longer than 1,000,000 bytes"),
    (b'"' + b"x" * 3_000_000, "longer than 1,000,000 bytes"),
    (csv_line({**good(0), "policy": '"[""allow.json"""'}), "policy: not a JSON list"),
    (csv_line({**good(0), "policy": '"[[""allow.json""]]"'}), "policy: ['allow.json'] is no text"),
    (csv_line({**good(0), "policy": "[" * 100_000}), "policy: not a JSON list"),
    (csv_line({**good(0), "policy": "missing.json"}), "missing.json: there is no such file"),
    (csv_line({**good(0), "policy": "folder"}), "folder: it is a directory"),
    (csv_line({**good(0), "account_id": "12"}), "is not an AccountId"),
    (csv_line({**good(0), "endpoint": "true"}), "endpoint: True is no text"),
    (b"{}", "1 cell, and"),
    (b",,,,", "endpoint: not given"),
]
LAUGHS = ", ".join(
    f"{name}: &{name} [{', '.join([before] * 10)}]"
    for before, name in zip(["ha", *(f"*{name}" for name in "abcdefgh")], "abcdefghi", strict=True)
)
YAML_ITEMS: list[tuple[bytes, str]] = [
    (b"- {endpoint: a", "not YAML: "),
    (b"- {endpoint: 'a", "not YAML: "),
    (b"- endpoint: a\n\tconfig: b", "not YAML: "),
    (b"- endpoint: a\n config: b", "not YAML"),
    (yaml_item(good(0)).replace(b"\n  policy", b"\npolicy"), "not YAML"),
    (b"- [[[[", "not YAML: "),
    (b"- endpoint: a: b", "not YAML: "),
    (b"- text", "not a JSON object"),
    (b"- - -", "not a JSON object"),
    (b"-", "not a JSON object"),
    (b"- |\n  endpoint: a", "not a JSON object"),
    (b"- \x00\x01\x02", "not YAML"),
    (b"- endpoint: \xff\xfe", "not UTF-8"),
    (b"- endpoint: " + b"x" * 3_000_000, "longer than 100,000 characters"),
    (b"- endpoint: a\n" + b"  policy: b\n" * 50_000, "longer than 100,000 characters"),
    (f"- {{{LAUGHS}}}".encode(), "nested too deeply"),
    (
        b"- {a: &a [%s], %s}" % (b"ha, " * 9_000, b", ".join(b"k%d: *a" % n for n in range(500))),
        "more than 20,000 values",
    ),
    (b"- &a {<<: *a}", "not YAML"),
    (b"- {endpoint: *nowhere}", "not YAML: found undefined alias"),
    (b"- *nowhere", "not YAML: found undefined alias"),
    (b"- {<<: text}", "<<: no mapping"),
    (b"- !!python/object/apply:os.system ['false']", "the tag !python/object/apply:os.system is not understood"),
    (b"- {endpoint: !Ref x}", "the tag !Ref is not understood (write the value itself)"),
    (b"- {endpoint: !!binary aGk=}", "the tag !binary is not understood"),
    (b"- {endpoint: !!bool perhaps}", "the tag !bool is not understood"),
    (b"- {endpoint: a, endpoint: b}", "'endpoint' stands twice"),
    (b"- {endpoint: {a: b}}", "endpoint: {'a': 'b'} is no text"),
    (b"- {? [a]: b}", "nested too deeply"),
    (b"- {endpoint: a, output: json}", "output: there is no such key"),
    (b"- {endpoint: a, config: b, policy: missing.json}", "missing.json: there is no such file"),
    (b"text that is no item", "no item of the list"),
    (b"}", "no item of the list"),
]


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    (tmp_path / "allow.json").write_text(json.dumps(policy(allow("*"))))
    (tmp_path / "mfa.json").write_text(json.dumps(NEEDS_MFA))
    (tmp_path / "binary.json").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "cut.json").write_text('{"Version": "2012-10-17", "Statement": [{"Eff')
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")


def results(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def write_mixed(path: Path, rotten: list[tuple[bytes, str]], every: int, rows: int) -> dict[int, str]:
    """Writes a manifest whose rows are good but for some; gives the errors of those by their numbers."""
    item = {".jsonl": lambda row: json.dumps(row).encode(), ".csv": csv_line, ".yaml": yaml_item}[path.suffix]
    head = [b"endpoint,config,region,account_id,policy"] if path.suffix == ".csv" else []
    left = list(rotten)
    whys: dict[int, str] = {}
    texts: list[bytes] = []
    for number in range(1, rows + 1):
        if left and number % every == 0:
            text, whys[number] = left.pop(0)
            texts.append(text)
        else:
            texts.append(item(good(number)))
    assert not left
    path.write_bytes(b"\n".join((*head, *texts, b"")))
    return whys


def require_unharmed(done: Done, whys: dict[int, str], rows: int, run: Run, folder: Path) -> None:
    """Fails where a rotten row has no clear error, or another row has not the result that it has without them."""
    numbers = [number for number in range(1, rows + 1) if number not in whys]
    (folder / "good.jsonl").write_text("".join(f"{json.dumps(good(number))}\n" for number in numbers))
    expected = iter(results(run("fleet", "good.jsonl", "--offline")))
    found = results(done)
    assert [result["row"] for result in found] == list(range(1, rows + 1))
    for result in found:
        number = result["row"]
        if number in whys:
            assert (result["verdict"], result["reports"], whys[number] in result["error"]) == ("invalid", [], True), (
                whys[number],
                result,
            )
            assert "\n" not in result["error"]
            assert len(result["error"]) < 5000
        else:
            assert {**result, "row": 0} == {**next(expected), "row": 0}
    assert done.status == 2
    assert done.err.startswith(f"iamcheck: {rows:,} rows: ")
    assert f", {len(whys)} invalid, " in done.err


@pytest.mark.parametrize(
    ("name", "rotten"), [("fleet.jsonl", JSON_LINES), ("fleet.csv", CSV_LINES), ("fleet.yaml", YAML_ITEMS)]
)
def test_every_kind_of_rotten_row_is_its_own_result(
    name: str, rotten: list[tuple[bytes, str]], run: Run, tmp_path: Path
) -> None:
    rows = 2 * len(rotten) + 1
    whys = write_mixed(tmp_path / name, rotten, 2, rows)
    done = run("fleet", name, "--offline", "--output-file", "out.jsonl")
    require_unharmed(replace(done, out=(tmp_path / "out.jsonl").read_text()), whys, rows, run, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rotten"), [("fleet.jsonl", JSON_LINES), ("fleet.csv", CSV_LINES), ("fleet.yaml", YAML_ITEMS)]
)
def test_two_thousand_rows_are_not_harmed_by_one_in_a_hundred(
    name: str, rotten: list[tuple[bytes, str]], run: Run, tmp_path: Path
) -> None:
    whys = write_mixed(tmp_path / name, rotten[:20], 100, 2000)
    require_unharmed(run("fleet", name, "--offline"), whys, 2000, run, tmp_path)


def test_rotten_rows_at_the_start_do_not_make_a_manifest_another_file(run: Run, tmp_path: Path) -> None:
    for name, rows in (
        ("a.jsonl", [b"\x00\x01\xff", b'{"Resources": {}}', b"{", json.dumps(good(0)).encode()]),
        ("b.yaml", [b"- \x00\x01", b"- {\n  Resources: {}}", b"- {", yaml_item(good(0))]),
    ):
        (tmp_path / name).write_bytes(b"\n".join((*rows, b"")))
        done = run("fleet", name, "--offline")
        assert [result["verdict"] for result in results(done)] == ["invalid", "invalid", "invalid", "pass"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_and_the_line_ends_of_windows_change_nothing(
    start: bytes, end: bytes, run: Run, tmp_path: Path
) -> None:
    rows = [good(number) for number in range(3)]
    head = b"endpoint,config,region,account_id,policy"
    (tmp_path / "a.jsonl").write_bytes(start + end.join(json.dumps(row).encode() for row in rows))
    (tmp_path / "a.csv").write_bytes(start + end.join((head, *map(csv_line, rows), b"")))
    (tmp_path / "a.yaml").write_bytes(start + end.join(yaml_item(row).replace(b"\n", end) for row in rows))
    outputs = [run("fleet", name, "--offline").out for name in ("a.jsonl", "a.csv", "a.yaml")]
    assert outputs[0] == outputs[1] == outputs[2]
    assert [json.loads(line)["verdict"] for line in outputs[0].splitlines()] == ["pass", "unknown", "unknown"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_the_error_of_its_row(run: Run, tmp_path: Path) -> None:
    (tmp_path / "allow.json").chmod(0)
    (tmp_path / "fleet.jsonl").write_text(f"{json.dumps(good(0))}\n{json.dumps(good(1))}\n")
    first, second = results(run("fleet", "fleet.jsonl", "--offline"))
    assert (first["verdict"], second["verdict"]) == ("invalid", "unknown")
    assert "allow.json: cannot be read: Permission denied" in first["error"]
