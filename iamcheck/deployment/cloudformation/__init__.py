"""Reads CloudFormation and AWS SAM templates: each endpoint in one, with its endpoint config and models.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from iamcheck.deployment.cloudformation._deployments import deployments
from iamcheck.deployment.cloudformation._template import Given, Template, read_sections, require_parameters
from iamcheck.deployment.cloudformation._tree import DEEPEST, Tree, in_document
from iamcheck.deployment.cloudformation._yaml import read_yaml

__all__ = [
    "DEEPEST",
    "Given",
    "Template",
    "Tree",
    "deployments",
    "in_document",
    "read_sections",
    "read_yaml",
    "require_parameters",
]
