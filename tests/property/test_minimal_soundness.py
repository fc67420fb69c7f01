"""A law of `policy.minimal`: of a policy that passes, no request of a grid beyond the need is or may be allowed."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from hypothesis import event, given
from hypothesis import strategies as st

from iamcheck.checks import policy as proofs
from iamcheck.deployment import Deployment
from iamcheck.iam import catalogue
from iamcheck.iam.engine import Semantics
from iamcheck.iam.engine.evaluate import evaluate
from iamcheck.iam.model import Policy, PolicySet, Request
from iamcheck.permissions import required
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator
from tests.profiles import examples

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

ALONE = LocalSimulator(Semantics.ALONE)
ACCOUNT = "123456789012"
DEPLOYMENT = Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT)
NEEDED = required(DEPLOYMENT)
ENDPOINT, CONFIG = DEPLOYMENT.endpoint_arn, DEPLOYMENT.endpoint_config_arn
BOTH = ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"]
REGION, OWNER = "aws:RequestedRegion", "aws:ResourceAccount"
CONDITIONS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {"StringEquals": {REGION: "eu-west-1"}},
        {"StringEquals": {REGION: ["eu-west-1", "us-west-2"]}},
        {"StringEquals": {REGION: "eu-west-1", OWNER: ACCOUNT}},
        {"StringNotEquals": {REGION: "us-west-2"}},
        {"StringLike": {REGION: "eu-*"}},
        {"StringEqualsIfExists": {REGION: "eu-west-1"}},
        {"Bool": {"aws:SecureTransport": "true"}},
    ]
)
NAMES = (
    *("endpoint/churn", "endpoint/churnx", "endpoint/fraud", "model/m"),
    *("endpoint-config/churn-v7", "endpoint-config/churn-v7x", "endpoint-config/churn-v9", "endpoint-config/fraud"),
)


@st.composite
def entries(draw: DrawFn, arn: str) -> str:
    """An ARN, perhaps with a wildcard in one of its parts."""
    parts = arn.split(":", 5)
    place = draw(st.sampled_from([None, None, 1, 3, 4, 5]))
    if place is None:
        return arn
    value = parts[place]
    parts[place] = draw(st.sampled_from(["*", f"{value[:-1]}?", f"{value[:2]}*", f"{value}*"]))
    return ":".join(parts)


@st.composite
def statements(draw: DrawFn) -> list[dict[str, Any]]:
    """The policy of the need, perhaps wider, and perhaps with a Deny that takes something back."""
    allows: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": BOTH[:1], "Resource": [draw(entries(ENDPOINT)), draw(entries(CONFIG))]},
        {"Effect": "Allow", "Action": BOTH[1:], "Resource": [draw(entries(CONFIG))]},
    ]
    for one in allows:
        one["Condition"] = draw(CONDITIONS)
    if draw(st.booleans()):
        return allows
    kept = draw(st.sampled_from([[ENDPOINT, CONFIG], [ENDPOINT, f"{CONFIG}*"], [f"{ENDPOINT[:-1]}?", CONFIG]]))
    deny: dict[str, Any] = {"Effect": "Deny", "NotResource": kept, "Condition": draw(CONDITIONS)}
    deny[draw(st.sampled_from(["Action", "NotAction"]))] = draw(st.sampled_from(["*", "sagemaker:*", "iam:*", *BOTH]))
    return [*allows, deny]


def grid() -> list[Request]:
    """Requests in each Region, account and partition, for each name and action, but for those that are needed."""
    needed = {(one.request.action, one.request.resource) for one in NEEDED}
    places = product(("aws", "aws-cn"), ("eu-west-1", "eu-central-1", "us-west-2"), (ACCOUNT, "123456789019"), NAMES)
    found = []
    for (partition, region, account, name), action in product(places, (*BOTH, "sagemaker:DeleteEndpoint")):
        arn = f"arn:{partition}:sagemaker:{region}:{account}:{name}"
        if (action, arn) not in needed and catalogue.accepts(action, arn):
            for secure in (True, False):
                context = {REGION: region, OWNER: account, "aws:SecureTransport": secure}
                found.append(Request(action, arn, context=context))
    return found


GRID = grid()


@examples(150)
@given(statements())
def test_of_a_policy_that_passes_nothing_beyond_the_need_is_allowed(made: list[dict[str, Any]]) -> None:
    policy = Policy.parse({"Version": "2012-10-17", "Statement": made}, name="made", stored=False)
    status = proofs.minimal(policy, NEEDED, ALONE).status
    event(status.value)

    if status is Status.PASS:
        policies = PolicySet(identity=[policy])
        assert not [one for one in GRID if evaluate(one, policies).allowed is not False]
