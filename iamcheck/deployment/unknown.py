"""What is not known yet, and what will make the calls: words that many rooms use, apart so that they cost nothing."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from iamcheck.deployment.located import WrittenDeployment

__all__ = ["UNKNOWN", "Tool", "Unknown", "called_via_of"]


class Unknown(Enum):
    """A value that is known only when the deployment is made."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


class Tool(Enum):
    """What makes the calls of a deployment."""

    SDK = "sdk"
    """The AWS CLI, an SDK, or a script on one."""
    CLOUDFORMATION = "cloudformation"
    TERRAFORM = "terraform"


def called_via_of(written: WrittenDeployment | None) -> tuple[str, ...]:
    """The services through which the calls of a deployment come, the first one first.

    CloudFormation calls with the rights of whoever deploys, where the stack has no service role
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia).
    """
    through = written is not None and written.tool is Tool.CLOUDFORMATION
    return ("cloudformation.amazonaws.com",) if through else ()
