"""Properties of resources -> requests of SageMaker's API.

Their names are the API's; CloudFormation makes numbers and truth values of texts, and texts of them, as a member wants.

Sources:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-endpoint.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-endpointconfig.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-model.html
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from iamcheck.deployment.cloudformation._attributes import CONFIG, ENDPOINT, MODEL, NAMES
from iamcheck.deployment.cloudformation._tree import Bare, Tree, bare_text, is_truth
from iamcheck.deployment.located import UNKNOWN, Member, Pattern, Unknown
from iamcheck.iam.catalogue import request_kinds, request_members
from iamcheck.iam.model.json_text import shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.iam.model import Place

__all__ = ["OPERATIONS", "REFERENCES", "request_member"]

OPERATIONS: Final[Mapping[str, Literal["CreateEndpoint", "CreateEndpointConfig", "CreateModel"]]] = {
    ENDPOINT: "CreateEndpoint",
    CONFIG: "CreateEndpointConfig",
    MODEL: "CreateModel",
}
REFERENCES: Final = {"EndpointConfigName": CONFIG, "ModelName": MODEL, "ModelNameOverride": MODEL}
"""Members that name a resource of that type, by `Fn::GetAtt`; `Ref` gives its ARN, which the API does not take."""
_DROPPED: Final = {
    ENDPOINT: ("ExcludeRetainedVariantProperties", "RetainAllVariantProperties", "RetainDeploymentConfig")
}
"""Properties that are of UpdateEndpoint alone."""
_WHOLE: Final = r"-?(?:0|[1-9][0-9]{0,18})"
_DECIMAL: Final = r"-?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,3})?"


@lru_cache(maxsize=1)
def _shapes() -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, Mapping[str, str]]]:
    return request_members(), request_kinds()


def request_member(properties: Tree, kind: str, template: Place, name_of: Callable[[str, str], Tree | None]) -> Member:
    """The request that CloudFormation makes of a resource's properties.

    Args:
        properties: The properties, worked out.
        kind: The resource's type.
        template: Where the template is written.
        name_of: Finds the name of a resource by its logical id, if it is of that type.

    Raises:
        InvalidInputError: There is a property that neither CloudFormation nor the API has.
    """
    if not isinstance(properties.value, dict):
        return Member(UNKNOWN, "", properties.place(template))
    kept = {name: tree for name, tree in properties.value.items() if name not in _DROPPED.get(kind, ())}
    # CloudFormation makes a name up where there is none
    kept.setdefault(NAMES[kind], properties.put(UNKNOWN))
    return _member(properties.put(kept), (OPERATIONS[kind], ""), "", template, name_of)


def _member(
    tree: Tree, about: tuple[str, str], path: str, template: Place, name_of: Callable[[str, str], Tree | None]
) -> Member:
    here = tree.place(template)
    value = tree.value
    if isinstance(value, tuple):
        items = (_member(item, about, f"{path}[{at}]", template, name_of) for at, item in enumerate(value))
        return Member(tuple(items), path, here)
    if isinstance(value, dict):
        members = {}
        for name, member in value.items():
            kind = REFERENCES.get(name)
            named = name_of(member.named, kind) if member.named and kind else None
            within = f"{path}.{name}" if path else name
            # the API takes no ARN for a name; what is not known of an ARN is not known of the name in it
            found = member if named is None or _is_arn(member) else member.put(named.value)
            members[name] = _member(found, _kind_of(member, about[0], name), within, template, name_of)
        return Member(members, path, here)
    return Member(_scalar(value, about[1]), path, here)


def _is_arn(tree: Tree) -> bool:
    text = tree.value.text if isinstance(tree.value, Pattern) else tree.value
    return isinstance(text, str) and text.startswith("arn:")


def _kind_of(tree: Tree, shape: str, name: str) -> tuple[str, str]:
    """Structure and type of a member; both empty for texts and what is in maps."""
    if not shape:
        return "", ""
    members, kinds = _shapes()
    if name not in members[shape]:
        raise tree.error(f"{shape} has no member {shown(name)}", nearest(name, members[shape]))
    return members[shape][name], kinds.get(shape, {}).get(name, "")


def _scalar(
    value: str | Bare | Unknown | Pattern | None, kind: str
) -> str | int | float | bool | Unknown | Pattern | None:
    if value is None or isinstance(value, (Pattern, Unknown)):
        # a number of which a part is known is not known
        return UNKNOWN if isinstance(value, Pattern) and kind else value
    text = value.text if isinstance(value, Bare) else value
    if not kind:
        return bare_text(value) if isinstance(value, Bare) else text
    if kind == "boolean":
        truth = is_truth(text, bare=isinstance(value, Bare))
        return text if truth is None else truth
    if re.fullmatch(_WHOLE, text):
        return int(text)
    if re.fullmatch("-?0[0-9]+", text):
        # octal or decimal, according to who reads it
        return UNKNOWN
    if kind in ("float", "double") and re.fullmatch(_DECIMAL, text) and math.isfinite(float(text)):
        return float(text)
    return text
