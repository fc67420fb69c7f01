"""The command line as its users have it: words in; exit status, standard output and standard error out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import jsonschema

from tests.documents import allow, deny
from tests.documents import document as policy

__all__ = [
    "ACCOUNT",
    "CONFIG_ARN",
    "ENDPOINT_ARN",
    "NAMES",
    "NEEDS_MFA",
    "OFFLINE",
    "REGION_LOCK",
    "ROLE",
    "Done",
    "Run",
    "Write",
    "allow",
    "deny",
    "policy",
]

ACCOUNT = "123456789012"
NAMES = ("churn", "churn-v7")
OFFLINE = ("check", *NAMES, "--offline", "--region", "eu-west-1", "--account-id", ACCOUNT)
ENDPOINT_ARN = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn"
CONFIG_ARN = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint-config/churn-v7"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci"

Write = Callable[[str, Mapping[str, object]], str]
"""The fixture `write`."""


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def flat(self) -> str:
        """Standard output with its line breaks and indents as single spaces: texts are wrapped to the screen."""
        return " ".join(self.out.split())

    def valid(self, schema: Mapping[str, object]) -> dict[str, Any]:
        """The only report of the JSON document, which must be valid."""
        jsonschema.Draft202012Validator(schema).validate(self.document)
        return self.report

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as the JSON that it is."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def report(self) -> dict[str, Any]:
        """The only report of the JSON document; a document that has no reports, as it is."""
        found = self.document
        if "reports" not in found:
            return found
        (only,) = found["reports"]
        assert isinstance(only, dict)
        return only

    def check(self, check_id: str) -> dict[str, Any]:
        """One check of the JSON report."""
        (found,) = [one for one in self.report["checks"] if one["id"] == check_id]
        assert isinstance(found, dict)
        return found

    @property
    def statuses(self) -> dict[str, str]:
        """The status of each check of the JSON report."""
        return {one["id"]: one["status"] for one in self.report["checks"]}


class Run(Protocol):
    """The fixture `run`."""

    def __call__(self, *words: str, **environment: str) -> Done:
        """Run the command line with these AWS settings and no others."""


REGION_LOCK = policy(deny(Sid="RegionLock", Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}))
NEEDS_MFA = policy(allow(Sid="All"), deny(Sid="NeedsMfa", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}))
