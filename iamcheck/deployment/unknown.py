"""Names what is not known yet, and what will make the calls: words of many rooms, apart so that they cost nothing."""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["UNKNOWN", "Tool", "Unknown"]


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
