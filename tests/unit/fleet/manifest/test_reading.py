"""A manifest is read row by row: whatever stands there is a row, or a row with an error."""

from __future__ import annotations

import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.errors import InvalidInputError
from iamcheck.fleet.manifest.reading import ManifestRow, read_manifest

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
ROWS = st.lists(st.dictionaries(TEXTS, TEXTS | st.booleans() | st.none() | st.lists(TEXTS), max_size=4), min_size=1)


def read(text: str | bytes) -> list[ManifestRow]:
    data = text.encode() if isinstance(text, str) else text
    return list(read_manifest("-", stdin=io.BytesIO(data)))


@given(ROWS)
def test_json_lines_are_read_back(rows: list[dict[str, object]]) -> None:
    found = read("{}\n" + "".join(f"{json.dumps(row)}\n" for row in rows))[1:]
    assert [(row.number, row.values, row.error) for row in found] == [
        (number, row, None) for number, row in enumerate(rows, 2)
    ]


@given(st.binary(min_size=1, max_size=200))
def test_whatever_bytes_there_are_give_rows_or_one_error(data: bytes) -> None:
    for start in (b"{}\n", b"- a: b\n", b"a,b\n1,2\n"):
        try:
            found = read(start + data)
        except InvalidInputError:
            continue
        assert [row.number for row in found] == list(range(1, len(found) + 1))


def test_yaml_keeps_the_spelling_of_numbers() -> None:
    (row,) = read("- {account_id: 012345678901, offline: true, principal: null, policy: [a.json, b.json]}")
    assert row.values == {
        "account_id": "012345678901",
        "offline": True,
        "principal": None,
        "policy": ["a.json", "b.json"],
    }


def test_an_item_that_is_no_yaml_costs_no_other() -> None:
    rows = read("- {endpoint: a}\n- {endpoint: b\n- {endpoint: c}\n")
    assert [row.values for row in rows] == [{"endpoint": "a"}, {}, {"endpoint": "c"}]
    assert "line 2: not YAML" in str(rows[1].error)


def test_a_list_in_brackets_that_breaks_off_keeps_the_rows_before() -> None:
    rows = read("[{endpoint: a},\n {endpoint: b]")
    assert rows[0].values == {"endpoint": "a"}
    assert len(rows) == 2
    assert "no row after this one can be read" in str(rows[1].error)


@pytest.mark.parametrize("start", ["", "# ours\n", "%YAML 1.1\n---\n", "---  # ours\n\n"])
@pytest.mark.parametrize("indent", ["", "  "])
@pytest.mark.parametrize("between", ["", "\n# a comment\n\n", "---\n"])
def test_items_are_rows_whatever_stands_between_them(start: str, indent: str, between: str) -> None:
    items = ["- endpoint: a\n  config: b\n", "-\n  endpoint: c\n", "- {endpoint: d,\n   config: e\n  }\n"]
    text = start + between.join(indent + item.replace("\n", f"\n{indent}").rstrip(" ") for item in items)
    assert [(row.values, row.error) for row in read(text)] == [
        ({"endpoint": "a", "config": "b"}, None),
        ({"endpoint": "c"}, None),
        ({"endpoint": "d", "config": "e"}, None),
    ]


def test_anchors_count_for_the_rows_after_and_mappings_are_merged() -> None:
    text = """\
- &first {endpoint: a, config: &name c, policy: &policies [p.json]}
- {<<: *first, endpoint: b}
- {endpoint: *name, policy: *policies}
- &first {endpoint: z}
- {<<: [{region: r}, *first], config: d}
"""
    assert [row.values for row in read(text)] == [
        {"endpoint": "a", "config": "c", "policy": ["p.json"]},
        {"endpoint": "b", "config": "c", "policy": ["p.json"]},
        {"endpoint": "c", "policy": ["p.json"]},
        {"endpoint": "z"},
        {"region": "r", "endpoint": "z", "config": "d"},
    ]


def test_a_member_in_the_wrong_column_makes_its_row_invalid() -> None:
    (row,) = read("- endpoint: a\n  config: b\npolicy: deny.json\n")
    assert "not YAML" in str(row.error)


def test_a_cell_of_several_lines_is_one_cell() -> None:
    rows = read('endpoint,policy\n"a","[""p.json"",\n ""q.json""]"\nb,c\n')
    assert [row.values for row in rows] == [
        {"endpoint": "a", "policy": ["p.json", "q.json"]},
        {"endpoint": "b", "policy": "c"},
    ]


@given(
    st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8), st.integers(0, 8), st.sampled_from(['"', 'a,"b', '"a'])
)
def test_a_quote_that_nothing_closes_costs_its_own_line(rows: list[tuple[str, str]], place: int, bad: str) -> None:
    lines = [",".join(f'"{re.sub("[^a-z]", "", cell)}x"' for cell in row) for row in rows]
    place = min(place, len(lines))
    found = read("\n".join(("k,l", *lines[:place], bad, *lines[place:], "")))
    assert [row.number for row in found if row.error is not None] == [place + 1]
    expected = [dict(zip("kl", line.replace('"', "").split(","), strict=True)) for line in lines]
    assert [row.values for row in found if row.error is None] == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a,b\n1\n", "1 cell, and the first line has 2"),
        ('a,b\n"[1",2\n', "a: not a JSON list"),
        (b"a,b\n\xff,2\n", "a: not UTF-8"),
        ("- text\n", "not a JSON object"),
        ("- {a: {b: {c: d}}}\n", "nested too deeply"),
        ("- {a: 1, a: 2}\n", "'a' stands twice"),
        ("{}\n" + "[" * 100_000, "not JSON"),
        ('{}\n{"a": "' + "x" * 1_000_001 + '"}\n', "longer than 1,000,000 bytes"),
    ],
)
def test_the_error_of_a_row_says_what_is_wrong(text: str | bytes, why: str) -> None:
    assert why in str(read(text)[-1].error)


def test_a_long_line_is_one_row() -> None:
    rows = read("{}\n" + "x" * 3_500_000 + '\n{"endpoint": "a"}\n')
    assert [row.error is None for row in rows] == [True, False, True]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (bytes(range(256)) * 8, "standard input: the file is binary"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "standard input: the file is binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "standard input: the file is binary"),
        ("endpoint,config\nchurn,v7\n".encode("utf-16"), "standard input: the text is UTF-16"),
        (b"endp\xf6int,config\nchurn,v7\n", "line 1: not UTF-8"),
        (b"AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n", r"it is a template.*--from FILE"),
        (b"# ours\nTransform: x\nResources:\n  A: {}\n", r"it is a template.*--from FILE"),
        (b'{"Resources": {}}\n', r"it is a template.*--from FILE"),
        (b'{"format_version": "1.2",\n"terraform_version": "1.9.0"}', r"it is a template, a plan.*--from FILE"),
        (b'{\n  "Version": "2012-10-17"\n}\n', r"a single JSON document.*one JSON object in a line"),
    ],
)
def test_a_file_that_is_no_manifest_is_refused_once(data: bytes, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        read(data)


def test_rows_may_speak_of_what_templates_have() -> None:
    (row,) = read('{"parameter": ["Resources: 1"], "from": "StartAt:"}\n')
    assert row.error is None
