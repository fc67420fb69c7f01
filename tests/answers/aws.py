"""Gives prepared answers as AWS's simulator: writes the calls that are made, and what is read of each answer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from botocore.exceptions import ClientError

from iamcheck.errors import IamcheckError
from iamcheck.iam.model import UNREAD, Policy, PolicySet, Request
from iamcheck.iam.request_context import ContextFacts
from iamcheck.simulators.aws import AwsSimulator
from iamcheck.simulators.aws_request import batches, is_entity, open_layers
from iamcheck.simulators.local import LocalSimulator
from iamcheck.simulators.settled import ask
from tests.answers.worlds import answer_line, reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.iam.model import Evaluation
    from iamcheck.simulators.aws import AwsEvaluation

__all__ = ["Prepared", "page_of", "result_of", "written_aws"]

Json = dict[str, Any]
_Answer: TypeAlias = "Json | ClientError"

HOME: Final = "123456789012"
_ANN: Final = f"arn:aws:iam::{HOME}:user/red/ann"
_ONE: Final = "arn:aws:s3:::b/one"
_TWO: Final = "arn:aws:s3:::b/two"
_ASK: Final = Request("s3:GetObject", _ONE)
_BOTH: Final = [_ASK, replace(_ASK, resource=_TWO)]
_ANY: Final = [Request("s3:ListAllMyBuckets", "*")]
_OWN: Final = Policy.parse(
    '{\n "Version": "2012-10-17",\n "Statement": [\n  '
    '{"Sid": "One", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},\n'
    '  {"Sid": "Two", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}\n ]\n}',
    name="own.json",
)
_OTHER: Final = replace(_OWN, name="", file="other.json")


class Prepared:
    """A client that gives answers in their order, the last one again and again, and keeps what it was asked."""

    def __init__(self, answers: Sequence[_Answer]) -> None:
        self.asked: list[Json] = []
        self._answers = list(answers)

    def simulate_custom_policy(self, **asked: object) -> Json:
        answer = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append(asked)
        if isinstance(answer, ClientError):
            raise answer
        return answer

    def simulate_principal_policy(self, **asked: object) -> Json:
        return {**self.simulate_custom_policy(**asked)}


def result_of(
    decisions: Mapping[str, str], *, action: str = "s3:GetObject", top: str | None = None, **more: object
) -> Json:
    specific = [{"EvalResourceName": arn, "EvalResourceDecision": each} for arn, each in decisions.items()]
    result: Json = {"EvalActionName": action, "EvalResourceName": "x", **({"EvalDecision": top} if top else {}), **more}
    return {**result, **({"ResourceSpecificResults": specific} if specific else {})}


def page_of(*results: Json, **more: object) -> _Answer:
    return {"EvaluationResults": list(results), **more}


def _refused(message: str) -> _Answer:
    error: Any = {"Error": {"Code": "InvalidInput", "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(error, "SimulateCustomPolicy")


def _organizations(allowed: object) -> Json:
    return {"OrganizationsDecisionDetail": {"AllowedByOrganizations": allowed}}


def _boundary(allowed: object) -> Json:
    return {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": allowed}}


def _about(decision: str, *, top: str | None = None, organizations: object = None, **more: object) -> _Answer:
    """An answer about one ARN, with what is said of that ARN."""
    result = result_of(
        {_ONE: decision}, top=top or decision, **({} if organizations is None else _organizations(organizations))
    )
    result["ResourceSpecificResults"][0].update(more)
    return page_of(result)


def _matched(source: str | None, kind: str | None, line: object = 1, column: object = 41, **more: object) -> Json:
    given = {"SourcePolicyId": source, "SourcePolicyType": kind, **more}
    place = {"StartPosition": {"Line": line, "Column": column}, "EndPosition": {"Line": line, "Column": 99}}
    return {key: value for key, value in {**place, **given}.items() if value is not None}


_SECOND: Final = Policy.parse(_OWN.to_json()).statements[1].start
_AT: Final = _SECOND.column if _SECOND else 0
_SOURCES: Final = (
    ("PolicyInputList.1", "IAM Policy"),
    ("PolicyInputList.2", "IAM Policy"),
    ("PolicyInputList.3", "IAM Policy"),
    ("PolicyInputList.0", "IAM Policy"),
    ("PolicyInputList", "IAM Policy"),
    ("PermissionsBoundaryPolicyInputList.1", "x"),
    ("PermissionsBoundaryPolicyInputList.2", "IAM Policy"),
    ("ResourcePolicy", "Resource Policy"),
    ("ResourcePolicy", None),
    ("ResourcePolicy.2", "x"),
    ("role_ci_boundary", "role"),
    ("x", "Permissions Boundary Policy"),
    ("x", "service control policy"),
    ("x", "Organization"),
    ("x", "resource"),
    ("x", None),
    (None, "IAM Policy"),
    (None, None),
    ("PolicyInputList.1 ", "x"),
)

_ANSWERS: Final[Sequence[tuple[str, Sequence[Request], Sequence[_Answer]]]] = (
    *(
        (f"one ARN, {decision}", [_ASK], [_about(decision)])
        for decision in ("allowed", "implicitDeny", "explicitDeny", "maybe")
    ),
    *(
        (f"top level {top}, ARN {one}", [_ASK], [_about(one, top=top)])
        for top in ("allowed", "implicitDeny", "explicitDeny", "x")
        for one in ("allowed", "implicitDeny", "explicitDeny")
        if top != one
    ),
    *(
        (f"two ARNs {one} {two} under {top}", _BOTH, [page_of(result_of({_ONE: one, _TWO: two}, top=top))])
        for top, one, two in (
            ("implicitDeny", "allowed", "implicitDeny"),
            ("allowed", "allowed", "implicitDeny"),
            ("explicitDeny", "implicitDeny", "explicitDeny"),
            ("implicitDeny", "explicitDeny", "allowed"),
        )
    ),
    ("no decision at the top", _BOTH, [page_of(result_of({_ONE: "allowed", _TWO: "implicitDeny"}))]),
    *(
        (f"organizations {flag}, {decision}", [_ASK], [_about(decision, organizations=flag)])
        for flag in (True, False, "no", 0)
        for decision in ("allowed", "implicitDeny")
    ),
    *(
        (f"boundary {flag}, {decision}", [_ASK], [_about(decision, **_boundary(flag))])
        for flag in (True, False, "no", 1)
        for decision in ("allowed", "implicitDeny", "explicitDeny")
    ),
    ("both forbid it", [_ASK], [_about("implicitDeny", organizations=False, **_boundary(False))]),
    ("both forbid what is allowed", [_ASK], [_about("allowed", organizations=False, **_boundary(False))]),
    *(
        (
            f"SCPs {flag} over two ARNs {one} {two}, then each alone",
            _BOTH,
            [
                page_of(result_of({_ONE: one, _TWO: two}, top="implicitDeny", **_organizations(flag))),
                page_of(result_of({_ONE: "allowed"}, top="allowed", **_organizations(True))),
                page_of(result_of({_TWO: "implicitDeny"}, top="implicitDeny", **_organizations(False))),
            ],
        )
        for flag in (True, False)
        for one, two in (("allowed", "implicitDeny"), ("implicitDeny", "implicitDeny"), ("allowed", "allowed"))
    ),
    *(
        (f"*, {decision}, {more}", _ANY, [page_of(result_of({}, action="s3:ListAllMyBuckets", top=decision, **more))])
        for decision in ("allowed", "implicitDeny", "explicitDeny", "x")
        for more in ({}, _organizations(False), _boundary(False))
    ),
    ("*, without a decision", _ANY, [page_of(result_of({}, action="s3:ListAllMyBuckets"))]),
    *(
        (
            f"matched {source} ({kind}) at {line}:{column}",
            [_ASK],
            [_about("explicitDeny", MatchedStatements=[_matched(source, kind, line, column)])],
        )
        for source, kind in _SOURCES
        for line, column in ((1, 41), (1, _AT), (2, 7))
        if column == 41 or source == "PolicyInputList.1"
    ),
    (
        "two statements",
        [_ASK],
        [
            _about(
                "allowed",
                MatchedStatements=[_matched("PolicyInputList.1", "x", 1, _AT), _matched("PolicyInputList.2", "x")],
            )
        ],
    ),
    *(
        (
            f"a position {line!r}:{column!r}",
            [_ASK],
            [_about("allowed", MatchedStatements=[_matched("x", "x", line, column)])],
        )
        for line, column in ((None, 1), (1, None), ("1", 1), (1, "1"))
    ),
    ("a position that is none", [_ASK], [_about("allowed", MatchedStatements=[{"StartPosition": 1}])]),
    ("no positions", [_ASK], [_about("allowed", MatchedStatements=[{"SourcePolicyId": "x"}])]),
    ("missing keys", [_ASK], [_about("implicitDeny", MissingContextValues=["aws:x", "aws:Y"])]),
    ("missing keys that are none", [_ASK], [_about("implicitDeny", MissingContextValues=[1])]),
    ("another action", [_ASK], [page_of(result_of({_ONE: "allowed"}, action="s3:PutObject"))]),
    ("another ARN", [_ASK], [page_of(result_of({_TWO: "allowed"}))]),
    ("an ARN is left out", _BOTH, [page_of(result_of({_ONE: "allowed"}))]),
    ("nothing", [_ASK], [{}]),
    ("an empty list", [_ASK], [page_of()]),
    ("the same twice", [_ASK], [page_of(*[result_of({_ONE: "allowed"})] * 2)]),
    ("twice, differently", [_ASK], [page_of(result_of({_ONE: "allowed"}), result_of({_ONE: "implicitDeny"}))]),
    (
        "two pages",
        _BOTH,
        [
            page_of(result_of({_ONE: "allowed"}), IsTruncated=True, Marker="m"),
            page_of(result_of({_TWO: "explicitDeny"})),
        ],
    ),
    ("a page without a marker", [_ASK], [page_of(result_of({_ONE: "allowed"}), IsTruncated=True)]),
    ("refused", [_ASK], [_refused("Something else")]),
    *(
        (
            f"of different kinds: {text}",
            [_ASK, replace(_ASK, action="s3:GetObjectAcl"), replace(_ASK, action="s3:PutObject")],
            [
                _refused(text),
                *(
                    page_of(*(result_of({_ONE: decision}, action=f"s3:{name}") for name in names))
                    for decision, names in (("allowed", ["GetObject", "PutObject"]), ("implicitDeny", ["GetObjectAcl"]))
                ),
            ],
        )
        for text in ("[s3:GetObject, s3:PutObject] and [s3:GetObjectAcl] require different authorization information.",)
    ),
    ("of different kinds, alone", [_ASK], [_refused("[s3:GetObject] require different authorization information.")]),
    *(
        (
            f"of different kinds, not told which: {text}",
            [_ASK, replace(_ASK, action="s3:PutObject")],
            [
                _refused(f"{text} require different authorization information."),
                _about("allowed"),
                page_of(result_of({_ONE: "implicitDeny"}, action="s3:PutObject")),
            ],
        )
        for text in (
            "They",
            "[s3:GetObject,s3:PutObject]",
            "[s3:GetObject] and [s3:Other]",
            "[s3:GetObject] and [s3:GetObject]",
        )
    ),
)


def _read(answer: AwsEvaluation) -> Iterator[str]:
    details = f" organizations={answer.by_organizations} boundary={answer.by_boundary} {answer.contradiction}".rstrip()
    yield f"  {answer.request.action} {answer.request.resource}: {answer_line(answer)} {answer.simulator}{details}"
    for ref in answer.matched:
        ends = f"{ref.start}-{ref.end}" if ref.start or ref.end else "-"
        place = f"line={ref.line} column={ref.column} {ends} file={ref.file}"
        yield f"    {reference(ref)} {ref.policy!r} {ref.sid} {place}"


def _asked(asked: Mapping[str, Any]) -> str:
    names = {
        "PolicyInputList",
        "PermissionsBoundaryPolicyInputList",
        "ResourcePolicy",
        "OrderedOrganizationPolicyInputList",
    }
    texts = json.dumps({key: value for key, value in asked.items() if key not in names})
    return f"  asked {texts} {sorted((key, len(asked[key])) for key in names & asked.keys())}"


def _simulate(client: Prepared, requests: Sequence[Request], policies: PolicySet, **more: Any) -> Iterator[str]:  # noqa: ANN401
    try:
        answers = AwsSimulator(client, max_concurrency=1, **more).simulate(requests, policies)
    except IamcheckError as error:
        yield f"  {type(error).__name__}: {error}"
    else:
        for answer in answers:
            yield from _read(answer)
    yield from map(_asked, client.asked)


_POLICIES: Final = PolicySet(identity=[_OWN, _OTHER], boundary=replace(_OTHER, name="limit"))
_EACH: Final = page_of(result_of({_ONE: "allowed"}, top="allowed"))


def _layers() -> Iterator[tuple[str, PolicySet, Json]]:
    """Policies for both operations, and the arguments of the simulator beside them."""
    full = replace(_POLICIES, scps=[[_OWN], [_OTHER, _OWN]], resource=_OTHER)
    unread = PolicySet(identity=UNREAD, boundary=UNREAD, scps=UNREAD, rcps=UNREAD, resource=UNREAD, session=UNREAD)
    source: Json = {"source_arn": _ANN}
    yield "nothing", PolicySet(), {}
    yield "all layers", full, {}
    yield "none read but identity", replace(unread, identity=[_OWN]), {}
    yield "none read", unread, {}
    yield "RCPs", replace(_POLICIES, rcps=[[_OWN]]), {}
    yield "a session policy", replace(_POLICIES, session=[_OWN]), {}
    yield "of a principal, none read", unread, source
    yield "of a principal, nothing added", PolicySet(), source
    yield "of a principal, more", _POLICIES, source
    yield "of a principal, exclusions", _POLICIES, {**source, "exclusions": ({"PolicyType": "scp"},)}
    yield "of a principal, a resource policy", replace(_POLICIES, resource=_OWN), source
    yield "of a principal, SCPs", full, source
    yield "of a principal, RCPs", replace(unread, rcps=[[_OWN]]), source
    yield "exclusions alone", _POLICIES, {"exclusions": ({"PolicyType": "scp"},)}


_MANY: Final = [
    *(Request(f"s3:{name}", arn) for name in ("GetObject", "GetObjectAcl", "ListBucket") for arn in (_ONE, _TWO)),
    Request("s3:GetObject", "*"),
    Request("s3:GetObject", _ONE),
    Request("S3:getobject", _ONE),
    Request("s3:PutObject", _TWO),
    Request("s3:ListAllMyBuckets", "*"),
    Request("x:Do", _ONE),
    Request("x:Make", _ONE),
    # of other services, with the same types of resources or none
    Request("y:Do", _ONE),
    Request("sagemaker:ListEndpoints", "*"),
    Request("x:Do", _TWO, _ANN),
    Request("s3:GetObject", _ONE, context={"aws:SecureTransport": True, "s3:prefix": "p", "aws:TagKeys": ["a", "b"]}),
    Request("s3:PutObject", _ONE, context={"aws:TagKeys": ("a", "b"), "s3:prefix": "p", "aws:SecureTransport": True}),
    Request(
        "s3:PutObject", _ONE, context={"x:n": 1.5, "x:many": [True, False], "x:b": b"a", "x:one": ["a"], "x:none": []}
    ),
    *(Request(f"x:A{number}", _ONE) for number in range(51)),
    *(Request("x:Wide", f"arn:aws:s3:::b/{number}") for number in range(41)),
]


class _Switching:
    """A simulator that needs one key more each time that it is asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    @property
    def name(self) -> str:
        return "switching"

    def simulate(self, requests: Sequence[Request], policies: PolicySet) -> tuple[Evaluation, ...]:
        self.asked.append([f"{one.action} {sorted(one.context)} {sorted(one.absent)}" for one in requests])
        return LocalSimulator().simulate(requests, policies)


def _settled() -> Iterator[str]:
    """What is asked again with the facts that are known, and with which answer it ends."""
    condition = {
        "StringEquals": {"aws:RequestTag/a": "a"},
        "Null": {"aws:RequestTag/b": "true", "aws:CalledVia": "true"},
    }
    allow = [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}]
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/c": "false"}}}
    policies = PolicySet(identity=[Policy.parse({"Version": "2012-10-17", "Statement": [*allow, deny]})])
    requests = [_ASK, Request("sqs:ListQueues", "*", absent=["aws:RequestTag/*"])]
    for title, facts in (
        ("no facts", None),
        ("a key", ContextFacts({"aws:RequestTag/a": "a"})),
        ("a key and names", ContextFacts({"aws:RequestTag/a": "a"}, ("aws:RequestTag/*", "aws:CalledVia"))),
        ("names but one", ContextFacts({}, ("aws:RequestTag/*", "!aws:RequestTag/a", "aws:CalledVia"))),
        ("names", ContextFacts({}, ("aws:CalledVia",))),
    ):
        simulator = _Switching()
        answers = ask(simulator, requests, policies, facts)
        yield title
        yield from (f"  asked {one}" for one in simulator.asked)
        for answer in answers:
            known = f"{sorted(answer.request.context)} {sorted(answer.request.absent)}"
            yield f"  {answer.request.action} {known}: {answer_line(answer)}"


def written_aws() -> str:
    """Answers as they are read, the arguments for each layer, the calls for many requests, and what is asked again."""
    lines = ["# answers"]
    for title, requests, answers in _ANSWERS:
        lines += [title, *_simulate(Prepared(answers), requests, _POLICIES)]
    named = replace(_ASK, principal=_ANN)
    lines += [
        "a grant of the resource's policy",
        *_simulate(Prepared([_about("allowed", **_boundary(False))]), [named], replace(_POLICIES, resource=_OWN)),
    ]
    lines.append("# layers")
    for title, policies, more in _layers():
        for request in (_ASK, named):
            lines += [f"{title}, {request.principal}", *_simulate(Prepared([_EACH]), [request], policies, **more)]
        lines.append(f"  not read: {sorted(map(str, open_layers(policies)))}")
    lines.append("# calls")
    for batch in batches(_MANY):
        caller = f" as {batch.caller}" if batch.caller else ""
        lines.append(f"{json.dumps(batch.parameters())}{caller}")
    lines.append("# principals")
    for arn in (
        None,
        _ANN,
        "",
        f"{_ANN}/",
        f"arn:aws:iam::{HOME}:role/",
        f"x{_ANN}",
        "arn:aws:iam::1:user/u",
        f"arn:aws:sts::{HOME}:assumed-role/r/s",
        f"arn:aws-cn:iam::{HOME}:group/g",
        f"arn:aws:iam:x:{HOME}:user/u",
    ):
        lines.append(f"{arn}: {is_entity(arn)}")
    return "\n".join([*lines, "# settled", *_settled()]) + "\n"
