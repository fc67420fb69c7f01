"""Deployments: what will be created, and the readers that find it out."""

from iamcheck.deployment.deployment import Deployment, PartialDeployment, UnplacedDeployment

__all__ = ["Deployment", "PartialDeployment", "UnplacedDeployment"]
