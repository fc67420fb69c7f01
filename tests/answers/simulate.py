"""Reads words as `iamcheck simulate` gets them, and simulates: what was read, decided, doubted and refused."""

from __future__ import annotations

import inspect
import json
import re
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from iamcheck.errors import IamcheckError
from iamcheck.iam.engine import evaluate
from iamcheck.iam.engine.explain import explain
from iamcheck.iam.engine.many import evaluate_many
from iamcheck.iam.model import Policy
from iamcheck.simulators.aws import AwsEvaluation, AwsSimulator
from iamcheck.simulators.local_iam import LocalIAM
from iamcheck.simulators.simulate import FIELDS, Inputs, SimulatedDecision, absent_keys, read_inputs, simulate
from iamcheck.simulators.simulate.entries import read_entries
from iamcheck.simulators.simulate.shorthand import read_shorthand
from tests.answers.local_iam import response_lines
from tests.answers.worlds import answer_line, reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from iamcheck.simulators.simulate import Simulated
    from iamcheck.simulators.simulate.documents import PolicyDocument

__all__ = ["SHORTHAND", "written_inputs", "written_simulations"]

HOME: Final = "123456789012"
_ANN: Final = f"arn:aws:iam::{HOME}:user/red/ann"
_BUCKET: Final = "arn:aws:s3:::b/k"
_ALLOW: Final = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
_USUAL: Final = "['None@1:40 Position(line=1, column=41)-Position(line=1, column=91)'] '{ALLOW}'"
_FILES: Final[Mapping[str, str]] = {
    "allow.json": '{\n  "Version": "2012-10-17",\n  "Statement": [\n'
    '    {"Sid": "Get", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},\n'
    '    {"Effect": "Allow", "Action": "sqs:*", "Resource": "*",'
    ' "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}\n  ]\n}\n',
    "two.json": f"[\n  {_ALLOW},\n  {json.dumps(_ALLOW)}\n]",
    "policy.yaml": "Version: 2012-10-17\nStatement:\n  - Effect: Allow\n    Action: s3:*\n    Resource: '*'\n",
    "version.json": f'{{"PolicyVersion": {{"VersionId": "v1", "Document": {_ALLOW}}}}}',
    "bad.json": '{"Version": "2012-10-17", "Statement": {"Effect": "Allow"}}',
    "broken.json": "{",
    "list.json": '["s3:GetObject", "s3:PutObject"]',
    "name.txt": " s3:GetObject\n",
    "entry.txt": "ContextKeyName=aws:x,ContextKeyType=string,ContextKeyValues=a,b\n",
    "entries.json": '[{"ContextKeyName": "aws:x", "ContextKeyType": "string", "ContextKeyValues": ["a"]}, {}]',
    "levels.json": f'[{{"ServiceControlPolicyInputList": [{_ALLOW}, {json.dumps(_ALLOW)}]}}, '
    f'{{"ServiceControlPolicyInputList": ["{{}}"]}}]',
    "input.json": json.dumps(
        {"PolicyInputList": [_ALLOW], "ActionNames": ["s3:GetObject"], "ResourceArns": [_BUCKET], "MaxItems": 1}
    ),
    "wrong.json": '{"PolicyInputList": ["x"], "ActionName": []}',
    "types.json": '{"PolicyInputList": "x", "ActionNames": [true]}',
    "true.json": '{"ActionNames": [true]}',
    "array.json": "[]",
}
"""In a folder of their own, which stands as DIR in what is written."""


def _shown(folder: str, text: object) -> str:
    shown = str(text).replace(folder, "DIR") if folder else str(text)
    # the policy that is of no interest
    return shown.replace(_ALLOW, "{ALLOW}").replace(_USUAL, "{ALLOW}")


def _or_error(folder: str, ask: Callable[[], Iterator[str]]) -> Iterator[str]:
    try:
        lines = [*ask()]
    except IamcheckError as error:
        yield f"  {type(error).__name__}: {_shown(folder, error)}"
    else:
        yield from (f"  {_shown(folder, line)}" for line in lines)


def _document(document: PolicyDocument) -> str:
    policy = document.policy
    places = [f"{one.sid}@{one.line}:{one.column} {one.start}-{one.end}" for one in policy.statements]
    return f"{policy.name} file={policy.file} {places} {document.text!r}"


def _inputs(inputs: Inputs) -> Iterator[str]:
    for name, documents in (("policy", inputs.policies), ("boundary", inputs.boundaries)):
        yield from (f"{name} {_document(one)}" for one in documents)
    for number, level in enumerate(inputs.levels):
        yield from (f"level {number} {_document(one)}" for one in level)
    if inputs.resource_policy:
        yield f"resource policy {_document(inputs.resource_policy)}"
    yield f"{inputs.actions} {inputs.resources} {inputs.texts} {inputs.max_items}"
    yield f"{inputs.entries} {sorted(inputs.keys)}"
    yield f"caller {inputs.caller}, sends {sorted(inputs.parameters())}"


_P, _A = {"PolicyInputList": [_ALLOW]}, {"ActionNames": ["s3:GetObject"]}
_LEVELS: Final = "OrderedOrganizationPolicyInputList"
_WORDS: Final[Sequence[Mapping[str, Any]]] = (
    {},
    _P,
    _A,
    *(
        {**_A, "PolicyInputList": words}
        for words in (
            ["allow.json"],
            ["file://DIR/allow.json"],
            ["file://$NOWHERE/x"],
            [_ALLOW, "allow.json"],
            ["two.json"],
            ["policy.yaml"],
            ["version.json"],
            ["bad.json"],
            ["broken.json"],
            ["none.json"],
            [""],
            [" "],
            ["[]"],
            ["[ ]"],
            ["[", _ALLOW],
            ["[1]"],
            ["[[]]"],
            [f" {_ALLOW}"],
            ['{"a": 1}'],
            ['["x"]'],
            ['["{"]'],
            ["allow.json", "bad.json"],
            ['[{"Effect": "Allow"}]'],
        )
    ),
    *(
        {**_P, "ActionNames": words}
        for words in (
            ["s3:GetObject", "s3:PutObject"],
            ["file://DIR/list.json"],
            ["file://DIR/name.txt"],
            ['["s3:GetObject"]'],
            ["[]"],
            ["[1]"],
            ["["],
            ["s3:GetObject,s3:PutObject"],
            [" s3:GetObject"],
            ["file://DIR/none"],
            ['["a:b", "c:d,e:f"]'],
            ["{}"],
        )
    ),
    *(
        {**_P, **_A, "ResourceArns": words}
        for words in ([_BUCKET], [], ["*"], ['["a"', "b"], ["file://DIR/list.json", "x"])
    ),
    *(
        {**_P, **_A, "ResourcePolicy": words}
        for words in ([_ALLOW], ["allow.json"], ["two.json"], ["[]"], [], ["none.json"])
    ),
    *({**_P, **_A, "PermissionsBoundaryPolicyInputList": words} for words in (["allow.json"], ["two.json"], ["[]"])),
    *(
        {**_P, **_A, _LEVELS: words}
        for words in (
            ["levels.json"],
            [f"ServiceControlPolicyInputList={'allow.json'}"],
            ["ServiceControlPolicyInputList=allow.json,two.json"],
            ["ServiceControlPolicyInputList=allow.json,Other=x"],
            ["ServiceControlPolicyInputList=[]"],
            ["Other=x"],
            [f'{{"ServiceControlPolicyInputList": [{_ALLOW}]}}', "ServiceControlPolicyInputList=policy.yaml"],
            ['{"ServiceControlPolicyInputList": []}'],
            ["{}"],
            ["[]"],
            ["[1]"],
            ['{"Other": []}'],
            ['{"ServiceControlPolicyInputList": 1}'],
            ['{"ServiceControlPolicyInputList": [null]}'],
            ['{"ServiceControlPolicyInputLst": []}'],
            ["["],
            ["ServiceControlPolicyInputList=allow.json", "ServiceControlPolicyInputList=bad.json"],
        )
    ),
    *(
        {**_P, **_A, "ContextEntries": words}
        for words in (["entry.txt"], ["entries.json"], ["file://DIR/entry.txt"], ["none.txt"])
    ),
    *(
        {**_P, **_A, "MaxItems": words}
        for words in (
            ["1"],
            ["0"],
            ["999999999"],
            ["1000000000"],
            ["x"],
            ["\u0663"],
            ["-1"],
            [""],
            ["[]"],
            ['["3"]'],
            ["2", "3"],
        )
    ),
    {
        **_P,
        **_A,
        "CallerArn": [_ANN],
        "ResourceOwner": ["[]"],
        "Marker": ["1", "2"],
        "ResourceHandlingOption": ["EC2-VPC-EBS"],
    },
)
_JSON: Final[Sequence[Mapping[str, Any]]] = (
    *(
        {"cli_input_json": word}
        for word in (
            "input.json",
            "file://DIR/input.json",
            "wrong.json",
            "types.json",
            "true.json",
            "array.json",
            "none.json",
            "{",
            '{"MaxItems": 5}',
            '{"ActionNames": ["a:b"]}',
        )
    ),
    {"words": _A, "cli_input_json": "input.json"},
    {
        "words": {**_P, "ActionNames": ["x:Y"]},
        "cli_input_json": '{"ContextEntries": [{}], "CallerArn": "c", "MaxItems": 2}',
    },
    {"words": {**_P, **_A}, "cli_input_json": '{"ResourcePolicy": {"Statement": {}}, "CallerArn": ["c"]}'},
    {"words": {**_P, **_A}, "cli_input_json": '{"ResourcePolicy": [], "MaxItems": null}'},
    {"words": {**_P, **_A}, "boundary": "allow.json"},
    {"words": {**_P, **_A}, "boundary": "none.json"},
    {"words": {**_P, **_A, "PermissionsBoundaryPolicyInputList": [_ALLOW]}, "boundary": "allow.json"},
    {"words": {**_P, **_A}, "cli_input_json": '{"PermissionsBoundaryPolicyInputList": []}', "boundary": "allow.json"},
    {"words": {**_P, **_A}, "scps": [[Policy.parse(_ALLOW, name="root")], [Policy.parse(_ALLOW)]]},
    {"words": {**_P, **_A, _LEVELS: ["levels.json"]}, "scps": [[Policy.parse(_ALLOW)]]},
    {"words": {**_P, **_A, _LEVELS: ["[]"]}, "scps": []},
)
_ENTRIES: Final = (
    "ContextKeyName=aws:x,ContextKeyType=string,ContextKeyValues=a",
    "ContextKeyName=aws:x,ContextKeyType=stringList,ContextKeyValues=a,b",
    "ContextKeyName=aws:x,ContextKeyType=stringList,ContextKeyValues=[a,b]",
    "ContextKeyName=aws:x,ContextKeyType=string,ContextKeyValues=",
    "ContextKeyName=aws:x,ContextKeyType=string,ContextKeyValues=[]",
    "ContextKeyName=aws:x,ContextKeyType=string",
    "ContextKeyName=aws:SecureTransport,ContextKeyValues=true",
    "ContextKeyName=aws:x,ContextKeyValues=true",
    "ContextKeyName=aws:x,ContextKeyType=text,ContextKeyValues=true",
    "ContextKeyName=aws:SecureTransport,ContextKeyType=bool,ContextKeyValues=true",
    "ContextKeyType=string,ContextKeyValues=true",
    "ContextKeyName=,ContextKeyType=string,ContextKeyValues=true",
    "ContextKeyName=a,b,ContextKeyType=string,ContextKeyValues=true",
    "ContextKeyNam=a,ContextKeyType=string",
    "ContextKeyName=aws:x,ContextKeyType=string,string,ContextKeyValues=a",
    "ContextKeyName=x,ContextKeyName=y",
    "x",
    "{}",
    "[]",
    "[{}, {}]",
    "{",
    "1",
    '"x=y"',
    "[1]",
    '{"ContextKeyName": "aws:x", "ContextKeyType": "string", "ContextKeyValues": ["a", "b"]}',
    '{"ContextKeyName": "aws:x", "ContextKeyType": "string", "ContextKeyValues": "a"}',
    '{"ContextKeyName": "aws:x", "ContextKeyType": "string", "ContextKeyValues": [1]}',
    '{"ContextKeyName": ["aws:x"], "ContextKeyType": "string", "ContextKeyValues": ["a"]}',
    '{"ContextKeyName": true, "ContextKeyType": "string", "ContextKeyValues": ["a"]}',
    '[{"ContextKeyName": "aws:x", "ContextKeyType": "string", "ContextKeyValues": ["a"]}, {"Other": "x"}]',
    ' {"ContextKeyName": "a=b", "ContextKeyType": "string", "ContextKeyValues": ["a"]}',
    "file://DIR/entry.txt",
    "file://DIR/none=x",
    "",
)
SHORTHAND: Final = (
    "a=b",
    "a=",
    "a=,b=c",
    "a=b,c=",
    "a=b=c",
    "a=b,c=d=e",
    "a=b, c",
    "a = b , c = d",
    "a=[b,c],d=e",
    "a=[ b , 'c,d' ]",
    "a=[]",
    "a=[] ",
    "a=[] x",
    "a=b ",
    "a=b\n",
    "a=[b",
    "a=[b c",
    "a=[,",
    "a='b,c',d=\"e'f\"",
    "a='it\\'s'",
    'a="x\\"y"',
    "a='x'y",
    "a=b,'c,d',e=f",
    "a=b\\,c",
    "a=b\\,c,d",
    "a=b,a=c",
    "a",
    "",
    ",",
    "=a",
    "a=b,",
    "a=b,c,",
    "a=b,,c",
    "a=x y,z w",
    "a=2001:db8::1,::1",
    "a={b=c}",
    "a=b;c",
    "a='",
    "a=b\\\\",
    "A.b_c#/:-1=x",
    "a b=c",
    "a=[b,[c]]",
    "a=[b]c=d",
    "a='b' c",
    "a=[b],",
    "a=\\,b",
    "a=b," + "c" * 120 + "=",
    "a=[" + "b" * 120,
    "a=arn:aws:iam::123456789012:role/x*",
    "ContextKeyName=aws:x,ContextKeyValues=a,b,ContextKeyType=stringList",
    "ContextKeyName=aws:x,ContextKeyType=string,ContextKeyValues=a",
)
"""Texts in the AWS CLI's shorthand, and texts that are none."""


def written_inputs() -> str:
    """What is read of words, `--cli-input-json`, context entries and shorthand, or why it is refused."""
    lines = [f"{field.flag} {field.kind.name} {field.kind.many} {field.kind.metavar}" for field in FIELDS]
    doors: tuple[Callable[..., object], ...] = (
        simulate,
        read_inputs,
        LocalIAM,
        AwsSimulator,
        evaluate,
        evaluate_many,
        explain,
        Inputs,
        SimulatedDecision,
        AwsEvaluation,
    )
    for asked in doors:
        parameters = inspect.signature(asked).parameters.values()
        defaults = {one.name: f"{one.default!s}" for one in parameters if one.default is not one.empty}
        lines.append(f"{asked.__name__} by default: {defaults}")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in _FILES.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")

        def placed(value: Any) -> Any:  # noqa: ANN401 - words, however deep
            if isinstance(value, str):
                return f"{folder}/{value}" if value in _FILES or value.startswith("none.") else _placed(value)
            if isinstance(value, dict):
                return {key: placed(each) for key, each in value.items()}
            return [placed(each) for each in value] if isinstance(value, list | tuple) else value

        def _placed(text: str) -> str:
            text = text.replace("DIR/", f"{folder}/")
            head, equals, names = text.partition("ServiceControlPolicyInputList=")
            if equals and not head:
                names = ",".join(f"{folder}/{name}" if name in _FILES else name for name in names.split(","))
            return f"{head}{equals}{names}"

        for fields in (*({"words": words} for words in _WORDS), *_JSON):
            shown = {key: each for key, each in fields.items() if key != "scps"}
            lines.append(_shown("", f"read {shown!a}"))
            given = {"words": {}, **placed({key: each for key, each in fields.items() if key != "scps"})}
            given |= {"scps": fields["scps"]} if "scps" in fields else {}
            lines += _or_error(folder, lambda given=given: _inputs(read_inputs(**given)))  # type: ignore[misc]
        for word in _ENTRIES:
            lines.append(f"entry {word!r}")
            lines += _or_error(folder, lambda word=word: map(str, read_entries([placed(word)], where="--flag")))  # type: ignore[misc]
    for text in SHORTHAND:
        lines.append(f"shorthand {text!r}")
        lines += _or_error("", lambda text=text: iter([str(read_shorthand(text, where="here"))]))  # type: ignore[misc]
    inputs = read_inputs({**_P, **_A, "ContextEntries": [_ENTRIES[0]]})
    for keys in ([], ["aws:Y"], ["AWS:X"], [""], [" "], ["aws:y", "aws:x"]):
        lines.append(f"absent {keys}")
        lines += _or_error("", lambda keys=keys: iter([str(absent_keys(keys, inputs))]))  # type: ignore[misc]
    return "\n".join(lines) + "\n"


_SOME: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"},
            {
                "Effect": "Allow",
                "Action": ["s3:PutObject", "sts:AssumeRole", "x:*"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1", "AWS:UserId": "me"}},
            },
            {
                "Effect": "Allow",
                "Action": "iam:*",
                "Resource": "*",
                "Condition": {"Null": {"aws:PrincipalAccount": "false"}},
            },
            {
                "Sid": "Early",
                "Effect": "Allow",
                "Action": "sqs:*",
                "Resource": "arn:aws:sqs:${aws:PrincipalTag/r, 'x'}:*:q",
            },
        ],
    }
)
_LOCK: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Sid": "Lock",
                "Effect": "Deny",
                "Action": "s3:Put*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:securetransport": "false"}},
            },
        ],
    }
)
_ROLE: Final = f"arn:aws:iam::{HOME}:role/r"
_BUCKET_POLICY: Final = json.dumps(
    {"Statement": {"Effect": "Allow", "Principal": {"AWS": _ANN}, "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}}
)
_TRUST: Final = json.dumps(
    {"Statement": {"Effect": "Deny", "Principal": {"AWS": _ANN}, "Action": "sts:*", "Resource": _ROLE}}
)
_RCP: Final = Policy.parse({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:Get*", "Resource": "*"}})
_NARROW: Final = Policy.parse({"Statement": {"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"}}, name="session")
_REGION: Final = "ContextKeyName=aws:RequestedRegion,ContextKeyType=string,ContextKeyValues=eu-west-1"
_USER_ID: Final = "ContextKeyName=aws:userid,ContextKeyType=string,ContextKeyValues=me"
_BASE: Final[Mapping[str, Any]] = {
    "PolicyInputList": [_SOME],
    "ActionNames": ["s3:GetObject", "s3:PutObject"],
    "ResourceArns": [_BUCKET],
}

_RUNS: Final[Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]] = (
    (_BASE, {}),
    (_BASE, {"absent": ["aws:RequestedRegion"]}),
    (_BASE, {"absent": ["aws:RequestedRegion", "aws:userid"]}),
    (_BASE, {"account_id": HOME}),
    (_BASE, {"semantics": "live"}),
    (_BASE, {"semantics": "live", "rcps": [[_RCP]], "session": [_NARROW]}),
    (_BASE, {"rcps": [[_RCP]]}),
    (_BASE, {"session": [_NARROW]}),
    (_BASE, {"engine": "aws", "semantics": "live"}),
    *((_BASE, {"account_id": text}) for text in ("1", "12345678901x", "\u0661" * 12, "", "1234567890123")),
    ({**_BASE, "ContextEntries": [_REGION]}, {}),
    ({**_BASE, "ContextEntries": [_REGION, _USER_ID]}, {}),
    ({**_BASE, "ContextEntries": [_REGION, _USER_ID], "MaxItems": ["1"]}, {}),
    ({**_BASE, "MaxItems": ["1"], "Marker": ["1"]}, {}),
    ({**_BASE, "MaxItems": ["2"]}, {}),
    ({**_BASE, "MaxItems": ["5"]}, {}),
    ({**_BASE, "Marker": ["2"]}, {}),
    ({**_BASE, "Marker": ["x"]}, {}),
    ({**_BASE, "CallerArn": [_ANN]}, {"semantics": "live", "with_traces": True}),
    ({**_BASE, "CallerArn": [_ANN]}, {"account_id": "210987654321"}),
    ({**_BASE, "CallerArn": ["x"]}, {}),
    ({**_BASE, "CallerArn": [f"arn:aws:iam::{HOME}:root"]}, {}),
    ({**_BASE, "ResourceArns": ["x"]}, {}),
    ({**_BASE, "ResourceArns": [_BUCKET, "arn:aws:s3:::b", "arn:aws:s3:::c/k"]}, {}),
    ({**_BASE, "ActionNames": ["s3:"], "ResourceArns": ["*"]}, {}),
    ({**_BASE, "ActionNames": ["s3x"]}, {}),
    ({**_BASE, "ActionNames": ["s3:*", "s3:Get?bject"]}, {}),
    ({**_BASE, "ActionNames": ["s3:*"]}, {"semantics": "live"}),
    ({**_BASE, "ActionNames": ["s3:GetObjet", "x:Do", "s3:GetObjet", "sagemker:CreateEndpoint"]}, {}),
    ({**_BASE, "ActionNames": ["ec2:RunInstances", "s3:GetObject"], "ResourceHandlingOption": ["EC2-VPC-EBS"]}, {}),
    ({**_BASE, "ActionNames": ["iam:GetUser", "iam:ListUsers"], "ResourceArns": [_ANN]}, {}),
    ({**_BASE, "ActionNames": ["iam:GetUser"], "ResourceArns": [_ANN]}, {"account_id": HOME}),
    ({**_BASE, "ActionNames": ["iam:GetUser"], "ResourceArns": [_ANN]}, {"semantics": "live"}),
    (
        {**_BASE, "ActionNames": ["sqs:SendMessage"], "ResourceArns": [f"arn:aws:sqs:eu-west-1:{HOME}:q"]},
        {"semantics": "live"},
    ),
    ({**_BASE, "ResourceOwner": ["arn:aws:iam::210987654321:root"], "CallerArn": [_ANN]}, {}),
    ({**_BASE, "ResourceOwner": ["x"]}, {}),
    ({**_BASE, "ResourcePolicy": [_BUCKET_POLICY], "CallerArn": [_ANN]}, {}),
    ({**_BASE, "ResourcePolicy": [_BUCKET_POLICY]}, {}),
    ({**_BASE, "ResourcePolicy": [_BUCKET_POLICY], "ResourceArns": ["*"], "CallerArn": [_ANN]}, {}),
    ({**_BASE, "ResourcePolicy": [_BUCKET_POLICY.replace("arn:aws:s3:::b/*", "*")], "CallerArn": [_ANN]}, {}),
    (
        {
            **_BASE,
            "ActionNames": ["sts:AssumeRole"],
            "ResourceArns": [_ROLE],
            "ResourcePolicy": [_TRUST],
            "CallerArn": [_ANN],
        },
        {},
    ),
    (
        {
            **_BASE,
            "ActionNames": ["sts:AssumeRole"],
            "ResourceArns": [_ROLE],
            "ResourcePolicy": [_TRUST],
            "CallerArn": [_ANN],
            "ContextEntries": [_REGION, _USER_ID],
        },
        {},
    ),
    (
        {
            **_BASE,
            "ActionNames": ["sts:AssumeRole"],
            "ResourceArns": [_ROLE],
            "ResourcePolicy": [_TRUST],
            "CallerArn": [_ANN],
            "PermissionsBoundaryPolicyInputList": [_LOCK.replace("s3:Put*", "sts:*").replace("false", "true")],
            "ContextEntries": ["ContextKeyName=aws:securetransport,ContextKeyType=boolean,ContextKeyValues=true"],
        },
        {},
    ),
    (
        {
            **_BASE,
            "ActionNames": ["sts:AssumeRole"],
            "ResourceArns": [_ROLE],
            "ResourcePolicy": [_TRUST],
            "CallerArn": [_ANN],
        },
        {"semantics": "live"},
    ),
    (
        {
            **_BASE,
            "ActionNames": ["sts:AssumeRole"],
            "ResourceArns": [_ROLE],
            "ResourcePolicy": [_TRUST],
            "CallerArn": [_ANN],
            "ContextEntries": [_REGION, _USER_ID],
            _LEVELS: [json.dumps({"ServiceControlPolicyInputList": [_NARROW.to_json()]})],
        },
        {},
    ),
    (
        {
            **_BASE,
            _LEVELS: [json.dumps({"ServiceControlPolicyInputList": each}) for each in ([_ALLOW], [_ALLOW, _LOCK])],
            "ContextEntries": ["ContextKeyName=aws:SecureTransport,ContextKeyType=boolean,ContextKeyValues=false"],
        },
        {"with_traces": True},
    ),
    ({**_BASE, "PermissionsBoundaryPolicyInputList": [_LOCK]}, {"with_traces": True}),
    ({**_BASE, "PermissionsBoundaryPolicyInputList": [_LOCK, _LOCK]}, {}),
    ({**_BASE, _LEVELS: [json.dumps({"ServiceControlPolicyInputList": [_LOCK]})]}, {}),
    ({**_BASE, _LEVELS: [json.dumps({"ServiceControlPolicyInputList": [_LOCK]})] * 8}, {}),
    (
        {
            **_BASE,
            _LEVELS: [
                json.dumps({"ServiceControlPolicyInputList": [_NARROW.to_json(), _LOCK]}),
                json.dumps({"ServiceControlPolicyInputList": [_NARROW.to_json()]}),
            ],
            "ContextEntries": [_REGION, _USER_ID],
        },
        {},
    ),
    ({**_BASE, "ContextEntries": [_REGION, _REGION]}, {}),
    (
        {
            **_BASE,
            "ContextEntries": ["ContextKeyName=aws:MultiFactorAuthAge,ContextKeyType=numeric,ContextKeyValues=x"],
        },
        {},
    ),
    ({**_BASE, "PolicyInputList": [_SOME, _SOME.replace("Read", "Again")]}, {}),
)
"""Words, and the arguments of `simulate` beside them."""


def _simulated(simulated: Simulated) -> Iterator[str]:
    yield f"verdict {simulated.verdict.value} by {simulated.engine}"
    yield from (line[2:] for line in response_lines(dict(simulated.response)))
    for answer in simulated.answers:
        request = answer.evaluation.request
        decided = f"{answer.decision.value} {answer.allowed} {answer_line(answer.evaluation)}"
        yield f"{request.action} {request.resource}: {decided}"
        if answer.reason or answer.ignores_trust_policy or not answer.agreed:
            reason = re.sub(r"\d{4}-\d\d-\d\d", "DATE", answer.reason)
            yield f"  {answer.agreed} {answer.ignores_trust_policy} {reason}".rstrip()
        for ref in answer.evaluation.matched:
            known = simulated.known_as(ref)
            yield f"  {reference(ref)} is {known.policy!r} {known.sid} line={known.line} column={known.column}"
        yield from (f"  {reference(trace.ref)} {trace.matched} {len(trace.failed)}" for trace in answer.traces)
    yield from (f"doubt: {doubt}" for doubt in simulated.doubts())
    yield f"spelled {simulated.spelled(['aws:userid', 'aws:requestedregion', 'aws:securetransport', 'x:y'])}"


def _run(words: Mapping[str, Any], arguments: Mapping[str, Any]) -> Iterator[str]:
    return _simulated(simulate(read_inputs(words), **arguments))


def written_simulations() -> str:
    """Whole simulations: verdict, AWS's shape of the answer, decisions with their evidence, doubts; or the refusal."""
    lines: list[str] = []
    for words, arguments in _RUNS:
        shown = {key: each for key, each in words.items() if _BASE.get(key) != each and key != "PolicyInputList"}
        others = {key: each for key, each in arguments.items() if key not in ("rcps", "session")}
        lines.append(f"{shown!a} {others!a} {[key for key in arguments if key not in others]}")
        lines += _or_error("", partial(_run, words, arguments))
    return "\n".join(lines) + "\n"
