"""SCPs and RCPs from a folder of what `aws organizations` prints."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from iamcheck.aws.organizations import organizations_of, read_folder
from iamcheck.aws.session import Access
from iamcheck.errors import InvalidInputError, UnsupportedElementError
from iamcheck.iam.model import UNREAD
from tests.profiles import examples
from tests.server.organizations import DEFAULTS, RCP, SCP
from tests.unit.aws.organizations.world import A, deny, export, live, sids

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.server import LoopbackAws
    from tests.server.organizations import Tree

PAGE = (Path(__file__).parents[4] / "docs" / "organizations.md").read_text(encoding="utf-8")


def world(aws: LoopbackAws, *, types: tuple[str, ...] = (SCP, RCP)) -> tuple[Tree, str]:
    """The account in a unit, with a policy of each type that is told by its Sid."""
    tree = aws.organizations.create(types=types)
    unit = tree.unit("unit", tree.root)
    tree.account(A, unit)
    for kind in types:
        tree.attach(unit, deny(f"Unit{kind[0]}", kind=kind), kind=kind)
        tree.attach(A, deny(f"Own{kind[0]}", kind=kind), kind=kind)
    aws.organizations.delegated.add(A)
    return tree, unit


@pytest.fixture
def unit(aws: LoopbackAws, tmp_path: Path) -> str:
    _, made = world(aws)
    export(aws, tmp_path)
    return made


def test_a_folder_says_what_aws_said(aws: LoopbackAws, unit: str, tmp_path: Path) -> None:
    found = read_folder(tmp_path, A)
    assert sids(found.scps)[1:] == [["FullAWSAccess (p-FullAWSAccess)", f"{word}S"] for word in ("Unit", "Own")]
    assert sids(found.rcps)[1:] == [["RCPFullAWSAccess (p-RCPFullAWSAccess)", f"{word}R"] for word in ("Unit", "Own")]
    assert found == live(aws)
    assert found.targets[1] == unit


def test_a_folder_of_the_management_account_needs_one_file(aws: LoopbackAws, tmp_path: Path) -> None:
    aws.organizations.create(management=A)
    answer = aws.client("organizations").describe_organization()
    (tmp_path / "organization.json").write_text(json.dumps({"Organization": answer["Organization"]}))
    found = read_folder(tmp_path, A)
    assert (found.scps, found.rcps) == ((), ())
    assert "management account" in found.notes[0]


@pytest.mark.parametrize("types", [(), (SCP,), (RCP,)])
def test_roots_say_that_a_type_is_not_used(aws: LoopbackAws, tmp_path: Path, types: tuple[str, ...]) -> None:
    world(aws, types=types)
    export(aws, tmp_path)
    found = read_folder(tmp_path, A)
    assert found == live(aws)
    assert ((found.scps == ()), (found.rcps == ())) == (SCP not in types, RCP not in types)
    (tmp_path / "roots.json").unlink()
    with pytest.raises(InvalidInputError, match=r"roots\.json: there is no such file .*aws organizations list-roots"):
        read_folder(tmp_path, A)


MISSING = [
    ("organization.json", "describe-organization"),
    (f"parents/{A}.json", f"list-parents --child-id {A}"),
    ("parents/UNIT.json", "list-parents --child-id UNIT"),
    (f"targets/{A}.scp.json", f"list-policies-for-target --target-id {A} --filter SERVICE_CONTROL_POLICY"),
    ("targets/UNIT.rcp.json", "list-policies-for-target --target-id UNIT --filter RESOURCE_CONTROL_POLICY"),
    ("policies/p-FullAWSAccess.json", "describe-policy --policy-id p-FullAWSAccess"),
]


@pytest.mark.parametrize(("name", "command"), MISSING)
def test_a_file_that_is_missing_is_named_with_the_command_that_makes_it(
    unit: str, tmp_path: Path, name: str, command: str
) -> None:
    file = tmp_path / name.replace("UNIT", unit)
    file.unlink()
    with pytest.raises(InvalidInputError) as refused:
        read_folder(tmp_path, A)
    assert refused.value.where == str(file)
    assert f"aws organizations {command.replace('UNIT', unit)} --output json > {file}" in refused.value.cure


def put(*path: str | int, value: object) -> Callable[[Any], object]:
    """A change of a JSON document."""

    def change(document: Any) -> object:  # noqa: ANN401  any JSON
        at = document
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        return document

    return change


BAD: list[tuple[str, Callable[[Any], object] | str, str]] = [
    ("organization.json", "", "the file is empty"),
    ("organization.json", "{", "line 1"),
    ("organization.json", "[]", "not an object"),
    ("organization.json", "{}", "Organization is missing from the file"),
    ("organization.json", '{"Organization": 1}', "Organization is not a structure"),
    ("organization.json", '{"Organization": {}, "Organization": {}}', "Organization"),
    ("organization.json", put("Organization", "MasterAccountId", value=1), "MasterAccountId is missing"),
    (f"parents/{A}.json", put("Parents", value=[]), "has 0"),
    (f"parents/{A}.json", put("Parents", 0, "Type", value="ACCOUNT"), "type ACCOUNT"),
    (f"parents/{A}.json", put("Parents", 0, "Id", value="../../etc"), "no id of AWS Organizations"),
    (f"targets/{A}.scp.json", put("NextToken", value="more"), "one page of several"),
    (f"targets/{A}.scp.json", put("Policies", 0, "Type", value=RCP), "only SERVICE_CONTROL_POLICY"),
    ("policies/p-FullAWSAccess.json", put("Policy", "PolicySummary", "Id", value="p-x"), "another policy"),
    ("policies/p-FullAWSAccess.json", put("Policy", "Content", value="{"), "line 1"),
    ("policies/p-FullAWSAccess.json", put("Policy", "Content", value='{"Statement": [{"Effct": 1}]}'), "Effct"),
]


@pytest.mark.parametrize(("name", "bad", "said"), BAD)
def test_a_bad_file_is_named(
    unit: str, tmp_path: Path, name: str, bad: Callable[[Any], object] | str, said: str
) -> None:
    file = tmp_path / name
    file.write_text(bad if isinstance(bad, str) else json.dumps(bad(json.loads(file.read_text()))))
    with pytest.raises(InvalidInputError) as refused:
        read_folder(tmp_path, A)
    assert said in str(refused.value)
    if "Id" not in str(bad) and "/etc" not in str(refused.value):
        assert str(refused.value).startswith(str(file))


def test_an_unknown_element_is_refused_with_its_place(unit: str, tmp_path: Path) -> None:
    file = tmp_path / "policies" / "p-FullAWSAccess.json"
    data = json.loads(file.read_text())
    data["Policy"]["Content"] = json.dumps(deny("x") | {"Extra": 1})
    file.write_text(json.dumps(data))
    with pytest.raises(UnsupportedElementError, match=r"p-FullAWSAccess\.json.*Extra"):
        read_folder(tmp_path, A)


def test_files_that_contradict_each_other_are_refused(unit: str, tmp_path: Path) -> None:
    (tmp_path / f"targets/{unit}.scp.json").write_text('{"Policies": []}')
    with pytest.raises(InvalidInputError, match=f"of {unit}: .*none is attached there.*make the folder again"):
        read_folder(tmp_path, A)


def test_a_unit_above_itself_is_refused(unit: str, tmp_path: Path) -> None:
    parents = {"Parents": [{"Id": unit, "Type": "ORGANIZATIONAL_UNIT"}]}
    (tmp_path / f"parents/{unit}.json").write_text(json.dumps(parents))
    with pytest.raises(InvalidInputError, match=f"{unit} is above itself"):
        read_folder(tmp_path, A)


# --- the word of the flag


def test_no_word_says_nothing() -> None:
    assert organizations_of(None, A, None) is None


def test_ignore_leaves_no_levels() -> None:
    found = organizations_of("ignore", A, None)
    assert found is not None
    assert (found.scps, found.rcps, found.organization_id) == ((), (), None)


def test_a_word_may_be_a_folder(unit: str, tmp_path: Path) -> None:
    found = organizations_of(str(tmp_path), A, None)
    assert found == read_folder(tmp_path, A)


@pytest.mark.parametrize("word", ["AWS", "nowhere", ""])
def test_other_words_are_refused(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if not word:
        word = str(tmp_path / "file")
        Path(word).write_text("{}")
    with pytest.raises(InvalidInputError, match=r"there is no such folder.*aws, ignore, or a folder"):
        organizations_of(word, A, None)


def test_aws_is_read_by_the_access_of_the_run(aws: LoopbackAws) -> None:
    world(aws)
    access = Access(session=aws.session())
    assert organizations_of("aws", A, access) == live(aws)


def test_aws_needs_a_way_there() -> None:
    with pytest.raises(InvalidInputError, match="ignore or a folder"):
        organizations_of("aws", A, None)


@pytest.mark.parametrize("half", [{}, {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE"}], ids=["none", "half"])
def test_aws_without_credentials_is_not_read(
    aws: LoopbackAws, enter: Callable[[dict[str, str]], None], tmp_path: Path, half: dict[str, str]
) -> None:
    nothing = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_EC2_METADATA_DISABLED": "true", **half}
    (tmp_path / "config").write_text("")
    enter({**nothing, "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "config"), "AWS_ENDPOINT_URL": aws.url})
    found = organizations_of("aws", A, Access(region="eu-west-1"))
    assert found is not None
    assert (found.scps, found.rcps) == (UNREAD, UNREAD)
    assert "credentials" in found.unread[0].why
    assert aws.calls == ()


# --- folder and AWS agree

SHAPES = st.fixed_dictionaries(
    {
        "depth": st.integers(0, 5),
        "types": st.sampled_from([(), (SCP,), (RCP,), (SCP, RCP)]),
        "made": st.lists(st.tuples(st.integers(0, 6), st.sampled_from([SCP, RCP])), max_size=8),
        "again": st.lists(st.tuples(st.integers(0, 7), st.integers(0, 6)), max_size=4),
        "bare": st.lists(st.integers(0, 6), max_size=2),
        "page": st.sampled_from([None, 1, 2]),
    }
)


@given(SHAPES)
@examples(10, HealthCheck.function_scoped_fixture)
def test_the_folder_of_any_organization_says_what_aws_says(
    aws: LoopbackAws, tmp_path_factory: pytest.TempPathFactory, shape: dict[str, Any]
) -> None:
    aws.reset()
    tree = aws.organizations.create(types=shape["types"])
    levels = [tree.root]
    for number in range(shape["depth"]):
        levels.append(tree.unit(f"u{number}", levels[-1]))
    levels.append(tree.account(A, levels[-1]))
    expected: dict[str, dict[str, list[str]]] = {
        kind: {target: [DEFAULTS[kind]] for target in levels} for kind in shape["types"]
    }
    made: list[tuple[str, str]] = []
    for at, kind in shape["made"]:
        if kind in shape["types"]:
            target = levels[at % len(levels)]
            (policy,) = tree.attach(target, deny(f"P{len(made)}", kind=kind), kind=kind)
            made.append((policy, kind))
            expected[kind][target].append(policy)
    for which, at in shape["again"]:
        if made:
            policy, kind = made[which % len(made)]
            target = levels[at % len(levels)]
            tree.attach_again(target, policy)
            expected[kind][target] += [policy] if policy not in expected[kind][target] else []
    for at in shape["bare"]:
        # a level keeps a policy of its own only where it has one
        target = levels[at % len(levels)]
        if SCP in shape["types"] and expected[SCP][target][1:] and expected[SCP][target][0] == DEFAULTS[SCP]:
            tree.detach(target, DEFAULTS[SCP])
            expected[SCP][target].pop(0)
    aws.organizations.delegated.add(A)
    aws.organizations.page = shape["page"]
    folder = tmp_path_factory.mktemp("organization")
    export(aws, folder)
    found = live(aws)
    assert read_folder(folder, A) == found
    for kind, layer in ((SCP, found.scps), (RCP, found.rcps)):
        assert layer is not UNREAD
        ids = [[policy.name.partition("(")[2].rstrip(")") for policy in level] for level in layer]
        assert ids == [*expected.get(kind, {}).values()]


# --- the commands of docs/organizations.md


@pytest.mark.slow
def test_the_commands_of_the_page_make_such_a_folder(aws: LoopbackAws, tmp_path: Path) -> None:
    _, _ = world(aws)
    (code,) = re.findall(r"^```bash\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "aws").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m awscli "$@"\n')
    (programs / "aws").chmod(0o755)
    environment = aws.environment()
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert read_folder(tmp_path / "organization", A) == live(aws)
