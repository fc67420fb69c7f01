"""Works out what `Ref` and `Fn::GetAtt` refer to: parameters, pseudo parameters, names and ARNs of resources.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ref.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation._attributes import NAMES, attribute
from iamcheck.deployment.cloudformation._constraints import disallowed
from iamcheck.deployment.cloudformation._loops import may_make
from iamcheck.deployment.cloudformation._nodes import text_of
from iamcheck.deployment.cloudformation._pseudo import pseudo_parameters, stack_of
from iamcheck.deployment.cloudformation._template import LOOKED_UP, NOT_TRANSFORMED, kind_of, literal, members_of
from iamcheck.deployment.cloudformation._texts import with_lookups
from iamcheck.deployment.located import UNKNOWN, Pattern, Unknown
from iamcheck.deployment.unsettled import OpenCause
from iamcheck.iam.model.json_text import shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from iamcheck.deployment.cloudformation._conditions import Conditions
    from iamcheck.deployment.cloudformation._nodes import TemplateNode
    from iamcheck.deployment.cloudformation._template import StackInputs, Template
    from iamcheck.deployment.cloudformation._texts import Text
    from iamcheck.deployment.cloudformation._trace import Recorder, Trace

__all__ = ["References"]

_PSEUDO_CURES: Final = {
    "AWS::AccountId": "--account-id",
    "AWS::Partition": "--region",
    "AWS::Region": "--region",
    "AWS::StackName": "--stack-name",
    "AWS::URLSuffix": "--region",
}
_MODULE: Final = "::MODULE"
"""Ends the type of a module (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html)."""
_LONGEST_CHAIN: Final = 70
"""Attributes that are followed, one after the other: each takes several levels of Python's own."""


class References:
    """What the names in one template stand for, in one stack.

    Args:
        template: The template.
        inputs: What is known of the stack besides.
        recorder: Hears what the values rest on.
        exists: Whether a resource's condition holds.
        property_of: Works out a property of a resource; None where it is left out.
        conditions: The conditions of the template.
        made_when: What holds wherever a resource is made.
    """

    def __init__(
        self,
        template: Template,
        inputs: StackInputs,
        recorder: Recorder,
        exists: Callable[[str], bool | Unknown],
        property_of: Callable[[str, str], TemplateNode | None],
        conditions: Conditions,
        made_when: Callable[[str], tuple[tuple[str, bool], ...]],
    ) -> None:
        self._made_when = made_when
        self._conditions = conditions
        self._template = template
        self._inputs = inputs
        self._recorder = recorder
        self._exists = exists
        self._property_of = property_of
        self._pseudo = pseudo_parameters(inputs)
        self._stack = stack_of(inputs)
        self._attributes: dict[tuple[str, str], tuple[Text, Trace]] = {}
        self._open: list[tuple[str, str]] = []
        self.used_values: set[str] = set()
        """Which values of `StackInputs.values` took the place of an attribute."""

    def reference(self, node: TemplateNode, name: str) -> TemplateNode:
        """What `Ref` of a name is, in the place of a node.

        Raises:
            InvalidInputError: The template has no such parameter or resource.
        """
        if name in self._pseudo:
            value = self._pseudo[name]
            if value is UNKNOWN:
                self._because(f"{name} is not known", _PSEUDO_CURES.get(name, ""))
            return node.put(value)
        if name in self._template.parameters:
            return self._parameter(node, name)
        return self.attribute(node, name, "Ref")

    def attribute(self, node: TemplateNode, logical: str, name: str) -> TemplateNode:
        """What `Fn::GetAtt` of a resource is, or `Ref` for the name `Ref`, in the place of a node.

        Raises:
            InvalidInputError: The template has no such resource, or it depends on itself.
        """
        template, key = self._template, f"{logical}.{name}"
        if logical not in template.resources:
            maker = self._maker_of(logical)
            if maker:
                self._because(f"{shown(logical)} is made by {maker}", "")
                return node.put(UNKNOWN)
            known = [*template.parameters, *template.resources]
            raise node.error(f"there is no {shown(logical)} in the template", nearest(logical, known))
        kind = template.type_of(logical)
        if key in self._inputs.values and kind not in NAMES:
            self.used_values.add(key)
            return node.put(self._inputs.values[key])
        named = logical if kind in NAMES and name in ("Ref", NAMES[kind]) else None
        exists = self._exists(logical)
        if exists is UNKNOWN:
            assumed = self._recorder.assumed
            if not all(self._conditions.under(name, assumed) for name, _ in self._made_when(logical)):
                self._recorder.trace.perhaps_missing[logical] = None
        if exists is False:
            self._recorder.trace.causes[self._not_made(logical)] = None
            return node.put(UNKNOWN)
        return node.put(self._attribute_text(node, logical, kind, name), named)

    def _maker_of(self, logical: str) -> str:
        """What makes a resource that is not written; empty where nothing does."""
        if self._template.is_sam:
            # such as the roles of functions
            return "AWS SAM"
        if may_make(self._template.loops, logical):
            return "Fn::ForEach, which has not run"
        modules = (name for name in self._template.resources if self._template.type_of(name).endswith(_MODULE))
        # the resources of a module have its logical id before their own
        return next((f"the module Resources.{name}" for name in modules if logical.startswith(name)), "")

    def _attribute_text(self, node: TemplateNode, logical: str, kind: str, name: str) -> Text:
        key = (logical, name)
        if key not in self._attributes:
            if key in self._open:
                raise node.error(f"{shown(logical)} depends on itself", "CloudFormation makes one after the other")
            if len(self._open) == _LONGEST_CHAIN:
                raise node.error(f"more than {_LONGEST_CHAIN} resources depend on each other", "no template does that")
            self._open.append(key)
            with self._recorder.recording() as trace, self._recorder.assuming(*self._made_when(logical)):
                text = attribute(kind, name, self._stack, lambda one: self._property_text(logical, one))
                if not isinstance(text, str) and not trace.causes:
                    self._because_made(logical)
            self._open.pop()
            self._attributes[key] = text, trace
        text, trace = self._attributes[key]
        self._recorder.trace.add(trace)
        return text

    def _property_text(self, logical: str, name: str) -> Text | None:
        if self._template.is_transformed(logical):
            self._recorder.trace.causes[NOT_TRANSFORMED] = None
            return UNKNOWN
        property_node = self._property_of(logical, name)
        if property_node is None:
            return None
        text = text_of(property_node)
        if text is None or property_node.may_be_absent:
            self._because_made(logical)
            return UNKNOWN
        return text

    def _parameter(self, node: TemplateNode, name: str) -> TemplateNode:
        self._recorder.read.add(("Parameters", name))
        about = members_of(self._template.parameters[name])
        kind = literal(about.get("Type"))
        if kind.startswith("AWS::SSM::Parameter::Value"):
            self._because(f"the parameter {name} is looked up in Systems Manager", "")
            return node.put(UNKNOWN)
        if "NoEcho" in about and str(text_of(about["NoEcho"])).lower() != "false":
            # a secret stays out of reports
            self._because(f"the parameter {name} is secret (NoEcho)", "")
            return node.put(UNKNOWN)
        written = self._parameter_text(name, about)
        text = with_lookups(written)
        if text != written:
            self._recorder.trace.causes[LOOKED_UP] = None
        if isinstance(text, str) and (kind == "CommaDelimitedList" or kind.startswith("List<")):
            return node.put(tuple(node.put(item.strip()) for item in text.split(",")))
        return node.put(text)

    def _parameter_text(self, name: str, about: dict[str, TemplateNode]) -> Text:
        if name in self._inputs.parameters:
            text = self._inputs.parameters[name]
            if not isinstance(text, str):
                self._recorder.trace.open_parameters[name] = None
                self._because(f"the parameter {name} has a value that is not known", f"--parameter {name}=VALUE")
            return text
        default = about.get("Default")
        if default is None:
            self._recorder.trace.open_parameters[name] = None
            self._because(f"the parameter {name} has no value", f"--parameter {name}=VALUE")
            return UNKNOWN
        default_text = text_of(default)
        if default_text is None:
            raise default.error(f"a default that is {kind_of(default)}", "CloudFormation takes a text")
        if isinstance(default_text, str):
            what = disallowed(about, default_text)
            if what is not None:
                raise default.error(what, f"give another with --parameter {name}=VALUE")
            self._recorder.trace.defaults[name] = None
        elif isinstance(default_text, Unknown):
            self._because(f"the Default of the parameter {name} may be read in two ways", f"--parameter {name}=VALUE")
        return default_text if not isinstance(default_text, Pattern) else UNKNOWN

    def _not_made(self, logical: str) -> OpenCause:
        """Why a reference has no value: CloudFormation refuses the template for it.

        Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html (validation errors:
        Unresolved resource dependencies)
        """
        condition = literal(members_of(self._template.resources[logical]).get("Condition"))
        names = [name for name in self._conditions.parameters(condition) if name in self._template.parameters]
        values = " and ".join(f"--parameter {name}=VALUE" for name in names)
        made = f"Resources.{logical} is made"
        return OpenCause(
            f"Resources.{logical} is not made, for its condition {condition} does not hold, and CloudFormation refuses "
            "a reference to it",
            f"{values} with which {made}" if names else f"a template in which {made}, or which does not refer to it",
            is_refused=True,
        )

    def _because(self, text: str, cure: str) -> None:
        self._recorder.trace.causes[OpenCause(text, cure)] = None

    def _because_made(self, logical: str) -> None:
        self._because(f"Resources.{logical} is made in the same stack", "")
