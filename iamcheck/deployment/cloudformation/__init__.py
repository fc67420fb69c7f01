"""Reads CloudFormation and AWS SAM templates: each endpoint, with its endpoint config and models.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from iamcheck.deployment.cloudformation._deployments import deployments
from iamcheck.deployment.cloudformation._nodes import TemplateDocument, TemplateNode, read_json, text_of
from iamcheck.deployment.cloudformation._pseudo import pseudo_parameters
from iamcheck.deployment.cloudformation._template import StackInputs, Template, read_sections, require_parameters
from iamcheck.deployment.cloudformation._texts import Text, joined
from iamcheck.deployment.cloudformation._values import require_values
from iamcheck.deployment.cloudformation._yaml import read_yaml

__all__ = [
    "StackInputs",
    "Template",
    "TemplateDocument",
    "TemplateNode",
    "Text",
    "deployments",
    "joined",
    "pseudo_parameters",
    "read_json",
    "read_sections",
    "read_yaml",
    "require_parameters",
    "require_values",
    "text_of",
]
