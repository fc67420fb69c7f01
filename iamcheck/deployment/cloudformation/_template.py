"""Reads the sections of a template that values depend on.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation._constraints import disallowed
from iamcheck.deployment.cloudformation._loops import may_begin_type
from iamcheck.deployment.unsettled import OpenCause
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.deployment.cloudformation._nodes import TemplateNode
    from iamcheck.deployment.cloudformation._texts import Text
    from iamcheck.deployment.located import WrittenCaller
    from iamcheck.iam.model import Place

__all__ = [
    "LOOKED_UP",
    "NOT_TRANSFORMED",
    "TRANSFORM",
    "StackInputs",
    "Template",
    "kind_of",
    "literal",
    "members_of",
    "mentions_sagemaker",
    "read_sections",
    "require_parameters",
]

_SERVERLESS: Final = "AWS::Serverless-2016-10-31"
_EXTENSIONS: Final = "AWS::LanguageExtensions"
_HARMLESS: Final = (
    *(_EXTENSIONS, "AWS::CodeDeployBlueGreen"),
    *("AWS::SecretsManager-2020-07-23", "AWS::SecretsManager-2024-09-16"),
)
"""Transforms that leave resources of SageMaker as they are."""


_SAGEMAKER: Final = "AWS::SageMaker::"
TRANSFORM: Final = "Fn::Transform"
"""What CloudFormation puts other values in place of, before it works out functions, as of loops (`_loops`)."""
NOT_TRANSFORMED: Final = OpenCause(
    "Fn::Transform (or Fn::ForEach) has not run, and may bring anything here",
    "the template as CloudFormation makes it (`aws cloudformation get-template --template-stage Processed`)",
)
LOOKED_UP: Final = OpenCause("a dynamic reference ({{resolve:...}}) is looked up when the stack is made", "")
_MOST: Final[Mapping[str, int]] = {"Resources": 500, "Parameters": 200, "Mappings": 200}
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""


@dataclass(frozen=True)
class StackInputs:
    """What is known of a stack besides its template.

    Args:
        parameters: Values of parameters; one that is left out has its Default, else it is not known.
        stack_name: Name of the stack; None: not known, as for the rest.
        region: Region code.
        account_id: Account.
        stack_tags: Tags of the stack, which go to every resource; None: not known.
        values: Values of members that the template leaves open, by `LOGICAL_ID.MEMBER`.
        caller: Who makes the calls, where somebody says it.
    """

    parameters: Mapping[str, Text] = field(default_factory=dict)
    stack_name: str | None = None
    region: str | None = None
    account_id: str | None = None
    stack_tags: Mapping[str, Text] | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    caller: WrittenCaller | None = None


@dataclass(frozen=True)
class Template:
    """A template.

    Args:
        place: The file that it is.
        resources: Resources by logical id, in the template's order.
        parameters: Likewise.
        mappings: Likewise.
        conditions: Likewise.
        is_sam: Whether AWS SAM makes more resources of those that are written.
        repeated: Members that the document has twice, each as it stood first: the last one counts.
        is_extended: Whether functions may stand for logical ids, as the transform AWS::LanguageExtensions allows.
        loops: What makes resources by Fn::ForEach, by its name in the template; none of SageMaker's.
    """

    place: Place
    resources: Mapping[str, TemplateNode]
    parameters: Mapping[str, TemplateNode]
    mappings: Mapping[str, TemplateNode]
    conditions: Mapping[str, TemplateNode]
    is_sam: bool
    repeated: tuple[TemplateNode, ...] = ()
    is_extended: bool = False
    loops: Mapping[str, TemplateNode] = field(default_factory=dict)

    def type_of(self, logical: str) -> str:
        """A resource's type; empty where none is written."""
        return literal(members_of(self.resources[logical]).get("Type"))

    def properties(self, logical: str) -> TemplateNode:
        """A resource's properties."""
        resource = self.resources[logical]
        return members_of(resource).get("Properties") or resource.put({})

    def is_transformed(self, logical: str) -> bool:
        """Whether a transform may bring any attribute of the resource."""
        return TRANSFORM in members_of(self.resources[logical])


def members_of(node: TemplateNode) -> dict[str, TemplateNode]:
    """The members of a mapping.

    Raises:
        InvalidInputError: It is none.
    """
    if not isinstance(node.value, dict):
        raise node.error(f"this is {kind_of(node)}", "CloudFormation takes a mapping here")
    return node.value


def literal(node: TemplateNode | None) -> str:
    """The text of a value that must be written out; empty where it is not."""
    return node.value if node is not None and isinstance(node.value, str) else ""


def kind_of(node: TemplateNode) -> str:
    """What a value is, for errors."""
    if node.value is None:
        return "null"
    kinds = ((dict, "a mapping"), (tuple, "a list"), (str, "text"))
    return next((text for kind, text in kinds if isinstance(node.value, kind)), "a number or truth value")


def read_sections(root: TemplateNode, place: Place, repeated: tuple[TemplateNode, ...] = ()) -> Template:
    """Finds the sections of the template in a document.

    Args:
        root: The document.
        place: The file that it is.
        repeated: Members that it has twice, each as it stood first.

    Raises:
        InvalidInputError: It is no template, or a macro may make another one of it.
    """
    if not isinstance(root.value, dict):
        raise root.error(f"the whole is {kind_of(root)}, not a template", "a template is a mapping with Resources")
    sections = root.value
    if "Resources" not in sections:
        cure = "a CloudFormation template has Resources"
        if "EndpointName" in sections or "ProductionVariants" in sections:
            cure = "a request's JSON is given with --request or --config-request"
        elif "artifacts" in sections:
            cure = "of a CDK cloud assembly give the folder"
        elif {"terraform_version", "serial"} <= sections.keys():
            cure = "of Terraform, give what `terraform show -json PLAN` prints of a plan; this is a state"
        elif "Statement" in sections:
            cure = "this is a policy, which --policy takes"
        raise root.error("neither a CloudFormation template nor a Terraform plan", cure)
    for name, section in sections.items():
        if name.startswith("Fn::"):
            raise _unfollowed(section, shown(name))
        if name in _MOST and isinstance(section.value, dict) and len(section.value) > _MOST[name]:
            what = f"{len(section.value)} {name}, where CloudFormation takes {_MOST[name]}"
            raise section.error(what, "split the stack")
    transforms = _transforms(sections.get("Transform"))
    resources, loops = {}, {}
    for name, node in members_of(sections["Resources"]).items():
        if not name.startswith("Fn::"):
            if TRANSFORM in members_of(node) and not literal(members_of(node).get("Type")):
                raise _unfollowed(node, shown(TRANSFORM))
            resources[name] = node
        elif name == TRANSFORM or mentions_sagemaker(node) or may_begin_type(node, _SAGEMAKER):
            raise _unfollowed(node, shown(name))
        else:
            loops[name] = node
    empty = root.put({})
    parameters, mappings, conditions = (
        members_of(sections.get(name, empty)) for name in ("Parameters", "Mappings", "Conditions")
    )
    for node in parameters.values():
        members_of(node)
    is_sam, is_extended = _SERVERLESS in transforms, _EXTENSIONS in transforms
    return Template(place, resources, parameters, mappings, conditions, is_sam, repeated, is_extended, loops)


def _transforms(node: TemplateNode | None) -> list[str]:
    if node is None:
        return []
    names = []
    for one in node.value if isinstance(node.value, tuple) else (node,):
        name = literal(one)
        if name != _SERVERLESS and name not in _HARMLESS:
            raise _unfollowed(one, f"the transform {shown(name)}" if name else "a transform with parameters")
        names.append(name)
    return names


def _unfollowed(node: TemplateNode, what: str) -> InvalidInputError:
    return node.error(
        f"{what} is not followed, and may change anything",
        "give what CloudFormation makes of it: `aws cloudformation get-template --template-stage Processed`",
    )


def mentions_sagemaker(node: TemplateNode) -> bool:
    """Tells whether anything in a value names a resource type of SageMaker."""
    if isinstance(node.value, dict):
        return any(mentions_sagemaker(member) for member in node.value.values())
    if isinstance(node.value, tuple):
        return any(mentions_sagemaker(item) for item in node.value)
    return isinstance(node.value, str) and node.value.startswith(_SAGEMAKER)


def require_parameters(templates: tuple[Template, ...], given: Mapping[str, str]) -> None:
    """Refuses a value for a parameter that no template has, or that a template which has it does not allow.

    Raises:
        InvalidInputError: There is one.
    """
    known = {name: None for template in templates for name in template.parameters}
    for name in given:
        if name not in known:
            cure = nearest(name, known) if known else "it has none"
            raise InvalidInputError(f"the template has no parameter {shown(name)}", where="--parameter", cure=cure)
        for template in templates:
            about = members_of(template.parameters[name]) if name in template.parameters else {}
            what = disallowed(about, given[name])
            if what is not None:
                # of a secret nothing is said
                what_shown = "the template does not allow its value" if "NoEcho" in about else what
                raise InvalidInputError(
                    what_shown, where=f"--parameter {name}", cure="give a value that the template allows"
                )
