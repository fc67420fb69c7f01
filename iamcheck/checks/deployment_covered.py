"""Checks `deployment.covered`: does the report judge every part of the file that belongs to the endpoint?

Resources of SageMaker, Application Auto Scaling and IAM do; of others (a function, a queue) no check says anything, and
the report lists them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.checks.plan import CheckOutcome
from iamcheck.results import Assumption, CheckId, CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from iamcheck.deployment.located import WrittenDeployment
    from iamcheck.results import NotCovered

__all__ = ["covered"]

_TYPES: Final = (
    *("AWS::SageMaker::", "AWS::ApplicationAutoScaling::", "AWS::IAM::"),
    *("aws_sagemaker_", "aws_appautoscaling_", "aws_iam_", "awscc_sagemaker_", "awscc_applicationautoscaling_"),
    *("awscc_iam_", "sagemaker:", "application-autoscaling:"),
    *(
        "AWS::CloudFormation::Stack",
        "Fn::ForEach::",
        "AWS::Serverless::Application",
        "aws_cloudformation_stack",
        "awscc_cloudformation_stack",
    ),
)
"""Beginnings of what belongs to an endpoint: types of resources (CloudFormation, Terraform), calls, and
stacks and loops, which can have any of these.
"""
_MODULE: Final = "::MODULE"
"""Ends the type of a module, which can have any resource, too
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html).
"""


def covered(written: WrittenDeployment, *, strict: bool) -> CheckOutcome:
    """`deployment.covered`, from what the reader of the file left out.

    Args:
        written: The deployment as it is written.
        strict: Whether a part that is not judged makes the check `unknown`.
    """
    left = [item for item in written.not_covered if item.what.startswith(_TYPES) or item.what.endswith(_MODULE)]
    if not left:
        others = len(written.not_covered)
        besides = f", {others} other{'s are' if others > 1 else ' is'} not" if others else ""
        return CheckOutcome(
            CheckResult(CheckId.DEPLOYMENT_COVERED, Status.PASS, f"the endpoint's calls are judged{besides}")
        )
    named = ", ".join(dict.fromkeys(item.what for item in left))
    result = CheckResult(
        CheckId.DEPLOYMENT_COVERED,
        Status.UNKNOWN if strict else Status.PASS,
        f"no check judges {named}",
        evidence=tuple(Evidence(note=_sentence(item), where=item.where) for item in left),
        remedy=Remedy("check what creates these by other means, or leave out --strict") if strict else None,
    )
    return CheckOutcome(result, (Assumption(f"assumed: whoever deploys may create what no check judges: {named}"),))


def _sentence(part: NotCovered) -> str:
    return f"{part.what} ({part.where}): {part.why}"
