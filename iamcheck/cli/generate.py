"""Runs `iamcheck generate`: prints the policy itself, ready to pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, cast

import click

from iamcheck.cli import options
from iamcheck.cli.aws_access import access_of, instead_of_credentials
from iamcheck.cli.exit_status import DONE
from iamcheck.cli.output import say, write
from iamcheck.cli.parsing import MappingCommand
from iamcheck.formats import POLICY_FORMATS
from iamcheck.formats.text import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iamcheck.aws.session import Access
    from iamcheck.cli.words import GenerateWords
    from iamcheck.deployment import Deployment, PartialDeployment, UnplacedDeployment
    from iamcheck.formats.policies.parts import PolicyForm
    from iamcheck.iam.model import Policy
    from iamcheck.results import Json

__all__ = ["command"]

_IDENTITY_POLICIES: Final = ("deployer", "execution-role", "checker", "exporter")
"""Whose policies have the size of a managed policy; the others are trust policies."""

_SUBJECTS_OF: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "--pin": ("pin", ("deployer",)),
    "--portable": ("portable", ("deployer", "execution-role", "checker")),
    "--principal": ("principal", ("sts-probe-role", "checker")),
    "--model-request": ("model_request", ("deployer", "execution-role", "checker")),
    "--request-for": ("request_for", ("deployer", "checker")),
    "--service-linked-role": ("service_linked_role", ("deployer",)),
    "--live": ("live", ("execution-role",)),
    "--execution-role": ("execution_role", ("execution-role", "checker")),
    "--model-data-key": ("model_data_key", ("execution-role",)),
    "--async-input": ("async_input", ("execution-role",)),
    "--check": ("checks", ("checker",)),
    "--split": ("split", _IDENTITY_POLICIES),
    "--sts-probe-role": ("sts_probe_role", ("checker",)),
}
"""By flag: its word, and whose policies it is for."""

_EXAMPLES = """\b
Examples:
  iamcheck generate churn churn-v7 --region eu-west-1 --account-id 123456789012
  iamcheck generate churn churn-v7 --region eu-west-1 --account-id 123456789012 \\
      --format terraform --portable
"""


@click.command("generate", cls=MappingCommand, epilog=_EXAMPLES)
@options.names
@options.requests
@options.connection
@options.rendering
@options.subjects
@click.option(
    "--format",
    "form",
    type=click.Choice(POLICY_FORMATS),
    default=POLICY_FORMATS[0],
    show_default=True,
    help="How to write the policy: as JSON, Terraform configuration, a CloudFormation template, or commands of the AWS "
    "CLI.",
)
@click.option(
    "--portable",
    is_flag=True,
    help="With every --format but json: take the account, the Region and the partition from where the policy is "
    "deployed.",
)
@options.output_file
@click.option(
    "--split",
    metavar="DIR",
    help="Write the policy there as policy-1.json, policy-2.json and so on, each within IAM's limit of 6,144 "
    "characters: together they allow the same.",
)
@options.debug
def command(words: GenerateWords) -> int:
    """Print the least-privilege policy for ENDPOINT and CONFIG, as JSON or in the form that you deploy.

    It needs no network where you give the Region and the account id.
    """
    _refuse_strangers(words)
    with instead_of_credentials(_instead_of_credentials(words)):
        generated = _DOCUMENTS[words["subject"]](words)
    document = generated.document
    if words["split"] is not None:
        from iamcheck.cli.split_files import write_policies  # few policies are so large
        from iamcheck.policies.splitting import split_policy

        write_policies(split_policy(document), words["split"])
        return DONE
    if words["subject"] in _IDENTITY_POLICIES:
        from iamcheck.policies.rendering import require_within_limit

        require_within_limit(document, words["template"] or words["template_dir"] or "this policy")
    write(_text(generated, words), words["output_file"])
    return DONE


def _text(generated: _Generated, words: GenerateWords) -> str:
    if words["form"] == "json":
        return json_text(generated.document)
    from iamcheck.formats.policies import render_policy_as

    return render_policy_as(generated.document, words["form"], _form(generated, words))


class _Generated(NamedTuple):
    """A policy, and the deployment that it is for; None: it is the trust policy of a role for any deployment.

    `is_of_several`: it is for several deployments, and this is the first of them.
    """

    document: Mapping[str, Json]
    deployment: Deployment | PartialDeployment | None = None
    is_of_several: bool = False


def _form(generated: _Generated, words: GenerateWords) -> PolicyForm:
    """What the policy is called, and with --portable what its account, Region and partition are."""
    from iamcheck.formats.policies.parts import PolicyForm, PolicyPlace

    subject, deployment = words["subject"], generated.deployment
    if deployment is None:
        return PolicyForm(subject, subject.removesuffix("-trust"), is_trust=subject not in _IDENTITY_POLICIES)
    # a family of names has a wildcard, which no policy may have in its name
    of = "" if generated.is_of_several else deployment.endpoint_name or deployment.endpoint_config_name or ""
    named = of.replace("*", "").strip("-")
    name = "-".join(filter(None, (subject, named)))
    region, account_id, partition = deployment.region, deployment.account_id, deployment.partition
    if not words["portable"] or region is None or account_id is None or partition is None:
        return PolicyForm(subject, name)
    return PolicyForm(subject, name, place=PolicyPlace(account_id, region, partition))


def _access(words: GenerateWords) -> Access:
    return access_of(words, debug=words["debug"])


def _instead_of_credentials(words: GenerateWords) -> str:
    """What to give so that the policy needs no credentials; empty: everything of it is there."""
    account = () if words["account_id"] else ("--account-id ID",)
    if words["live"]:
        return " and ".join(("leave --live out", *(f"give {flag}" for flag in account)))
    if words["subject"] not in _SUBJECTS_OF["--principal"][1]:
        return "".join(f"give {flag}" for flag in account)
    # a session's role, whose path is not in the ARN of the session, is read from IAM
    principal = ("--principal with the ARN of the role",) if words["principal"] else ("--principal ARN",)
    return "give " + " and ".join((*(account if words["subject"] == "checker" else ()), *principal))


def _sts_probe_role(words: GenerateWords) -> _Generated:
    from iamcheck import api

    return _Generated(api.generate_sts_probe_role(_access(words), region=words["region"], principal=words["principal"]))


def _execution_role_trust(words: GenerateWords) -> _Generated:
    from iamcheck import api

    return _Generated(
        api.generate_execution_role_trust(_access(words), region=words["region"], account_id=words["account_id"])
    )


def _exporter(words: GenerateWords) -> _Generated:
    from iamcheck import api

    return _Generated(api.generate_exporter(_access(words), region=words["region"], account_id=words["account_id"]))


def _execution_role(words: GenerateWords) -> _Generated:
    from iamcheck.policies.execution_role import execution_role_of

    access = _access(words)
    _, deployment = _deployment(words, access)
    document = execution_role_of(
        deployment,
        role=words["execution_role"],
        async_inputs=words["async_input"],
        model_data_keys=words["model_data_key"],
        live=access if words["live"] else None,
    )
    return _Generated(document, deployment)


def _checker(words: GenerateWords) -> _Generated:
    from iamcheck import api

    access = _access(words)
    _, deployment = _deployment(words, access)
    document = api.generate_checker(
        deployment,
        access,
        principal=words["principal"],
        execution_role=words["execution_role"],
        probe_role=words["sts_probe_role"],
        checks=words["checks"],
    )
    return _Generated(document, deployment)


def _deployer(words: GenerateWords) -> _Generated:
    """The policy of whoever deploys; of several endpoints in a file, the one that deploys them all."""
    from iamcheck import api
    from iamcheck.cli.deployments import drafts

    is_placed = words["region"] is not None and words["account_id"] is not None
    access = None if is_placed else _access(words)
    resolved = [_resolved(draft, words, access) for draft in drafts(words)]
    rendered = [
        api.render_policy(
            deployment, scope, template=words["template"], template_dir=words["template_dir"], pin=words["pin"]
        )
        for scope, deployment in resolved
    ]
    notes = (
        text
        for (scope, deployment), each in zip(resolved, rendered, strict=True)
        for text in _notes_on(each.policy, deployment, scope, is_pinned=words["pin"])
    )
    for text in dict.fromkeys(notes):
        say(text)
    _, first = resolved[0]
    if len(rendered) == 1:
        return _Generated(rendered[0].document, first)
    from iamcheck.policies.merging import merged_document  # most files have one endpoint

    return _Generated(merged_document([each.document for each in rendered]), first, is_of_several=True)


def _notes_on(
    policy: Policy, deployment: Deployment | PartialDeployment, scope: str, *, is_pinned: bool
) -> Iterator[str]:
    """What there is to say of a policy beside it."""
    from iamcheck.deployment import Deployment

    if is_pinned and isinstance(deployment, Deployment):
        from iamcheck.policies.pins import unpinned  # few policies are pinned

        yield from (f"not pinned: {text}" for text in unpinned(deployment, scope))
    yield from _stack_tag_notes(deployment)
    yield from _family_notes(policy, deployment)


def _stack_tag_notes(deployment: Deployment | PartialDeployment) -> Iterator[str]:
    """What the policy does not grant, for only tags of the stack need it."""
    from iamcheck.deployment import Deployment
    from iamcheck.deployment.unknown import UNKNOWN

    if not isinstance(deployment, Deployment):
        return
    requests = (
        deployment.endpoint_request,
        deployment.config_request,
        *deployment.model_requests,
        *deployment.resource_requests,
    )
    tags = [request.tags for request in requests if request is not None and request.tags is not UNKNOWN]
    if any(tag.open_prefix == "" and not tag.known for tag in tags):
        yield (
            "not granted: sagemaker:AddTags, which tags of the stack need "
            "(--stack-tag KEY=VALUE says them, --no-stack-tags that there are none)"
        )


def _family_notes(policy: Policy, deployment: Deployment | PartialDeployment) -> tuple[str, ...]:
    """What the wildcards of a family of names grant beyond a single deployment."""
    from iamcheck.deployment import Deployment

    if not isinstance(deployment, Deployment) or not deployment.names_are_patterns:
        return ()
    from iamcheck.policies.families import beyond_one_deployment  # most policies are for a single deployment

    return beyond_one_deployment(policy, deployment)


_DOCUMENTS: Final[Mapping[str, Callable[[GenerateWords], _Generated]]] = {
    "deployer": _deployer,
    "execution-role": _execution_role,
    "execution-role-trust": _execution_role_trust,
    "checker": _checker,
    "sts-probe-role": _sts_probe_role,
    "exporter": _exporter,
}
"""How each subject's policy is made."""


def _deployment(words: GenerateWords, access: Access | None) -> tuple[str, Deployment | PartialDeployment]:
    """The scope and the deployment that the policy is for."""
    from iamcheck.cli.deployments import drafts, only

    return _resolved(only(drafts(words)), words, access)


def _resolved(
    draft: UnplacedDeployment, words: GenerateWords, access: Access | None
) -> tuple[str, Deployment | PartialDeployment]:
    """The scope and the deployment, in its Region and account."""
    from iamcheck import api

    updates = draft.written is not None and draft.written.updates
    scope = words["scope"] or ("update" if updates else options.SCOPES[0])
    return scope, api.resolve_deployment(draft, access, region=words["region"], account_id=words["account_id"])


def _refuse_strangers(words: GenerateWords) -> None:
    """Returns where every word has a meaning for the subject."""
    subject, values = words["subject"], cast("Mapping[str, object]", words)
    for flag, (name, subjects) in _SUBJECTS_OF.items():
        if values[name] and subject not in subjects:
            raise click.UsageError(f"{flag} goes with --for {' or --for '.join(subjects)}")
    if words["split"] is not None and words["output_file"] is not None:
        raise click.UsageError("--split writes files of its own: leave --output-file out")
    if words["split"] is not None and words["form"] != "json":
        raise click.UsageError(f"--split writes JSON: leave --format {words['form']} out")
    if words["portable"] and words["form"] == "json":
        others = ", ".join(POLICY_FORMATS[1:])
        raise click.UsageError(f"--portable: JSON has no name for an account or a Region (give --format {others})")
    names = [flag for flag, name in _NAMES_ENDPOINT.items() if values[name]]
    if subject in _WITHOUT_ENDPOINT and names:
        raise click.UsageError(f"--for {subject} is for any endpoint: leave out {', '.join(names)}")


_WITHOUT_ENDPOINT: Final = ("sts-probe-role", "execution-role-trust", "exporter")
_NAMES_ENDPOINT: Final = {
    "ENDPOINT": "endpoint_argument",
    "CONFIG": "config_argument",
    "--endpoint-name": "endpoint_name",
    "--endpoint-config-name": "endpoint_config_name",
    "--request": "request",
    "--config-request": "config_request",
    "--from": "source",
}
"""What names an endpoint, as people type it, with its word."""
