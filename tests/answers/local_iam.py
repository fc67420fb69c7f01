"""Asks LocalIAM what the case files ask, a matrix of layers, and what it must refuse: whole responses and errors."""

from __future__ import annotations

import base64
import itertools
import json
import re
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from iamcheck.errors import IamcheckError
from iamcheck.simulators.local_iam import LocalIAM
from tests.unit.simulators.local_iam_cases import ACCOUNT, CASES, arguments, local_iam

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


__all__ = ["response_lines", "told", "written_matrix", "written_pages", "written_refusals", "written_responses"]

Json = dict[str, Any]


def _statement(one: Mapping[str, Any]) -> str:
    start, end = one["StartPosition"], one["EndPosition"]
    place = f"{start['Line']}:{start['Column']}-{end['Line']}:{end['Column']}"
    return f"{one['SourcePolicyId']} ({one['SourcePolicyType']}) {place}"


def _shortened(value: object) -> object:
    """A response with each matched statement on one line, and without the metadata of an answer that went well."""
    if isinstance(value, dict):
        metadata = value.get("ResponseMetadata")
        is_usual = isinstance(metadata, dict) and metadata["HTTPStatusCode"] == 200
        return {
            key: [_statement(one) for one in each] if key == "MatchedStatements" else _shortened(each)
            for key, each in value.items()
            if not (key == "ResponseMetadata" and is_usual)
        }
    return [_shortened(each) for each in value] if isinstance(value, list | tuple) else value


def response_lines(response: Mapping[str, Any]) -> Iterator[str]:
    """A response: what it says of all of it, then a line for each action and for each ARN."""
    shown: Any = _shortened(response)
    results = shown.pop("EvaluationResults", [])
    if not results or shown != {"IsTruncated": False}:
        yield f"  {_plain(shown)}"
    for result in results:
        specific = result.pop("ResourceSpecificResults", None)
        yield f"  {_plain(result)}{'' if specific is None else f', {len(specific)} ARNs'}"
        yield from (f"    {_plain(one)}" for one in specific or ())


def _plain(value: object) -> str:
    """JSON on a line, in which a long run of one character is counted."""
    return re.sub(r"(.)\1{20,}", lambda run: f"{run[1]} {len(run[0])} times", json.dumps(value))


def told(ask: Callable[[], Mapping[str, Any]]) -> Iterator[str]:
    """The lines of a response, or the error, whole."""
    try:
        response = ask()
    except ClientError as error:
        fault, metadata = error.response["Error"], error.response["ResponseMetadata"]
        yield f"  {type(error).__name__} {error.operation_name} {_plain([*fault.values(), metadata['HTTPStatusCode']])}"
    except BotoCoreError as error:
        # the text is botocore's, which differs from version to version
        yield f"  {type(error).__name__}"
    except IamcheckError as error:
        yield f"  {type(error).__name__}: {error}"
    else:
        yield from response_lines(response)


def written_responses() -> str:
    """Every case of tests/cases/simulator, by its line there."""
    lines: list[str] = []
    for name in ("contract", "context", "output", "principal"):
        for number, case in enumerate(json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))):
            lines.append(f"{name}-{number} {case['line']}")
            iam = local_iam(case) if name == "principal" else LocalIAM(ACCOUNT)
            operation = getattr(iam, case.get("operation", "simulate_custom_policy"))
            lines += told(lambda operation=operation, case=case: operation(**arguments(case)))  # type: ignore[misc]
    return "\n".join(lines) + "\n"


_BUCKET: Final = "arn:aws:s3:::b/k"
_OTHER: Final = "arn:aws:s3:::c/k"
_QUEUE: Final = "arn:aws:sqs:eu-west-1:210987654321:q"
_ANN: Final = f"arn:aws:iam::{ACCOUNT}:user/red/ann"


def _policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _allow(action: str = "*", resource: str = "*", **more: object) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


_IF: Final[Json] = {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1", "aws:userid": "me"}}}
_IDENTITY: Final = {
    "allows": _policy(_allow()),
    "some": _policy(_allow(resource=_BUCKET), _allow("sqs:*", **_IF)),
    "denies": _policy(_allow(), {**_allow(resource=_OTHER), "Effect": "Deny"}),
}
_BOUNDARY: Final = {
    "": None,
    "boundary": _policy(_allow("s3:*")),
    "denying": _policy(_allow(), {**_allow(), "Effect": "Deny"}),
}
_LEVELS: Final = {"": None, "scps": [[_policy(_allow("s3:*"))], [_policy(_allow()), _policy(_allow(resource=_QUEUE))]]}
_RESOURCE: Final = {
    "": None,
    "resource": _policy(_allow(resource=_BUCKET, Principal="*"), {**_allow(resource=_QUEUE, Principal={"AWS": _ANN})}),
}
_ASKED: Final = {
    "none": (["s3:GetObject", "sqs:SendMessage"], None),
    "one": (["s3:GetObject"], [_BUCKET]),
    "two": (["s3:GetObject"], [_OTHER, _BUCKET]),
    "queue": (["sqs:SendMessage", "sts:AssumeRole"], [_QUEUE]),
}
_CALLERS: Final = {"": {}, "ann": {"CallerArn": _ANN}, "away": {"CallerArn": "arn:aws:iam::210987654321:role/r"}}


def written_matrix() -> str:
    """All layers together, for no ARN, one and two, with a caller and without."""
    lines = []
    for identity, boundary, levels, resource, asked, caller in itertools.product(
        _IDENTITY, _BOUNDARY, _LEVELS, _RESOURCE, _ASKED, _CALLERS
    ):
        is_odd = (resource and (not caller or asked == "none")) or (asked in ("none", "two") and caller == "away")
        if (
            is_odd
            or (identity == "allows" and (boundary or levels))
            or (identity == "denies" and asked == "queue")
            or (identity != "some" and (boundary == "denying" or (boundary and levels) or caller == "ann"))
        ):
            continue
        actions, arns = _ASKED[asked]
        given: Json = {"PolicyInputList": [_IDENTITY[identity]], "ActionNames": actions, **_CALLERS[caller]}
        if arns:
            given["ResourceArns"] = arns
        if document := _BOUNDARY[boundary]:
            given["PermissionsBoundaryPolicyInputList"] = [document]
        if stages := _LEVELS[levels]:
            given["OrderedOrganizationPolicyInputList"] = [{"ServiceControlPolicyInputList": each} for each in stages]
        if policy := _RESOURCE[resource]:
            given["ResourcePolicy"] = policy
        lines.append(" ".join(word for word in (identity, boundary, levels, resource, asked, caller) if word))
        lines += told(lambda given=given: LocalIAM(ACCOUNT).simulate_custom_policy(**given))  # type: ignore[misc]
    return "\n".join(lines) + "\n"


_GOOD: Final[Json] = {"PolicyInputList": [_policy(_allow())], "ActionNames": ["s3:GetObject"]}
_ENTRY: Final = {"ContextKeyName": "aws:x", "ContextKeyType": "string", "ContextKeyValues": ["a"]}
_LEVELS_GIVEN: Final[list[list[Any]]] = [
    [],
    [{}],
    [{"ServiceControlPolicyInputList": []}],
    [{"ServiceControlPolicyInputList": ["{}"]}],
    [{"ServiceControlPolicyInputList": [_policy(_allow())]}] * 7,
    [{"ServiceControlPolicyInputList": [_policy(_allow())]}] * 8,
    [{"Other": []}],
    ["x"],
    [
        {"ServiceControlPolicyInputList": [_policy(_allow())]},
        {"ServiceControlPolicyInputList": [_policy(_allow()), "x"]},
    ],
]
_CUSTOM: Final[tuple[Json, ...]] = (
    *({"MaxItems": number} for number in (0, 1, 1000, 1001, "1", 1.5, True, -1)),
    *({"Marker": text} for text in ("0", "1", "9", "x", "", "\u0663", "1 ", "a" * 320, "1" * 321, "\u0100", 1)),
    *(
        {"ActionNames": names}
        for names in (
            [],
            ["ab"],
            ["a:b"],
            ["a" * 127 + ":"],
            ["a" * 128 + ":"],
            ["abc"],
            "s3:GetObject",
            [1],
            None,
            ["s3:GetObject", "x"],
            ("s3:GetObject",),
            ["s3:*"],
            ["s3:?et"],
        )
    ),
    *(
        {"ResourceArns": arns}
        for arns in (
            [],
            ["*"],
            ["*", _BUCKET],
            ["x"],
            ["arn:aws:s3"],
            [""],
            [_BUCKET] * 2,
            ["arn:aws:s3:::" + "b" * 2035],
            ["arn:aws:s3:::" + "b" * 2036],
            ["x", "y"],
        )
    ),
    *(
        {"CallerArn": arn}
        for arn in (
            _ANN,
            "x",
            f"arn:aws:iam::{ACCOUNT}:root",
            "ec2.amazonaws.com",
            "",
            f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s",
            f"arn:aws:iam::{ACCOUNT}:group/g",
            f"arn:aws:iam::{ACCOUNT}:user/",
            f"arn:aws:iam:eu-west-1:{ACCOUNT}:user/u",
            f"arn:aws:iam::{ACCOUNT}:policy/p",
            f"arn:aws:iam::{ACCOUNT}:user",
        )
    ),
    *({"ResourceOwner": arn} for arn in (_ANN, f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:s3:::b", ACCOUNT, "x")),
    *(
        {"ResourceHandlingOption": text, "ActionNames": names}
        for text in ("EC2-VPC-EBS", "none", "")
        for names in (["ec2:RunInstances"], ["EC2:runinstances", "s3:GetObject", "s3:PutObject"])
    ),
    *(
        {"ResourcePolicy": text, **more}
        for text in (
            _policy(_allow(resource=_BUCKET, Principal="*")),
            _policy(_allow(Principal="*")),
            "{}",
            "",
            "\u0100",
            "\x01",
        )
        for more in ({}, {"ResourceArns": [_BUCKET]}, {"ResourceArns": [_BUCKET], "CallerArn": _ANN})
    ),
    *(
        {"PolicyInputList": texts}
        for texts in (
            [],
            ["{}"],
            ["x"],
            [""],
            ["\u0100"],
            [_policy(_allow())] * 2,
            [None],
            [_policy(_allow()), "{}"],
            [" " * 131073],
            "x",
        )
    ),
    *({"PermissionsBoundaryPolicyInputList": texts} for texts in ([], ["{}"], [_policy(_allow())] * 2)),
    *({"OrderedOrganizationPolicyInputList": levels} for levels in _LEVELS_GIVEN),
    *(
        {"ContextEntries": entries}
        for entries in (
            [],
            [{}],
            [_ENTRY],
            [_ENTRY, {**_ENTRY, "ContextKeyName": "AWS:X"}],
            [{**_ENTRY, "ContextKeyName": "abcd"}],
            [{**_ENTRY, "ContextKeyName": "a" * 256}],
            [{**_ENTRY, "ContextKeyName": "a" * 257}],
            [{**_ENTRY, "ContextKeyType": "text"}],
            [{"ContextKeyName": "aws:x", "ContextKeyValues": ["a"]}],
            [{"ContextKeyType": "string", "ContextKeyValues": ["a"]}],
            [{**_ENTRY, "ContextKeyValues": []}],
            [{**_ENTRY, "ContextKeyValues": ["a", "b"]}],
            [{**_ENTRY, "ContextKeyType": "stringList", "ContextKeyValues": ["a", "b"]}],
            [{"ContextKeyName": "aws:x", "ContextKeyType": "string"}],
            [{**_ENTRY, "ContextKeyValues": [1]}],
            *(
                [{**_ENTRY, "ContextKeyType": kind, "ContextKeyValues": [value]}]
                for kind in ("numeric", "date", "ip", "binary", "boolean", "numericList", "ipList")
                for value in ("x", "1", "2030-01-01", "192.0.2.1", "YQ==")
            ),
        )
    ),
    *({name: []} for name in ("Other", "PolicySourceArn", "PolicyExclusionList")),
    *({"ResourceHandlingOption": "x" * length} for length in (64, 65)),
    *({name: "x" * length} for name in ("CallerArn", "ResourceOwner") for length in (2048, 2049)),
    *({name: [" " * length]} for name in ("PolicyInputList", "ActionNames") for length in (128, 131072)),
    {"ActionNames": ["sts:AssumeRole", "iam:PassRole"], "ResourceArns": [f"arn:aws:iam::{ACCOUNT}:role/r"]},
    {"ActionNames": ["sts:AssumeRole", "iam:PassRole"]},
    {
        "ActionNames": ["STS:assumerole", "s3:GetObject", "IAM:passrole"],
        "ResourceArns": [f"arn:aws:iam::{ACCOUNT}:role/r"],
    },
    {"ActionNames": ["ab"], "MaxItems": 1001, "Marker": "\u0100", "CallerArn": "x" * 2049},
    {"ActionNames": ["a" * 129], "MaxItems": 1001, "Marker": "\u0100", "CallerArn": "x" * 2049},
)
"""Arguments beside or in place of good ones: bounds from both sides, wrong types, and what IAM refuses."""

_SOURCE: Final = f"arn:aws:iam::{ACCOUNT}:user/team/alice"
_POLICY: Final = f"arn:aws:iam::{ACCOUNT}:policy/"
_INLINE: Final = {"PolicyName": "own", "AttachmentType": "user", "AttachmentName": "alice"}
_PRINCIPAL: Final[tuple[Json, ...]] = (
    *(
        {"PolicySourceArn": arn}
        for arn in (
            _SOURCE,
            f"arn:aws:iam::{ACCOUNT}:user/none",
            f"arn:aws:iam::{ACCOUNT}:role/ci",
            "arn:aws:iam::210987654321:user/alice",
            f"arn:aws:iam::{ACCOUNT}:root",
            "x" * 20,
            "x" * 19,
            f"arn:aws:iam::{ACCOUNT}:group/devs",
            "x" * 2049,
            f"arn:aws:iam::{ACCOUNT}:role/AWSServiceRoleForX",
        )
    ),
    *(
        {"PolicyExclusionList": entries}
        for entries in (
            [],
            [{}],
            *(
                [{"PolicyType": kind}]
                for kind in ("inline", "aws-managed", "user-managed", "permission-boundary", "scp", "rcp", "other")
            ),
            *(
                [{"PolicyArn": arn}]
                for arn in (
                    f"{_POLICY}shared",
                    f"{_POLICY}team/shared",
                    f"{_POLICY}sh*",
                    f"{_POLICY}share?",
                    f"{_POLICY}*",
                    f"{_POLICY}s*r*",
                    f"{_POLICY}???????",
                    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
                    "arn:aws:iam::*:policy/shared",
                    "arn:aws:iam::?:policy/shared",
                    "x" * 20,
                    "x",
                    f"{_POLICY}team*/shared",
                    f"{_POLICY}shared.",
                )
            ),
            *(
                [{"InlinePolicyIdentifier": {**_INLINE, **change}}]
                for change in (
                    {},
                    {"PolicyName": "puts"},
                    {"PolicyName": "puts", "AttachmentType": "group", "AttachmentName": "devs"},
                    {"AttachmentName": "ali*"},
                    {"AttachmentName": "alic?"},
                    {"AttachmentName": "a*e"},
                    {"PolicyName": "o*"},
                    {"AttachmentName": "*"},
                    {"AttachmentName": "ali"},
                    {"AttachmentType": "role"},
                    {"AttachmentType": "team"},
                    {"PolicyName": "a b"},
                    {"PolicyName": " "},
                    {"AttachmentName": "b" * 129},
                    {"PolicyName": ""},
                )
            ),
            [{"InlinePolicyIdentifier": {"PolicyName": "own"}}],
            [{"PolicyType": "inline", "PolicyArn": _POLICY}],
            [{"PolicyType": "inline"}] * 256,
            [{"PolicyType": "inline"}] * 257,
            [
                {"PolicyType": "inline"},
                {"PolicyType": "user-managed"},
                {"PolicyArn": "arn:aws:iam::aws:policy/Amazon*"},
            ],
        )
    ),
    *({"PolicySourceArn": "x" * length} for length in (20, 2048)),
    *(
        {"PolicyExclusionList": [{"InlinePolicyIdentifier": {**_INLINE, name: "b" * length}}]}
        for name in ("PolicyName", "AttachmentName")
        for length in (128, 129)
    ),
    {"CallerArn": _ANN},
    {"PolicyInputList": [_policy(_allow("sqs:*"))]},
    {"ActionNames": None},
    {"PermissionsBoundaryPolicyInputList": [_policy(_allow("s3:Get*"))]},
    {
        "PermissionsBoundaryPolicyInputList": [_policy(_allow("s3:Get*"))],
        "PolicyExclusionList": [{"PolicyType": "permission-boundary"}],
    },
    {"OrderedOrganizationPolicyInputList": []},
)


def _short(value: Json) -> str:
    shown = re.sub(r"(.)\1{20,}", lambda run: f"{run[1]} {len(run[0])} times", ascii(value))
    return re.sub(r"(\{[^{}]*\})(?:, \1){4,}", lambda run: f"{run[1]} and so on, {len(run[0])} characters", shown)


def written_refusals() -> str:
    """Arguments that are at a bound, beyond it, or of another shape: what is said of them, and what is answered."""
    lines = []
    case: Json = {"scps": [["@allow_all"], ["@allow_s3"]]}
    for change in _CUSTOM:
        lines.append(f"custom {_short(change)}")
        lines += told(lambda change=change: LocalIAM(ACCOUNT).simulate_custom_policy(**{**_GOOD, **change}))  # type: ignore[misc]
    for change in _PRINCIPAL:
        # alice's own policy allows the one, that of her group the other, and one that is attached both
        actions = ["s3:GetObject", "s3:PutObject"]
        given = {"PolicySourceArn": _SOURCE, "ActionNames": actions, "ResourceArns": [_BUCKET], **change}
        lines.append(f"principal {_short(change)}")
        lines += told(lambda given=given: local_iam(case).simulate_principal_policy(**given))  # type: ignore[misc]
        for operation in ("get_context_keys_for_principal_policy", "get_context_keys_for_custom_policy"):
            if len(change) == 1 and next(iter(change)) in ("PolicySourceArn", "PolicyInputList"):
                lines += told(lambda operation=operation, change=change: getattr(local_iam(case), operation)(**change))  # type: ignore[misc]
    return "\n".join(lines) + "\n"


def _pages(config: Json, **more: Any) -> Iterator[str]:  # noqa: ANN401 - of the operation
    iam = LocalIAM(ACCOUNT)
    actions = [f"s3:Made{number}" for number in range(7)]
    given = {"PolicyInputList": [_policy(_allow())], "ActionNames": actions, **more}
    pages = iam.get_paginator("simulate_custom_policy").paginate(PaginationConfig=config, **given)
    # twice, for the pages may be read again
    for _ in range(2):
        names = [[one["EvalActionName"][7:] for one in page["EvaluationResults"]] for page in pages]
        yield f"  {names} {_token(pages.resume_token)}"
    full = pages.build_full_result()
    yield f"  {len(full['EvaluationResults'])} {_token(full.get('NextToken'))} {sorted(full)}"  # type: ignore[arg-type]
    yield f"  {[*pages.search('EvaluationResults[].EvalActionName')][:3]} {[*pages.search('IsTruncated')]}"
    (results,) = pages.result_key_iters()
    yield f"  {len([*results])}"


def _token(token: object) -> str:
    return "-" if token is None else base64.b64decode(str(token)).decode()


def written_pages() -> str:
    """Pages by size, by the most that is wanted and from a token, and what the client says of its operations."""
    starts = [
        None,
        "2",
        base64.b64encode(b'{"Marker": "4", "boto_truncate_amount": 1}').decode(),
        base64.b64encode(b'{"Marker": "3"}').decode(),
    ]
    lines = []
    for size, most, start in itertools.product((None, 3, 7, 1000), (None, 1, 3, 4, 7, 9), starts):
        config = {"PageSize": size, "MaxItems": most, "StartingToken": start}
        if size in (None, 3) or (most in (None, 4) and start is None):
            lines += [f"{config}", *_pages({key: value for key, value in config.items() if value is not None})]
    lines += ["MaxItems of the call", *_pages({}, MaxItems=2), "both", *_pages({"PageSize": 3}, MaxItems=2)]
    iam = LocalIAM(ACCOUNT)
    for name in ("simulate_custom_policy", "simulate_principal_policy", "get_context_keys_for_custom_policy", "x"):
        lines.append(f"{name}: {iam.can_paginate(name)}")
        lines += told(lambda name=name: {"paginator": type(iam.get_paginator(name)).__name__})  # type: ignore[misc]
    errors = ["ClientError", "InvalidInputException", "NoSuchEntityException", "PolicyEvaluationException"]
    lines.append(f"{[getattr(iam.exceptions, name).__name__ for name in errors]}")
    lines += [
        f"{code}: {iam.exceptions.from_code(code).__name__}" for code in ("InvalidInput", "NoSuchEntity", "Throttling")
    ]
    clients: list[Json] = [
        {"account_id": "1"},
        {"account_id": HOME_WITH_LETTER},
        {"semantics": "real"},
        {"semantics": "alone"},
        {"scps": [[]]},
        {"scps": ["FullAWSAccess"]},
        {"scps": [{}]},
        {"scps": [["FullAWSAccess", {"Statement": 1}]]},
        {"authorization_details": []},
        {"authorization_details": {"IsTruncated": True}},
        {"authorization_details": {"UserDetailList": 1}},
    ]
    for arguments_of_client in clients:
        given: Any = {"account_id": ACCOUNT, **arguments_of_client}
        lines.append(f"{arguments_of_client}")
        lines += told(lambda given=given: LocalIAM(**given).get_context_keys_for_custom_policy(PolicyInputList=["{}"]))  # type: ignore[misc]
    lines.append("no details")
    lines += told(
        lambda: LocalIAM(ACCOUNT).simulate_principal_policy(PolicySourceArn=_SOURCE, ActionNames=["s3:GetObject"])
    )
    return "\n".join(lines) + "\n"


HOME_WITH_LETTER: Final = "12345678901x"
