"""Asks a whole account about many actions: every answer with its statements' places, and every trace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from iamcheck.iam.engine import Semantics, evaluate, missing_context
from iamcheck.iam.engine.explain import explain
from iamcheck.iam.model import UNREAD, Policy, PolicySet, Request
from tests.answers.worlds import answer_line, reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.iam.engine.explain import ElementTrace
    from iamcheck.iam.model import StatementRef

__all__ = ["written_traces"]

HOME: Final = "123456789012"
_ANN: Final = f"arn:aws:iam::{HOME}:user/red/ann"
_OWN: Final = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Literal", "Effect": "Allow", "Action": ["s3:GetObject", "S3:getobject", "s3:Put?bject"],
     "Resource": ["arn:aws:s3:::data/a", "arn:aws:s3:::data/b"]},
    {"Sid": "Wide", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::data/*",
     "Condition": {"StringLike": {"s3:prefix": ["a*", "b*"], "aws:PrincipalTag/Team": "${aws:PrincipalTag/Other}"}}},
    {"Effect": "Allow", "NotAction": ["iam:*", "s3:Delete*"], "NotResource": "arn:aws:s3:::data/secret",
     "Condition": {"Null": {"AWS:TokenIssueTime": "true"}}},
    {"Sid": "Locked", "Effect": "Deny", "Action": ["*:*Object", "*"], "Resource": "*",
     "Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}},
    {"Sid": "Ec2", "Effect": "Allow", "Action": ["ec2:Run*", "e?2:Stop*"], "Resource": "*"}
  ]
}"""
_BUCKET: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": HOME}, "Action": "s3:*", "Resource": "*"},
        {
            "Effect": "Deny",
            "NotPrincipal": {"AWS": [_ANN, HOME], "Service": "s3.amazonaws.com"},
            "Action": "s3:*",
            "Resource": "arn:aws:s3:::data/*",
            "Condition": {"StringEquals": {"AWS:securetransport": "true"}},
        },
        {"Effect": "Allow", "Principal": {"Federated": "x.com", "CanonicalUser": "c"}, "Action": "*", "Resource": "*"},
    ],
}


def _full(name: str, action: str = "*", **more: object) -> Policy:
    return Policy.parse(
        {
            "Statement": [
                {"Sid": name.title().replace("-", ""), "Effect": "Allow", "Action": action, "Resource": "*", **more}
            ]
        },
        name=name,
    )


def _account() -> PolicySet:
    own = replace(Policy.parse(_OWN, name="own"), file="own.json")
    everyone = _full("rcp-full", Principal="*")
    return PolicySet(
        identity=[_full("first", "ec2:Describe*"), own],
        boundary=replace(_full("boundary", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}), file="b"),
        scps=[[_full("scp-root")], [_full("scp-ou", "ec2:*"), _full("scp-rest", "s3:*")]],
        rcps=[[everyone, _full("rcp-more", "s3:Get*", Principal="*")]],
        resource=Policy.parse(_BUCKET, name="bucket"),
        session=[_full("session", Condition={"StringEquals": {"aws:SourceIdentity": "ann"}})],
    )


_CONTEXTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "nothing known": {},
    "all known": {
        "context": {
            "aws:RequestedRegion": "eu-west-1", "aws:SecureTransport": "true", "s3:prefix": "alpha",
            "aws:PrincipalTag/team": "red", "aws:PrincipalTag/other": "red", "aws:SourceIdentity": "ann",
        },
        "absent": ["aws:TokenIssueTime"],
    },
    "insecure": {"context": {"aws:SecureTransport": "false"}, "absent": ["s3:prefix", "AWS:RequestedRegion"]},
}  # fmt: skip
_ASKED: Final = (
    ("s3:GetObject", "arn:aws:s3:::data/a"),
    ("S3:PUTOBJECT", "arn:aws:s3:::data/b"),
    ("s3:DeleteObject", "arn:aws:s3:::data/a"),
    ("s3:GetObject", "arn:aws:s3:::data/secret"),
    ("ec2:StopInstances", f"arn:aws:ec2:eu-west-1:{HOME}:instance/i-1"),
    ("iam:GetUser", _ANN),
)
_CALLERS: Final = {
    "ann": _ANN,
    "session": f"arn:aws:sts::{HOME}:assumed-role/ci/s",
    "nobody": None,
    "ann, away": "arn:aws:iam::210987654321:user/ann",
}


def _place(ref: StatementRef) -> str:
    ends = f"{ref.start.line}:{ref.start.column}-{ref.end.line}:{ref.end.column}" if ref.start and ref.end else "-"
    return f"{reference(ref)} {ref.policy} sid={ref.sid} line={ref.line} column={ref.column} {ends} file={ref.file}"


def _element(trace: ElementTrace) -> str:
    names = {True: "yes", False: "no", None: "perhaps"}
    operator = f" {trace.operator} {trace.key}" if trace.operator or trace.key else ""
    had = "nothing" if trace.had is None else list(trace.had)
    unknown = f", unknown {list(trace.unknown)}" if trace.unknown else ""
    return f"    {trace.element}{operator}: {names[trace.matched]}, wants {list(trace.wanted)}, has {had}{unknown}"


def _traces(request: Request, policies: PolicySet, semantics: Semantics) -> Iterator[str]:
    for trace in explain(request, policies, semantics=semantics):
        failed = [each.element for each in trace.failed]
        yield f"  {reference(trace.ref)} {trace.effect.value} {trace.matched} failed={failed}"
        yield from map(_element, trace.elements)


def written_traces() -> str:
    """The references of the statements, the answers to everything, and the traces of some."""
    policies = _account()
    lines = ["# statements"]
    request = Request("s3:GetObject", "arn:aws:s3:::data/a")
    lines += sorted(_place(trace.ref) for trace in explain(request, policies))
    lines += ["# missing context", *(f"{each}: {missing_context(policies, {'s3:prefix'}, each)}" for each in Semantics)]
    lines.append("# answers")
    sets = {
        "": policies,
        "identity unread, ": replace(policies, identity=UNREAD),
        "identity alone, ": PolicySet(identity=policies.identity),
    }
    for which, layers in sets.items():
        for caller, principal in _CALLERS.items():
            for known, fields in _CONTEXTS.items():
                for action, resource in _ASKED:
                    request = Request(action, resource, principal, **fields)
                    answers = {each: answer_line(evaluate(request, layers, semantics=each)) for each in Semantics}
                    lines.append(f"{which}{caller}, {known}, {action} {resource}")
                    lines += [f"  {each}: {line}" for each, line in answers.items() if line != answers[Semantics.LIVE]]
                    lines.append(f"  {'live' if len(set(answers.values())) > 1 else 'all'}: {answers[Semantics.LIVE]}")
    lines.append("# traces")
    for caller, known, (action, resource), semantics in (
        ("ann", "all known", _ASKED[0], Semantics.LIVE),
        ("session", "nothing known", _ASKED[1], Semantics.LIVE),
        ("nobody", "insecure", _ASKED[3], Semantics.SIMULATOR),
        ("ann, away", "insecure", _ASKED[5], Semantics.ALONE),
        ("ann, away", "nothing known", _ASKED[4], Semantics.LIVE),
    ):
        request = Request(action, resource, _CALLERS[caller], **_CONTEXTS[known])
        lines += [f"{caller}, {known}, {action} {resource}, {semantics}", *_traces(request, policies, semantics)]
    return "\n".join(lines) + "\n"
