"""Deployments: what will be created, and the readers that find it out."""

from iamcheck.deployment.deployment import Deployment, DeploymentNames

__all__ = ["Deployment", "DeploymentNames"]
