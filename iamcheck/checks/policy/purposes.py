"""Lists the condition keys that say what a call is made for: an Allow without them allows the call for any purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.iam.model import ContextInput

__all__ = ["PURPOSES"]

PURPOSES: Final[Mapping[str, tuple[ContextInput, str]]] = {
    "application-autoscaling:scalable-dimension": ("ecs:service:DesiredCount", "scaling something else"),
    "application-autoscaling:service-namespace": ("ecs", "scaling another service"),
    "iam:AWSServiceName": ("spot.amazonaws.com", "a role for another service"),
    "iam:PassedToService": ("ec2.amazonaws.com", "passed to another service"),
    "kms:GrantIsForAWSResource": (False, "a grant for anybody"),
    "kms:ResourceAliases": (["alias/iamcheck-neighbour"], "a key with another alias"),
    "kms:ViaService": ("iamcheck.us-east-1.amazonaws.com", "through another service"),
    "s3:prefix": ("iamcheck-neighbour/", "another prefix"),
    "sagemaker:TaggingAction": ("CreateTrainingJob", "tagging in another call"),
}
"""Each key with a value of another purpose than a deployment's, and that purpose in words."""
