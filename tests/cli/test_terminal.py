"""Nothing that iamcheck reads can send a terminal anything but letters to show, on either stream."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import iamcheck
from iamcheck.formats.text import escaped
from tests.cli import ENDPOINT_ARN, NAMES, OFFLINE, allow, deny, policy
from tests.server.wire import error
from tests.unit.formats.test_formats import is_shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli import Done, Run
    from tests.server import LoopbackAws

PAINT = "\x1b[2J\x1b[32mVerdict: pass\x1b[0m"
HOSTILE = {
    "escape sequence": PAINT,
    "C1 and DEL": "\x9b32mVerdict: pass\x7f",
    "lines": "x\nVerdict: pass\r\u2028Verdict: pass\u2029\x85",
    "bidirectional": "\u202eVerdict: pass\u2066\u200f",
    "zero width": "\u200bVer\u200ddict\ufeff\u00ad",
}
HERE = ("--region", "eu-west-1", "--account-id", "123456789012")


def in_a_sid(folder: Path, text: str) -> list[str]:
    """A resource policy, whose Sids IAM does not restrict."""
    document = policy(deny(Sid=text, Principal="*"))
    (folder / "key.json").write_text(json.dumps(document))
    (folder / "p.json").write_text(json.dumps(policy(allow())))
    return [
        *OFFLINE,
        "--policy",
        "p.json",
        "--resource-policy",
        f"{ENDPOINT_ARN}=key.json",
    ]


def in_a_policy(folder: Path, text: str) -> list[str]:
    statement = deny(Sid="Lock", Condition={"StringNotEquals": {"aws:RequestedRegion": text}})
    (folder / "p.json").write_text(json.dumps(policy(allow(), statement)))
    return [*OFFLINE, "--policy", "p.json"]


def in_a_file_name(folder: Path, text: str) -> list[str]:
    name = text.replace("/", "")
    (folder / name).write_text(json.dumps(policy(deny())))
    return [*OFFLINE, "--policy", name]


def in_a_missing_file_name(_folder: Path, text: str) -> list[str]:
    return [*OFFLINE, "--policy", text]


def in_a_bad_policy(folder: Path, text: str) -> list[str]:
    (folder / "p.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [], text: text}))
    return [*OFFLINE, "--policy", "p.json"]


def in_an_endpoint_name(_folder: Path, text: str) -> list[str]:
    return ["check", text, NAMES[1], "--offline", *HERE]


def in_a_request_member(folder: Path, text: str) -> list[str]:
    request = {
        "EndpointConfigName": "churn-v7",
        "ProductionVariants": [{"VariantName": text, "ModelName": text, "InstanceType": text}],
        "Tags": [{"Key": text, "Value": text}],
    }
    (folder / "c.json").write_text(json.dumps(request))
    return ["check", "churn", "--config-request", "c.json", "--offline", *HERE]


def in_the_name_of_a_request_member(folder: Path, text: str) -> list[str]:
    (folder / "c.json").write_text(json.dumps({"EndpointConfigName": "churn-v7", text: 1}))
    return ["check", "churn", "--config-request", "c.json", "--offline", *HERE]


def in_a_template(folder: Path, text: str) -> list[str]:
    resources = {text: {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointName": text}}}
    (folder / "t.json").write_text(json.dumps({"Resources": resources}))
    return ["check", "--from", "t.json", "--offline", *HERE]


def in_an_absent_key(_folder: Path, text: str) -> list[str]:
    return [*OFFLINE, "--verbose", "--absent", f"aws:PrincipalTag/{text}"]


def in_an_option(_folder: Path, text: str) -> list[str]:
    return [*OFFLINE, f"--{text}"]


def in_a_choice(_folder: Path, text: str) -> list[str]:
    return [*OFFLINE, "--engine", text]


def in_a_command(_folder: Path, text: str) -> list[str]:
    return [text]


def in_a_message(_folder: Path, text: str) -> list[str]:
    who = f"arn:aws:iam::123456789012:user/{text}"
    return ["explain", f"User: {who} is not authorized to perform: s3:GetObject on resource: {text}"]


def in_an_unknown_message(_folder: Path, text: str) -> list[str]:
    return ["explain", text]


def in_a_simulation(folder: Path, text: str) -> list[str]:
    (folder / "p.json").write_text(json.dumps(policy(allow("s3:*", f"arn:aws:s3:::{text}"))))
    words = ["simulate", "--policy-input-list", "p.json", "--action-names", "s3:GetObject", "--explain"]
    return [*words, "--resource-arns", f"arn:aws:s3:::{text}"]


def in_a_catalogue(_folder: Path, text: str) -> list[str]:
    return ["catalogue", text]


PLACES = [value for name, value in dict(globals()).items() if name.startswith("in_")]


def is_harmless(done: Done) -> bool:
    lines = [*done.out.split("\n"), *done.err.split("\n")]
    painted = [line for line in lines[1:] if line.startswith("Verdict: ")]
    return all(is_shown(char) for line in lines for char in line) and not painted


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_a_hostile_text_is_shown_escaped(
    run: Run, tmp_path: Path, place: Callable[[Path, str], list[str]], text: str
) -> None:
    words = place(tmp_path, text)
    table = run(*words)
    assert is_harmless(table)
    assert is_harmless(run(*words, "--debug"))
    assert is_harmless(run(*words, "--output", "json"))
    assert table.status in {0, 1, 2, 3}


def test_the_escape_is_what_is_seen(run: Run, tmp_path: Path) -> None:
    missing = run(*in_a_missing_file_name(tmp_path, PAINT))
    assert missing.err.startswith(f"iamcheck: {escaped(PAINT)}: there is no such file")
    assert r"\x1b[32m" in run(*in_a_file_name(tmp_path, PAINT)).flat
    assert r"\x1b[32m" in run(*in_an_absent_key(tmp_path, PAINT)).flat


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_an_error_of_aws_is_shown_escaped(run: Run, aws: LoopbackAws, text: str) -> None:
    # XML has no control characters; the JSON of SageMaker's answers can have every one
    aws.hook("sagemaker:*", lambda call: error(call.protocol, 400, f"Broken{text}", f"because {text}"))
    environment = aws.environment(AWS_MAX_ATTEMPTS="1")
    table = run("check", *NAMES, "--debug", **environment)
    assert is_harmless(table)
    assert "because" in table.flat
    assert is_harmless(run("check", *NAMES, "--output", "json", **environment))


def test_every_message_goes_through_the_door() -> None:
    root = Path(iamcheck.__file__).parent
    names = {
        f"{file.relative_to(root)}: {ast.unparse(node)}"
        for file in root.rglob("*.py")
        if file != root / "cli" / "output.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in WRITERS
    }
    assert names == set()


WRITERS = {"print", "click.echo", "click.secho", "sys.stderr.write", "sys.stdout.write", "traceback.print_exc"}
