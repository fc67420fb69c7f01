"""Reads each form of a policy back as its own tool would: what comes out is the policy that AWS gets."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any, Final

import hcl2
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from iamcheck.formats.policies.parts import PolicyPlace

__all__ = ["READERS", "normal"]

_TEMPLATE: Final = re.compile(r"\$\$\{|%%\{|\$\{([a-z0-9_.]+)\}")
_ESCAPE: Final = re.compile(r"\\(?:([nrt\"\\])|u([0-9a-f]{4})|U([0-9a-f]{8}))")
_LISTS: Final = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def normal(document: Any) -> Any:  # noqa: ANN401  any policy
    """A policy with every list that may be a single value as a list, and every value of a condition as a text."""
    if isinstance(document, dict):
        return {
            key: {operator: {name: _texts(one) for name, one in tests.items()} for operator, tests in value.items()}
            if key == "Condition"
            else _texts(value)
            if key in _LISTS.values()
            else {kind: _texts(one) for kind, one in value.items()}
            if key in ("Principal", "NotPrincipal") and isinstance(value, dict)
            else [normal(one) for one in _listed(value)]
            if key == "Statement"
            else value
            for key, value in document.items()
        }
    return document


def _listed(value: Any) -> list[Any]:  # noqa: ANN401  any JSON
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> list[str]:  # noqa: ANN401  any JSON
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in _listed(value)]


def _references(place: PolicyPlace) -> Mapping[str, str]:
    return {
        "data.aws_caller_identity.current.account_id": place.account_id,
        "data.aws_region.current.name": place.region,
        "data.aws_partition.current.partition": place.partition,
    }


def _evaluated(template: str, place: PolicyPlace) -> str:
    """A template of Terraform, as Terraform evaluates it."""
    return _TEMPLATE.sub(lambda one: _references(place)[one[1]] if one[1] else one[0][1:], template)


def _unescaped(quoted: str) -> str:
    """A quoted text of HCL, without its quotes and escapes."""

    def char(escape: re.Match[str]) -> str:
        plain = {"n": "\n", "r": "\r", "t": "\t"}
        return plain.get(escape[1], escape[1]) if escape[1] else chr(int(escape[2] or escape[3], 16))

    assert quoted[0] == quoted[-1] == '"'
    return _ESCAPE.sub(char, quoted[1:-1])


def _policy_of(block: Mapping[str, Any], text: Callable[[Any], str]) -> dict[str, Any]:
    """The JSON that `aws_iam_policy_document` makes of its arguments."""

    def values(given: list[Any]) -> list[str]:
        # the provider writes a policy variable as AWS reads it
        return [text(one).replace("&{", "${") for one in given]

    def principals(blocks: list[Mapping[str, Any]]) -> Any:  # noqa: ANN401  a text or a mapping
        found = {text(one["type"]): values(one["identifiers"]) for one in blocks}
        return "*" if set(found) == {"*"} else found

    statements = []
    for one in block["statement"]:
        statement: dict[str, Any] = {"Effect": text(one["effect"])}
        if "sid" in one:
            statement["Sid"] = text(one["sid"])
        statement |= {element: values(one[name]) for name, element in _LISTS.items() if name in one}
        for name, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            if name in one:
                statement[element] = principals(one[name])
        for test in one.get("condition", []):
            operator = statement.setdefault("Condition", {}).setdefault(text(test["test"]), {})
            operator[text(test["variable"])] = values(test["values"])
        statements.append(statement)
    policy = {"Version": text(block["version"]), "Statement": statements}
    return policy | ({"Id": text(block["policy_id"])} if "policy_id" in block else {})


def _terraform(text: str, place: PolicyPlace, _: Path) -> Any:  # noqa: ANN401  a policy
    document = hcl2.loads(text)
    (block,) = [
        body
        for one in document["data"]
        for kind, labels in one.items()
        if kind == '"aws_iam_policy_document"'
        for body in labels.values()
    ]
    declared = {kind.strip('"') for one in document["data"] for kind in one}
    assert declared >= set(re.findall(r"\$\{data\.(\w+)", text.replace("$${", "")))
    ((resource,),) = [[body for kind in one.values() for body in kind.values()] for one in document["resource"]]
    assert (resource.get("policy") or resource["assume_role_policy"]).startswith("${data.aws_iam_policy_document.")
    return _policy_of(block, lambda quoted: _evaluated(_unescaped(quoted), place))


def _terraform_json(text: str, place: PolicyPlace, _: Path) -> Any:  # noqa: ANN401  a policy
    document = json.loads(text)
    (block,) = document["data"]["aws_iam_policy_document"].values()
    assert set(document["data"]) >= set(re.findall(r"\$\{data\.(\w+)", text.replace("$${", "")))
    return _policy_of(block, lambda template: _evaluated(template, place))


def _pseudo(name: str, place: PolicyPlace) -> str:
    values = {"AccountId": place.account_id, "Region": place.region, "Partition": place.partition}
    return values[name.removeprefix("AWS::")]


def _cloudformation(text: str, place: PolicyPlace, _: Path) -> Any:  # noqa: ANN401  a policy
    class Loader(yaml.SafeLoader):
        """Reads a template with the values of the pseudo parameters."""

    def value(found: re.Match[str]) -> str:
        return f"${{{found[1]}}}" if found[1] is not None else _pseudo(found[2], place)

    def substituted(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
        return re.sub(r"\$\{!([^}]*)\}|\$\{([^}!]*)\}", value, str(loader.construct_scalar(node)))

    def reference(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
        return _pseudo(str(loader.construct_scalar(node)), place)

    Loader.add_constructor("!Sub", substituted)
    Loader.add_constructor("!Ref", reference)
    template = yaml.load(text, Loader)
    (resource,) = template["Resources"].values()
    assert resource["Type"] in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Role")
    ((_name, document),) = resource["Properties"].items()
    return document


def _cli(text: str, place: PolicyPlace, folder: Path) -> Any:  # noqa: ANN401  a policy
    stub = folder / "aws"
    stub.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        f'"sts get-caller-identity --query Account --output text") echo {place.account_id};;\n'
        '"sts get-caller-identity --query Arn --output text")'
        f" echo arn:{place.partition}:iam::{place.account_id}:user/ann;;\n"
        f'"configure get region") echo {place.region};;\n'
        '*) for word in "$@"; do printf "%s\\0" "$word"; done;;\n'
        "esac\n"
    )
    stub.chmod(0o755)
    done = subprocess.run(
        ["sh", "-uc", text], env={"PATH": f"{folder}:/usr/bin:/bin"}, capture_output=True, check=True, timeout=600
    )
    assert done.stderr == b""
    words = done.stdout.decode().split("\0")[:-1]
    assert words[:2] in (["iam", "create-policy"], ["iam", "create-role"])
    assert len(words) == 6
    return json.loads(words[5])


READERS: Final[Mapping[str, Callable[[str, PolicyPlace, Path], Any]]] = {
    "terraform": _terraform,
    "terraform-json": _terraform_json,
    "cloudformation": _cloudformation,
    "cli": _cli,
}
"""The policy that AWS gets, by the form that is deployed to a place; a folder is there for programs."""
