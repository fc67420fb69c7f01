"""Reads SageMaker, each call once a run; tells "does not exist" (AWS's "Could not find") from "could not ask".

An answer that is not there, or not about what was asked, is a could-not-ask; only AWS's own words say that something
does not exist. SageMaker has no error of its own for that: it is a ValidationException "Could not find ..."
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpointConfig.html has none among its errors).
"""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar

from iamcheck.aws.clients import call
from iamcheck.aws.concurrency import together
from iamcheck.aws.pages import pages
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from iamcheck.aws.clients import AwsAnswer, Deadline

__all__ = ["RegionReads"]

T = TypeVar("T")

_LONGEST_PAGE: Final = 100
"""Entries; the most that ListEndpoints and the lists of Service Quotas give."""
_ALARMS: Final = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms"}
"""The types of alarms -> the members of the answer that they are in. Unasked, composite alarms are left out
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html)."""


def _is_absent(error: AwsUnavailableError) -> bool:
    """True where SageMaker answered that what was asked about does not exist."""
    return error.code == "ValidationException" and "could not find" in error.reason.casefold()


class RegionReads:
    """The reads of one run, in one Region.

    Every method raises AwsUnavailableError where AWS could not be asked, and the same one each time.

    Args:
        client: Gives the client for a service in the Region, by botocore's name of it.
        region: The Region.
        deadline: When the run must have ended.
        max_concurrency: How many calls of one check are made side by side.
    """

    def __init__(
        self,
        client: Callable[[str], object],
        *,
        region: str,
        deadline: Deadline | None = None,
        max_concurrency: int = 4,
    ) -> None:
        self.region = region
        self._client, self._deadline, self._max_concurrency = client, deadline, max_concurrency
        self._asked: dict[Hashable, _Once] = {}
        self._lock = Lock()

    def until(self, deadline: Deadline) -> RegionReads:
        """The same reads with another deadline: what was asked under one of them, the other does not ask again."""
        reads = RegionReads(self._client, region=self.region, deadline=deadline, max_concurrency=self._max_concurrency)
        reads._asked, reads._lock = self._asked, self._lock
        return reads

    def endpoint(self, name: str) -> AwsAnswer | None:
        """The answer of DescribeEndpoint; None where there is no such endpoint."""
        return self._described("sagemaker:DescribeEndpoint", "EndpointName", name)

    def endpoint_config(self, name: str) -> AwsAnswer | None:
        """The answer of DescribeEndpointConfig; None where there is no such endpoint config."""
        return self._described("sagemaker:DescribeEndpointConfig", "EndpointConfigName", name)

    def model(self, name: str) -> AwsAnswer | None:
        """The answer of DescribeModel; None where there is no such model."""
        return self._described("sagemaker:DescribeModel", "ModelName", name)

    def tags(self, arn: str) -> tuple[AwsAnswer, ...]:
        """The tags of a resource of SageMaker, as ListTags answers them."""
        return tuple(self._entries("sagemaker:ListTags", "Tags", ResourceArn=arn))

    def endpoints(self) -> tuple[AwsAnswer, ...]:
        """The summaries of all endpoints of the Region, in whatever state, each name once."""
        summaries = self._entries("sagemaker:ListEndpoints", "Endpoints", MaxResults=_LONGEST_PAGE)
        return tuple({summary.text("EndpointName"): summary for summary in summaries}.values())

    def endpoint_details(self) -> list[AwsAnswer | AwsUnavailableError]:
        """The answer of DescribeEndpoint for each endpoint of the Region; an error in the place of one that has none.

        An endpoint that went away after it was listed is left out.
        """
        names = [summary.text("EndpointName") for summary in self.endpoints()]
        details = self.side_by_side([partial(self.endpoint, name) for name in names])
        return [description for description in details if description is not None]

    def alarms(self, names: Sequence[str]) -> Mapping[str, str]:
        """The states of those alarms that there are, by name, composite ones too.

        Args:
            names: At most 100.
        """
        operation: Final = "cloudwatch:DescribeAlarms"
        states: dict[str, str] = {}
        lists = tuple(_ALARMS.values())
        for page in self._pages(operation, *lists, AlarmNames=list(names), AlarmTypes=list(_ALARMS)):
            for alarm in (alarm for member in lists for alarm in page.parts(member)):
                states[alarm.text("AlarmName")] = alarm.text("StateValue")
        return states

    def scalable_targets(self) -> tuple[tuple[str, str], ...]:
        """What Application Auto Scaling scales of SageMaker in the Region: each ResourceId with its dimension."""
        targets = self._entries(
            "application-autoscaling:DescribeScalableTargets", "ScalableTargets", ServiceNamespace="sagemaker"
        )
        return tuple((target.text("ResourceId"), target.text("ScalableDimension")) for target in targets)

    def quotas(self, *, default: bool = False) -> Mapping[str, float]:
        """SageMaker's quotas by name: those that are applied to the account in the Region, or AWS's defaults."""
        operation = "servicequotas:ListAWSDefaultServiceQuotas" if default else "servicequotas:ListServiceQuotas"
        limits: dict[str, float] = {}
        for entry in self._entries(operation, "Quotas", ServiceCode="sagemaker", MaxResults=_LONGEST_PAGE):
            value = entry.data.get("Value")
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise entry.unusable("the Value of a quota is not a number")
            name = entry.text("QuotaName")
            limits[name] = min(float(value), limits.get(name, float(value)))
        return limits

    def side_by_side(self, tasks: Sequence[Callable[[], T]]) -> list[T | AwsUnavailableError]:
        """The results of tasks that read, asked side by side; the error in the place of one that could not."""
        return together(tasks, max_concurrency=self._max_concurrency)

    def _described(self, operation: str, member: str, name: str) -> AwsAnswer | None:
        try:
            answer = self._ask(operation, **{member: name})
        except AwsUnavailableError as error:
            if _is_absent(error):
                return None
            raise
        # names are unique without regard to case
        if answer.text(member).casefold() != name.casefold():
            raise answer.unusable(f"it is about {shown(answer.text(member))}, not about {shown(name)}")
        return answer

    def _entries(self, operation: str, member: str, **parameters: object) -> Iterator[AwsAnswer]:
        """The entries of all pages of a list."""
        for page in self._pages(operation, member, **parameters):
            yield from page.parts(member)

    def _pages(self, operation: str, *lists: str, **parameters: object) -> Iterator[AwsAnswer]:
        return pages(lambda token: self._ask(operation, **parameters, **token), *lists)

    def _ask(self, operation: str, **parameters: object) -> AwsAnswer:
        key = (operation, *((name, repr(value)) for name, value in sorted(parameters.items())))
        with self._lock:
            once = self._asked.setdefault(key, _Once())
        return once.result(lambda: self._call(operation, parameters))

    def _call(self, operation: str, parameters: dict[str, object]) -> AwsAnswer:
        service = operation.partition(":")[0]
        return call(self._client(_SERVICES.get(service, service)), operation, self._deadline, **parameters)


_SERVICES: Final = {"servicequotas": "service-quotas"}
"""The prefix of a service in actions -> botocore's name of it, where they differ."""


class _Once:
    """A call that is made by whoever comes first; the others wait for its result."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._result: AwsAnswer | AwsUnavailableError | None = None

    def result(self, ask: Callable[[], AwsAnswer]) -> AwsAnswer:
        with self._lock:
            if self._result is None:
                try:
                    self._result = ask()
                except AwsUnavailableError as error:
                    self._result = error
        if isinstance(self._result, AwsUnavailableError):
            raise self._result
        return self._result
