"""Loads and renders templates. The only importer of jinja2, which is loaded when something is rendered.

Values are put in as JSON: text is escaped as inside a JSON string, anything else becomes the JSON of it. So what stands
between quotes in a template stays between them, whatever a name holds.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from iamcheck.deployment import Deployment, PartialDeployment
from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.deployment.unsettled import UnsettledError
from iamcheck.errors import InvalidInputError, TemplateError, keywords_in_errors
from iamcheck.iam.model import Policy, PolicyType
from iamcheck.permissions import check_scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import jinja2
    from jinja2.compiler import Frame
    from jinja2.nodes import Expr
    from markupsafe import Markup

    from iamcheck.deployment.features import ConfigRequest, EndpointRequest
    from iamcheck.results import Json

__all__ = [
    "MANAGED_POLICY_LIMIT",
    "RenderedPolicy",
    "generate_policy",
    "render_packaged",
    "render_policy",
    "render_trust",
]

MANAGED_POLICY_LIMIT = 6144
"""Characters of a managed policy, white space not counted.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


@dataclass(frozen=True)
class RenderedPolicy:
    """A policy that a template made for a deployment.

    Attributes:
        document: The policy as `json.loads` gives it.
        policy: The same, parsed.
        template: Path of the template.
    """

    document: dict[str, Json]
    policy: Policy
    template: str


@keywords_in_errors()
def generate_policy(
    deployment: Deployment | PartialDeployment,
    scope: str = "create",
    *,
    template: str | os.PathLike[str] | None = None,
    template_dir: str | os.PathLike[str] | None = None,
    pin: bool = False,
) -> dict[str, Json]:
    """The smallest policy that allows a deployment, as a dict for `json.dumps` or `put_role_policy`.

    Args:
        deployment: What will be created.
        scope: What the policy is for: `create`, `update`, `deploy`, `lifecycle` or `docs`.
        template: A template file of your own.
        template_dir: A folder of your own templates, laid out as iamcheck's: `policies/SCOPE.json.j2`.
        pin: Whether conditions narrow it to what the requests say: tags, instance types, models, network, key, sizes.

    Raises:
        InvalidInputError: There is no such scope.
        UnsettledError: What the policy depends on is known only when the deployment is made, or AWS would refuse it.
        TemplateError: The template is missing, does not render, or renders to anything but an IAM policy within the
            limit of a managed policy.
    """
    return render_policy(deployment, scope, template=template, template_dir=template_dir, pin=pin).document


def render_policy(
    deployment: Deployment | PartialDeployment,
    scope: str = "create",
    *,
    template: str | os.PathLike[str] | None = None,
    template_dir: str | os.PathLike[str] | None = None,
    pin: bool = False,
) -> RenderedPolicy:
    """As `generate_policy`, with the parsed policy and the template that it came from; errors name the flags."""
    check_scope(scope)
    if isinstance(deployment, PartialDeployment) or deployment.unsettled:
        raise UnsettledError(deployment.unsettled)
    pinned: Mapping[str, object] = {}
    if pin:
        from iamcheck.policies.pins import (  # imported when used: most policies are not pinned
            pinned_values,
            require_pinnable,
        )

        require_pinnable(deployment, scope)
        pinned = pinned_values(deployment)
    if template is not None and template_dir is not None:
        raise InvalidInputError("template and template_dir exclude each other", cure="give one of them")
    path, folders = _find(scope, template, template_dir)
    variables = {
        "endpoint_name": deployment.endpoint_name,
        "endpoint_config_name": deployment.endpoint_config_name,
        "region": deployment.region,
        "account_id": deployment.account_id,
        "partition": deployment.partition,
        "scope": scope,
        "pin": pin,
        "pinned": pinned,
        "tool": "sdk" if deployment.written is None else deployment.written.tool.value,
        "arns": partial(_arns, f"arn:{deployment.partition}:sagemaker:{deployment.region}:{deployment.account_id}"),
        **_request_variables(deployment),
    }
    return _identity_policy(path, variables, folders, trusted=template is None and template_dir is None)


def _identity_policy(
    path: str, variables: Mapping[str, object], folders: Sequence[str], *, trusted: bool
) -> RenderedPolicy:
    text = _render(path, variables, folders=folders, trusted=trusted)
    policy = _parsed(text, path, PolicyType.IDENTITY)
    size = len("".join(text.split()))
    if size > MANAGED_POLICY_LIMIT:
        raise TemplateError(
            f"{path}: renders to a policy of {size} characters without white space, "
            f"where a managed policy has at most {MANAGED_POLICY_LIMIT}"
        )
    return RenderedPolicy(json.loads(text), policy, path)


def _request_variables(deployment: Deployment) -> dict[str, object]:
    """What the requests say, unread: empty where they do not say it or were not given."""
    endpoint, config = deployment.endpoint_request, deployment.config_request
    # what an endpoint config that exists has is in no request
    made = None if deployment.config_exists else config
    return {
        "config_exists": deployment.config_exists,
        "endpoint_tags": _tags(endpoint),
        "endpoint_config_tags": _tags(made),
        "execution_role_arn": _text(made and made.execution_role_arn),
        "kms_key_id": _text(config and config.kms_key_id),
    }


def _tags(request: EndpointRequest | ConfigRequest | None) -> dict[str, str]:
    """Tags by their keys; what is known only when the deployment is made is shown as such, and is in no policy."""
    if request is None or request.tags is UNKNOWN:
        return {}
    return {_text(tag.key) or f"unknown {at}": _text(tag.value) for at, tag in enumerate(request.tags.known)}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def render_packaged(name: str, variables: Mapping[str, object]) -> RenderedPolicy:
    """The identity policy that a packaged template makes, for another principal than who deploys.

    Args:
        name: Name of the template, without folder and suffix, such as `checker`.
        variables: What it is made for; `region`, `account_id` and `partition` among it.

    Raises:
        TemplateError: As for `generate_policy`.
    """
    path, folders = _find(name, None, None)
    own = f"arn:{variables['partition']}:sagemaker:{variables['region']}:{variables['account_id']}"
    return _identity_policy(path, {**variables, "arns": partial(_arns, own)}, folders, trusted=True)


def render_trust(name: str, variables: Mapping[str, str]) -> dict[str, Json]:
    """The trust policy that a packaged template makes.

    Args:
        name: Name of the template, without folder and suffix, such as `sts-probe-role`.
        variables: What it is made for.

    Raises:
        TemplateError: The template is missing, does not render, or renders to anything but a trust policy.
    """
    path, folders = _find(name, None, None)
    text = _render(path, variables, folders=folders, trusted=True)
    _parsed(text, path, PolicyType.RESOURCE)
    document: dict[str, Json] = json.loads(text)
    return document


def _parsed(text: str, path: str, layer: PolicyType) -> Policy:
    try:
        return Policy.parse(text, name=os.path.basename(path), layer=layer)
    except InvalidInputError as error:
        raise TemplateError(f"{path}: does not render to a valid IAM policy: rendered, {error}") from error


def _arns(prefix: str, kind: str, name: str) -> Markup:
    """`{{ arns("endpoint", endpoint_name) }}`: the ARNs of one resource, as members of a JSON list.

    IAM matches resources with case, and the ARN that AWS authorises has been in lower case at times and as given at
    others: so a name with capitals has both spellings. A function, for a macro in a file of its own would be compiled
    at every start.
    """
    from markupsafe import Markup

    members = (json.dumps(f"{prefix}:{kind}/{spelling}") for spelling in dict.fromkeys((name, name.lower())))
    return Markup(", ".join(members))  # noqa: S704  JSON is what is made here, not HTML


def _packaged() -> str:
    """The packaged templates: beside this file in a wheel, beside the package in a checkout."""
    here = os.path.dirname(os.path.dirname(__file__))
    beside = os.path.join(here, "templates")
    return beside if os.path.isdir(beside) else os.path.join(os.path.dirname(here), "templates")


def _find(
    scope: str, template: str | os.PathLike[str] | None, template_dir: str | os.PathLike[str] | None
) -> tuple[str, tuple[str, ...]]:
    """The template, and the folders where it and what it includes are looked for."""
    packaged = _packaged()
    folders: tuple[str, ...]
    if template is not None:
        path = os.fspath(template)
        folders = (os.path.dirname(path) or os.curdir, packaged)
    else:
        # falling back to a packaged template would answer for a policy that nobody means to use
        root = packaged if template_dir is None else os.fspath(template_dir)
        path = os.path.join(root, "policies", f"{scope}.json.j2")
        folders = (os.path.dirname(path), root, packaged)
    if not os.path.isfile(path):
        raise TemplateError(f"{path}: there is no such template file")
    return path, folders


def _render(path: str, variables: Mapping[str, object], *, folders: Sequence[str], trusted: bool) -> str:
    import jinja2

    try:
        return _environment(folders, trusted=trusted).get_template(os.path.basename(path)).render(variables)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{error.filename or path}, line {error.lineno}: {error.message}") from error
    except jinja2.TemplateNotFound as error:
        raise TemplateError(f"{path}: it asks for the template {error}, which is not there") from error
    except Exception as error:
        # an expression in a template can fail in any way that Python has
        line = _line(error, path)
        place = f"{path}, line {line}" if line else path
        raise TemplateError(f"{place}: does not render: {str(error) or type(error).__name__}") from error


def _environment(folders: Sequence[str], *, trusted: bool) -> jinja2.Environment:
    import jinja2
    from jinja2.compiler import CodeGenerator
    from jinja2.nodes import Impossible, TemplateData

    class Unfolded(CodeGenerator):
        """Leaves constants to `finalize`: jinja2 escapes them for HTML while it compiles, before it asks."""

        def _output_child_to_const(self, node: Expr, frame: Frame, finalize: Any) -> str:  # noqa: ANN401  jinja2's own type is private
            if not isinstance(node, TemplateData):
                raise Impossible
            return super()._output_child_to_const(node, frame, finalize)

    kind: type[jinja2.Environment] = jinja2.Environment
    if not trusted:
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        kind = ImmutableSandboxedEnvironment
    # autoescape makes Markup of what is already JSON, the result of a macro for one, so that it is escaped once only
    environment = kind(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=_as_json,
    )
    environment.code_generator_class = Unfolded
    return environment


def _as_json(value: object) -> object:
    """What `{{ value }}` puts into a template."""
    import jinja2
    from markupsafe import Markup

    if isinstance(value, (Markup, jinja2.Undefined)):
        return value
    text = json.dumps(value)
    return Markup(text[1:-1] if isinstance(value, str) else text)  # noqa: S704  JSON is what is made here, not HTML


def _line(error: Exception, path: str) -> int | None:
    """The line of the template that was being rendered, from 1; jinja2 puts it into the traceback."""
    frame, line = error.__traceback__, None
    while frame is not None:
        if os.path.normpath(frame.tb_frame.f_code.co_filename) == os.path.normpath(path):
            line = frame.tb_lineno
        frame = frame.tb_next
    return line
