"""Deployments: what will be created, and the readers that find it out."""

from iamcheck.deployment.deployment import Deployment, Named, PartialDeployment
from iamcheck.deployment.unsettled import Unsettled

__all__ = ["Deployment", "Named", "PartialDeployment", "Unsettled"]
