"""How templates become text: what they may include, how large they may be, and what an error says."""

from __future__ import annotations

import itertools
import os
import re
from typing import TYPE_CHECKING

import jinja2
import pytest

from iamcheck.errors import TemplateError
from iamcheck.policies.confined import render_confined
from iamcheck.policies.environment import TemplateFile, TemplateProblemError, packaged_folder, render, render_page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import CodeType

LARGEST_TEMPLATE = 1_048_576
NUMBERS = itertools.count()


def rendered(
    folder: Path,
    text: str,
    variables: Mapping[str, object] | None = None,
    *,
    largest: int | None = 1000,
    arn_prefix: str = "",
    more: tuple[str, ...] = (),
) -> str:
    # what an environment compiled it keeps: a user's template is rendered once in a process
    path = folder / f"mine{next(NUMBERS)}.json.j2"
    path.write_bytes(text.encode())
    template = TemplateFile(str(path), (str(folder), *more), largest)
    return render(template, variables or {}, arn_prefix)


def problem(folder: Path, text: str, *, largest: int | None = 1000, more: tuple[str, ...] = ()) -> str:
    with pytest.raises(TemplateProblemError) as raised:
        rendered(folder, text, largest=largest, more=more)
    return re.sub(r"mine\d+", "mine", str(raised.value).replace(str(folder), "FOLDER"))


@pytest.mark.parametrize("largest", [None, 1000])
def test_values_become_json_once(tmp_path: Path, largest: int | None) -> None:
    text = '{{ t }} {{ n }} {{ b }} {{ none }} {{ l }} {{ d }} {{ 1 + 1 }} {{ "<&\'" }} {{ t | upper }}'
    variables = {"t": 'a"\\\n<', "n": 7, "b": True, "none": None, "l": ["x", '"'], "d": {"k": [1]}}

    assert rendered(tmp_path, text, variables, largest=largest) == (
        'a\\"\\\\\\n< 7 true null ["x", "\\""] {"k": [1]} 2 <&\' A\\"\\\\\\N<'.replace("\\N", "\\n")
    )


@pytest.mark.parametrize("largest", [None, 1000])
def test_a_macro_is_escaped_once(tmp_path: Path, largest: int | None) -> None:
    text = "{% macro m(v) %}[{{ v }}]{% endmacro %}{{ m(t) }}{% set s %}{{ t }}{% endset %}{{ s }}\n"

    assert rendered(tmp_path, text, {"t": '"'}, largest=largest) == '[\\"]\\"'


def test_an_arn_has_both_spellings_each_once(tmp_path: Path) -> None:
    text = '[{{ arns("model", name) }}]'

    assert rendered(tmp_path, text, {"name": "Mine"}, arn_prefix="arn:x") == '["arn:x:model/Mine", "arn:x:model/mine"]'
    assert rendered(tmp_path, text, {"name": "mine"}, arn_prefix="arn:x") == '["arn:x:model/mine"]'
    assert "'arns' is undefined" in problem(tmp_path, text)


def test_the_text_is_as_large_as_it_may_be_and_no_larger(tmp_path: Path) -> None:
    text = "{% for i in range(10) %}{{ 'abcde' }}{% endfor %}"

    assert rendered(tmp_path, text, largest=50) == "abcde" * 10
    assert problem(tmp_path, text, largest=49) == (
        "FOLDER/mine.json.j2: renders to more than 49 characters, where a policy has fewer"
    )
    assert "renders to more than 1,234 characters" in problem(tmp_path, "{{ 'a' * 1235 }}", largest=1234)


def test_what_a_process_of_its_own_renders_is_as_large_as_a_policy_may_be(tmp_path: Path) -> None:
    """131,072 characters: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html."""
    path = tmp_path / "mine.json.j2"
    path.write_text("{{ 'a' * size }}")

    assert len(render_confined(str(path), [str(tmp_path)], {"size": 131_072}, "arn:x")) == 131_072
    with pytest.raises(TemplateError, match="renders to more than 131,072 characters"):
        render_confined(str(path), [str(tmp_path)], {"size": 131_073}, "arn:x")


def test_a_file_is_as_large_as_it_may_be_and_no_larger(tmp_path: Path) -> None:
    assert rendered(tmp_path, f"{{#{' ' * (LARGEST_TEMPLATE - 5)}#}}a", largest=1000) == "a"
    assert problem(tmp_path, f"{{#{' ' * (LARGEST_TEMPLATE - 4)}#}}a") == (
        "FOLDER/mine.json.j2: larger than 1,048,576 bytes"
    )


def test_what_a_template_includes_is_a_template_of_its_folders(tmp_path: Path) -> None:
    (tmp_path / "part.j2").write_text("part {% include 'deep/inner.j2' %}")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "inner.j2").write_text("inner")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / ".j2").mkdir()
    second = tmp_path / "second"
    second.mkdir()
    (second / "part.j2").write_text("of the second folder")
    (second / "other.j2").write_text("other")

    assert rendered(tmp_path, "{% include 'part.j2' %}") == "part inner"
    assert rendered(tmp_path, "{% include 'other.j2' %}", more=(str(second),)) == "other"
    assert rendered(tmp_path, "{% include 'part.j2' %}", more=(str(second),)) == "part inner"
    assert rendered(tmp_path, "{% include ['nowhere.j2', 'part.j2'] %}") == "part inner"
    for name in ("secret.txt", "nowhere.j2", ".j2", "../mine.j2", "deep/../part.j2", "./part.j2", "deep//inner.j2", ""):
        assert problem(tmp_path, f"{{% include '{name}' %}}").startswith(
            f"FOLDER/mine.json.j2: it asks for the template {name}"
        ), name


def test_a_template_may_ask_for_a_packaged_one(tmp_path: Path) -> None:
    packaged = "{% include 'policies/sts-probe-role.json.j2' %}"

    assert '"AWS": "ann"' in rendered(tmp_path, packaged, {"principal": "ann"}, more=(packaged_folder(),))


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_no_link_leads_out_of_a_folder(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "secret.j2").write_text("secret")
    (folder / "inside.j2").write_text("inside")
    (folder / "out.j2").symlink_to(outside / "secret.j2")
    (folder / "in.j2").symlink_to(folder / "inside.j2")
    # a folder whose name begins alike is another folder
    beside = tmp_path / "folder-of-others"
    beside.mkdir()
    (beside / "secret.j2").write_text("secret")
    (folder / "beside.j2").symlink_to(beside / "secret.j2")

    assert rendered(folder, "{% include 'in.j2' %}") == "inside"
    for name in ("out.j2", "beside.j2"):
        assert problem(folder, f"{{% include '{name}' %}}") == (
            f"FOLDER/{name}: a link leads out of the folder of the template"
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{% if %}", "FOLDER/mine.json.j2, line 1: Expected an expression, got 'end of statement block'"),
        ("a\nb\n{{ c", "FOLDER/mine.json.j2, line 3: unexpected end of template, expected 'end of print statement'."),
        ("\n\n{{ missing }}", "FOLDER/mine.json.j2, line 3: does not render: 'missing' is undefined"),
        ("{{ 1 / 0 }}", "FOLDER/mine.json.j2, line 1: does not render: division by zero"),
        ("a\n{% include 'part.j2' %}", "FOLDER/mine.json.j2, line 2: does not render: 'missing' is undefined"),
        ("{% include 'broken.j2' %}", "FOLDER/broken.j2, line 2: Encountered unknown tag 'nothing'."),
    ],
)
def test_an_error_names_the_file_and_the_line(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "part.j2").write_text("{{ missing }}")
    (tmp_path / "broken.j2").write_text("\n{% nothing %}")

    for largest in (None, 1000):
        assert problem(tmp_path, text, largest=largest) == expected


def test_a_template_reaches_nothing_of_python(tmp_path: Path) -> None:
    assert "is unsafe" in problem(tmp_path, "{{ ''.__class__.__mro__ }}")
    assert "is unsafe" in problem(tmp_path, "{% set l = [] %}{{ l.append(1) }}")


def page(folder: Path, text: str, **variables: object) -> str:
    path = folder / "page.html.j2"
    path.write_text(text)
    return render_page(str(path), variables, shown=str.upper)


def test_a_page_shows_every_value_escaped_and_no_lines_of_blocks(tmp_path: Path) -> None:
    text = "{% if a %}\n  {% for b in c %}\n  {{ b }}\n  {% endfor %}\n{% endif %}\nend {{ n }}\n"

    assert page(tmp_path, text, a=1, c=["<i>", "&"], n=7) == "  &lt;I&gt;\n  &amp;\nend 7\n"


def test_a_page_that_does_not_render_is_named(tmp_path: Path) -> None:
    for text, why in (("{{ missing }}", "'missing' is undefined"), ("{% if %}", "Expected an expression")):
        with pytest.raises(TemplateProblemError) as raised:
            page(tmp_path, text)
        assert str(raised.value).startswith(f"{tmp_path}/page.html.j2: does not render: {why}")
    (tmp_path / "part.html.j2").write_text("part")
    assert page(tmp_path, "{% include 'part.html.j2' %}") == "part"


def test_a_template_that_is_included_again_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str | None] = []
    compile_source = jinja2.Environment.compile

    def noting(self: jinja2.Environment, source: str, name: str | None = None, filename: str | None = None) -> CodeType:
        compiled.append(name)
        return compile_source(self, source, name, filename)

    monkeypatch.setattr(jinja2.Environment, "compile", noting)
    (tmp_path / "inner.j2").write_text("{{ n }}", encoding="utf-8")
    outer = tmp_path / "outer.json.j2"
    outer.write_text("{% for n in [1, 2, 3] %}{% include 'inner.j2' %}{% endfor %}", encoding="utf-8")
    assert render(TemplateFile(str(outer), (str(tmp_path),), 1000), {}) == "123"
    assert compiled == ["outer.json.j2", "inner.j2"]
