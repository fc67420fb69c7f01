"""`endpoint-config.ready`: does the endpoint config exist, or is its name free, as the deployment wants it?

AWS recommends DescribeEndpointConfig before CreateEndpoint, for that loads the endpoint config with eventually
consistent reads (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.results import AwsCall, CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from iamcheck.aws.reads import RegionReads

__all__ = ["READY", "ready"]

READY: Final = "endpoint-config.ready"


def ready(name: str, wanted: str, reads: RegionReads, *, asked_key: str | None = None) -> CheckResult:
    """The result of `endpoint-config.ready`.

    Args:
        name: The endpoint config's.
        wanted: `new`: the name must be free; `existing`: it must be there; `any`: either will do.
        reads: What is read.
        asked_key: The volume key that permissions were asked about; None: none was.

    Raises:
        AwsUnavailableError: AWS could not be asked.
    """
    found = reads.endpoint_config(name)
    if found is None:
        evidence = (Evidence(note=f"DescribeEndpointConfig: there is no endpoint config {name}"),)
        if wanted == "existing":
            cure = Remedy("create it first, or say --config new where the deployment creates it")
            return CheckResult(READY, Status.FAIL, f"there is no endpoint config {name}", evidence, remedy=cure)
        return CheckResult(READY, Status.PASS, f"the name {name} is free", evidence)
    evidence = (Evidence(call=AwsCall(found.operation, found.endpoint or "", "answered")),)
    spelled = found.text("EndpointConfigName")
    if spelled != name:
        # whether AWS tells names of endpoint configs apart by case is not documented
        return CheckResult(
            READY, Status.UNKNOWN, f"AWS answers with {spelled}, which is spelled otherwise than {name}", evidence
        )
    if wanted == "new":
        cure = Remedy("choose another name, or say --config existing where the deployment uses the one that is there")
        return CheckResult(READY, Status.FAIL, f"the endpoint config {name} exists already", evidence, remedy=cure)
    key = found.data.get("KmsKeyId") or None
    if key is not None and found.text("KmsKeyId") != asked_key:
        # CreateEndpoint with it takes a grant on its key: a pass would speak of less than the deployment needs
        why = f"the endpoint config {name} exists, with a volume key on which nobody asked about kms:CreateGrant: {key}"
        cure = Remedy("give its CreateEndpointConfig request: --config-request FILE --config existing")
        return CheckResult(READY, Status.UNKNOWN, why, evidence, remedy=cure)
    return CheckResult(READY, Status.PASS, f"the endpoint config {name} exists", evidence)
