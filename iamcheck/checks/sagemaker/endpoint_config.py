"""Checks that the endpoint config exists, or that its name is free: `endpoint-config.ready`.

AWS recommends DescribeEndpointConfig before CreateEndpoint, which loads the endpoint config with eventually consistent
reads (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.results import AwsCall, CheckId, CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from iamcheck.aws.reads import RegionReads

__all__ = ["ready"]

_ID: Final = CheckId.ENDPOINT_CONFIG_READY


def ready(name: str, expected: str, reads: RegionReads, *, known_key: str | None = None) -> CheckResult:
    """Looks for the endpoint config.

    Args:
        name: The name of the endpoint config.
        expected: `new`: the name must be free; `existing`: it must be there; `any`: both pass.
        reads: What the check reads of the Region.
        known_key: The volume key of the CreateEndpointConfig request, else the one that the permissions of this run
            take into account; None: neither has a key.

    Raises:
        AwsUnavailableError: AWS could not be asked.
    """
    answer = reads.endpoint_config(name)
    if answer is None:
        evidence = (Evidence(note=f"DescribeEndpointConfig: there is no endpoint config {name}"),)
        if expected == "existing":
            cure = Remedy("create it first, or say --config new where the deployment creates it")
            return CheckResult(_ID, Status.FAIL, f"there is no endpoint config {name}", evidence, remedy=cure)
        return CheckResult(_ID, Status.PASS, f"the name {name} is free", evidence)
    evidence = (Evidence(call=AwsCall(answer.operation, answer.endpoint or "", "answered")),)
    spelled = answer.text("EndpointConfigName")
    if spelled != name:
        # whether names of endpoint configs that differ in case are two names is not documented
        return CheckResult(
            _ID,
            Status.UNKNOWN,
            f"AWS answers with {spelled}, and the name given is {name}",
            evidence,
        )
    if expected == "new":
        cure = Remedy("choose another name, or say --config existing where the deployment uses the one that is there")
        return CheckResult(
            _ID,
            Status.FAIL,
            f"the endpoint config {name} exists already",
            evidence,
            remedy=cure,
        )
    key = answer.data.get("KmsKeyId") or None
    if key is not None and answer.text("KmsKeyId") != known_key:
        # CreateEndpoint makes a grant on the key: a pass would cover less, or something else, than the deployment needs
        if known_key is None:
            why = f"the endpoint config {name} exists, and kms:CreateGrant on its volume key {key} was not checked"
            cure = Remedy("give its CreateEndpointConfig request: --config-request FILE --config existing")
        else:
            needed = f"the volume key {key}, on which kms:CreateGrant is needed"
            why = f"the endpoint config {name} exists with {needed}, and the request has {known_key}"
            cure = Remedy("say --config existing where the deployment uses what is there, or choose another name")
        return CheckResult(_ID, Status.UNKNOWN, why, evidence, remedy=cure)
    return CheckResult(_ID, Status.PASS, f"the endpoint config {name} exists", evidence)
