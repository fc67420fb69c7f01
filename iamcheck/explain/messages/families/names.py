"""Lists the messages about names: taken, missing, malformed, in another Region, still in progress."""

from __future__ import annotations

from typing import Final

from iamcheck.explain.messages.families.family import ARN, MessageFamily

__all__ = ["FAMILIES"]

_API: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference"
_DEPLOYER: Final = "whoever deploys"
_NO_DENIAL: Final = " This is no denial."
_NAME: Final = rf"[\"'“]?(?P<name_arn>{ARN}|[\w.:/-]{{1,200}}\w)"
_ANY: Final = r"(?P<kind>[a-z][a-z -]{1,50}?)"
_NOT_A_KIND: Final = r"(?!(?:config|configuration|data|package|quality|card|group)\b)"
"""A word that makes another kind of a model or an endpoint is no name."""
_MARKED: Final = rf"(?:[\"'“]|(?=arn:)){_NAME}"
"""A name whose start is to be seen, so that the words before it are its kind."""
_TELLING: Final = rf"(?:[\"'“]|(?=arn:)|(?=[a-zA-Z0-9-]*[0-9-][a-zA-Z0-9-]*(?:[.\s]|$))){_NAME}"
"""Or one with a digit or a hyphen, which no word of a sentence has."""
_SAGEMAKER_ARN: Final = r"[\"']?(?P<name_arn>arn:[a-z0-9-]+:sagemaker:[^\s\"'<>]+)"
_KINDS: Final = (
    r"(?P<kind>inference (?:component|experiment)|model (?:package(?: group)?|card)|notebook instance|feature group"
    r"|(?:training|processing|transform) job|monitoring schedule)"
)
_ANY_NAMES: Final = (rf"{_ANY} {_SAGEMAKER_ARN}", rf"{_KINDS} {_NAME}")
"""Other programs too do not find modules, packages and jobs."""
_CONFIG: Final = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/churn-v7"
_ENDPOINT: Final = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
_EXISTING: Final = r"[Cc]annot create already existing"
_MISSING: Final = r"[Cc]ould not find"

_RULE: Final = (
    r"\[?Member must (?:satisfy regular expression pattern: \S+|satisfy enum value set: \[[^\]]{0,2000}\]?"
    r"|have (?:length|value) (?:less|greater) than or equal to \d+|not be null|[\w ]{1,80})"
)
"""How AWS's validation words a rule; what stands behind it is no part of it."""

FAMILIES: Final = (
    MessageFamily(
        "config-exists",
        "The endpoint config exists already",
        (rf"{_EXISTING} endpoint configuration {_NAME}",),
        "The endpoint config {name} exists already." + _NO_DENIAL,
        "An endpoint config cannot be changed: give the new one another name.",
        f"{_API}/API_CreateEndpointConfig.html",
        f'Cannot create already existing endpoint configuration "{_CONFIG}".',
        ("whether the endpoint config that exists is the one that was meant",),
        ("describe-config",),
        _DEPLOYER,
        ("endpoint-config.ready",),
    ),
    MessageFamily(
        "endpoint-exists",
        "The endpoint's name is taken",
        (rf"{_EXISTING} endpoint {_NOT_A_KIND}{_NAME}",),
        "The name {name} is taken: endpoint names are unique in an account and a Region whatever their case, and an "
        "endpoint that is being deleted or has failed still has its name." + _NO_DENIAL,
        "Give the endpoint another name, update the one that exists, or delete it first.",
        f"{_API}/API_CreateEndpoint.html",
        f'Cannot create already existing endpoint "{_ENDPOINT}".',
        ("in what state the endpoint is",),
        ("describe-endpoint",),
        _DEPLOYER,
        ("endpoint-name.ready",),
    ),
    MessageFamily(
        "model-exists",
        "The model's name is taken",
        (rf"{_EXISTING} model {_NOT_A_KIND}{_NAME}",),
        "The model {name} exists already." + _NO_DENIAL,
        "A model cannot be changed: give the new one another name, or delete the one that exists.",
        f"{_API}/API_CreateModel.html",
        'Cannot create already existing model "arn:aws:sagemaker:eu-west-1:123456789012:model/churn".',
        ("whether the model that exists is the one that was meant",),
        ("describe-model",),
        _DEPLOYER,
        ("model-name.ready",),
    ),
    MessageFamily(
        "exists",
        "A name is taken",
        (*(rf"{_EXISTING} {name}" for name in _ANY_NAMES), rf"{_EXISTING} {_KINDS}[.\"' ]"),
        "There is a {kind} of the name {name} already." + _NO_DENIAL,
        "Give the new one another name, or delete the one that exists.",
        f"{_API}/API_Operations_Amazon_SageMaker_Service.html",
        "Cannot create already existing inference component "
        '"arn:aws:sagemaker:eu-west-1:123456789012:inference-component/churn".',
        ("whether the one that exists is the one that was meant",),
        ("describe",),
        _DEPLOYER,
    ),
    MessageFamily(
        "config-missing",
        "The endpoint config is not found",
        (rf"{_MISSING} endpoint configuration {_TELLING}",),
        "SageMaker does not find the endpoint config {name}: it is not in this account and Region, its name has "
        "another case, or it was made a moment ago and is not seen yet, because these reads are eventually "
        "consistent." + _NO_DENIAL,
        "Compare the name, account and Region; after a create that succeeded, try again.",
        f"{_API}/API_CreateEndpoint.html",
        f'Could not find endpoint configuration "{_CONFIG}".',
        ("whether a later try would find it",),
        ("describe-config",),
        _DEPLOYER,
        ("endpoint-config.ready",),
    ),
    MessageFamily(
        "endpoint-missing",
        "The endpoint is not found",
        (rf"{_MISSING} endpoint {_TELLING}", rf"[Ee]ndpoint {_NAME}[\"']? of account (?:\d{{12}}|ACCOUNT) not found"),
        "SageMaker does not find the endpoint {name} in this account and Region." + _NO_DENIAL,
        "Compare the name, account and Region.",
        f"{_API}/API_DescribeEndpoint.html",
        f'Could not find endpoint "{_ENDPOINT}".',
        (),
        ("describe-endpoint",),
        _DEPLOYER,
        ("endpoint-name.ready",),
    ),
    MessageFamily(
        "model-missing",
        "The model is not found",
        (rf"{_MISSING} model {_MARKED}",),
        "SageMaker does not find the model {name} in this account and Region." + _NO_DENIAL,
        "Create the model first, or correct the name in the endpoint config.",
        f"{_API}/API_CreateEndpointConfig.html",
        'Could not find model "arn:aws:sagemaker:eu-west-1:123456789012:model/churn".',
        (),
        ("describe-model",),
        _DEPLOYER,
        ("models.exist",),
    ),
    MessageFamily(
        "missing",
        "A resource is not found",
        tuple(rf"{_MISSING} (?!model data){name}" for name in _ANY_NAMES),
        "SageMaker does not find the {kind} {name} in this account and Region." + _NO_DENIAL,
        "Compare the name, account and Region.",
        f"{_API}/API_Operations_Amazon_SageMaker_Service.html",
        'Could not find inference component "arn:aws:sagemaker:eu-west-1:123456789012:inference-component/churn".',
        (),
        ("describe",),
        _DEPLOYER,
    ),
    MessageFamily(
        "other-region",
        "An ARN is of another Region",
        (
            r"scoped to (?:the |an? )?(?:correct|wrong|incorrect|right|different|other) [Rr]egion:? ?"
            r"[\"']?(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)?",
        ),
        "A resource that the request names by its ARN is of another Region than the call. SageMaker takes what is in "
        "its "
        "own Region ({region}).",
        "Name the resource of the Region that is called, or call the Region of the resource.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
        "An error occurred (ValidationException) when calling the CreateEndpointConfig operation: ARN should be scoped "
        "to correct region: eu-west-1",
        ("which member of the request it is",),
        ("check-request",),
        _DEPLOYER,
        ("request.valid",),
    ),
    MessageFamily(
        "constraint",
        "A value breaks a rule of the API",
        (
            # the value itself is not named, for it may be a secret
            r"[Vv]alue (?:'[^']{0,300}'|\"[^\"]{0,300}\"|\S{1,300}) at '(?P<member>[^']{1,200})' failed to satisfy "
            rf"constraint: (?P<rule>{_RULE})",
        ),
        "The member {member} of the request breaks a rule of SageMaker's API: {rule}. {hint}" + _NO_DENIAL,
        "Correct the value; the check request.valid lists everything of the kind at once.",
        f"{_API}/CommonErrors.html",
        "1 validation error detected: Value 'my_config' at 'endpointConfigName' failed to satisfy constraint: Member "
        "must "
        "satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9])*",
        (),
        ("check-request",),
        _DEPLOYER,
        ("request.valid",),
    ),
    MessageFamily(
        "in-progress",
        "The resource is being changed",
        (rf"[Cc]annot (?P<verb>update|delete|invoke|modify) in-progress {_ANY} {_NAME}",),
        "The {kind} {name} is still being created, updated or deleted, and SageMaker changes one thing at a time."
        + _NO_DENIAL,
        "Wait until it is InService or Failed, and then try again.",
        f"{_API}/API_UpdateEndpoint.html",
        f'Cannot update in-progress endpoint "{_ENDPOINT}".',
        ("how long it will take",),
        ("wait-in-service", "describe-endpoint"),
        _DEPLOYER,
        ("endpoint-name.ready",),
    ),
)
