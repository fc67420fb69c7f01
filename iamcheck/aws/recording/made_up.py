"""Makes up answers of the right shape for calls that are not sent.

Loaded by its path in the script's own Python, which may have no iamcheck: it imports the standard library and botocore
alone. What is made up has `MARK` or the account `NO_ACCOUNT` in it, so that nobody takes it for a fact when the script
passes it on.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape

__all__ = ["MARK", "NO_ACCOUNT", "answer"]

MARK: Final = "iamcheck-made-up"
NO_ACCOUNT: Final = "000000000000"
"""The account of made-up ARNs where nobody says which it is."""

_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
"""The policies of made-up answers: botocore gives those of IAM as mappings."""
_DEEPEST: Final = 6
_DEEPEST_REQUIRED: Final = 16
"""Structures that may hold themselves have an end all the same."""
_GOOD: Final = (
    *("InService", "Active", "Available", "Completed", "Succeeded", "Success", "Ready", "Running", "Enabled", "OK"),
    *("CREATE_COMPLETE", "UPDATE_COMPLETE"),
)
"""States in which waiting ends, without regard to case."""
_PAGING = r"(?i)(next|continuation|pagination)?(token|marker)|next.*|last.*key|.*continuationtoken"
"""Members that would make a paginator ask again."""
_LATER: Final = datetime.datetime(2099, 1, 1, tzinfo=datetime.timezone.utc)


def answer(
    operation: OperationModel,
    parameters: Mapping[str, object],
    known: Mapping[str, object],
    region: str,
    account: str,
    caller: str = "",
) -> dict[str, Any]:
    """An answer to a call.

    Args:
        operation: The operation, as botocore describes it.
        parameters: The parameters of the call.
        known: What the script itself said of the resource before, such as when it made it.
        region: Region code of the call.
        account: The 12 digits of the account.
        caller: ARN of whom the script has the credentials; empty: of nobody.
    """
    made = _MadeUpAnswer(operation, {**known, **parameters}, region, account, caller)
    shape = operation.output_shape
    found: dict[str, Any] = {} if shape is None else made.structure(shape, {**known, **parameters}, 0)
    headers = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RequestId": MARK, "RetryAttempts": 0}
    return {**found, "ResponseMetadata": headers}


class _MadeUpAnswer:
    """One answer in the making."""

    def __init__(
        self, operation: OperationModel, said: Mapping[str, object], region: str, account: str, caller: str
    ) -> None:
        self._operation, self._said, self._region, self._account = operation, said, region, account
        self._caller = caller
        self._service: str = operation.service_model.signing_name
        self._lists = re.match("List|Search|Scan|Query", operation.name) is not None

    def structure(self, shape: Shape, said: object, depth: int) -> dict[str, Any]:
        """A structure; members that the script said itself are as it said them."""
        found: dict[str, Any] = {}
        # botocore's stubs know no structures
        members: Mapping[str, Shape] = shape.members  # type: ignore[attr-defined]
        required = shape.metadata.get("required", [])
        if getattr(shape, "is_tagged_union", False):
            # it has one of its members and no other
            chosen = next((name for name in members if isinstance(said, Mapping) and name in said), next(iter(members)))
            members = {chosen: members[chosen]}
        for name, member in members.items():
            given = said.get(name) if isinstance(said, Mapping) else None
            if re.fullmatch(_PAGING, name) and member.type_name in ("string", "map") and name not in required:
                continue
            is_deep = depth >= (_DEEPEST_REQUIRED if name in required else _DEEPEST)
            if is_deep and member.type_name in ("structure", "list", "map"):
                continue
            found[name] = self._value(member, name, given, depth + 1)
        return found

    def _value(self, shape: Shape, name: str, said: object, depth: int) -> Any:  # noqa: ANN401  any value of JSON
        kind = shape.type_name
        if kind == "structure":
            if getattr(shape, "is_document_type", False):
                return {}
            if getattr(shape, "eventstream", False) or shape.serialization.get("eventstream"):
                return iter(())
            return self.structure(shape, said, depth)
        if kind == "list":
            return self._list(shape, name, said, depth)
        if kind == "map":
            return dict(said) if isinstance(said, Mapping) else {}
        if kind == "blob":
            return _stream() if shape.serialization.get("streaming") else b"{}"
        if isinstance(said, (str, int, float, bool)):
            return said
        if kind == "boolean":
            return False
        if kind == "timestamp":
            is_end = re.search("(?i)expir", name)
            return _LATER if is_end else datetime.datetime.now(datetime.timezone.utc)
        if shape.name == "policyDocumentType":
            return _TRUST
        if kind in ("integer", "long"):
            return int(shape.metadata.get("min", 0))
        if kind in ("float", "double"):
            return float(shape.metadata.get("min", 0))
        return self._text(shape, name)

    def _list(self, shape: Shape, name: str, said: object, depth: int) -> list[Any]:
        member: Shape = shape.member  # type: ignore[attr-defined]
        if isinstance(said, (list, tuple)):
            return [self._value(member, name, item, depth + 1) for item in said]
        # what the script looks through is empty, as in a new account
        if self._lists or depth > 2:
            return []
        return [self._value(member, name, None, depth + 1)]

    def _text(self, shape: Shape, name: str) -> str:
        choices: list[str] = getattr(shape, "enum", None) or []
        if choices:
            good = [choice for state in _GOOD for choice in choices if choice.lower() == state.lower()]
            return (good or choices)[0]
        if isinstance(self._said.get(name), str):
            return str(self._said[name])
        if re.search("(?i)arn$", name):
            return self._arn(name)
        if re.fullmatch("(?i)account(id)?|owner(id)?", name):
            return self._account
        if re.search("(?i)url$", name):
            return f"https://{MARK}.invalid/"
        if re.search("(?i)region|locationconstraint", name):
            return self._region
        return f"{MARK}-{name}"

    def _arn(self, name: str) -> str:
        """The ARN of what the call is about where its name is known, otherwise of something made up."""
        if self._operation.name == "GetCallerIdentity":
            return self._caller or f"arn:aws:sts::{self._account}:assumed-role/{MARK}/{MARK}"
        subject = re.sub("^(Create|Update|Describe|Delete|Get|Put|Register)", "", self._operation.name)
        of_member = re.sub("(?i)arn$", "", name) or subject
        named = self._said.get(f"{of_member}Name")
        if not isinstance(named, str):
            named = self._said.get(f"{subject}Name") if of_member in (subject, "Resource") else None
        kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", of_member).lower()
        region = "" if self._service in ("iam", "s3") else self._region
        resource = f"{kind}/{named if isinstance(named, str) else f'{MARK}-{of_member}'}"
        return f"arn:aws:{self._service}:{region}:{self._account}:{resource}"


def _stream() -> object:
    from botocore.response import StreamingBody  # it is there where a call is answered

    return StreamingBody(io.BytesIO(b"{}"), 2)
