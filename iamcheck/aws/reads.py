"""What a run reads of SageMaker: each read is asked once, whoever wants it, from whichever thread.

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
from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from iamcheck.aws.clients import AwsAnswer, Deadline

__all__ = ["RegionReads", "is_absent"]

T = TypeVar("T")

_LONGEST_PAGE: Final = 100
"""Entries; the most that ListEndpoints and the lists of Service Quotas give."""
_ALARMS: Final = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms"}
"""The types of alarms -> the members of the answer that they are in. Unasked, composite alarms are left out
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html)."""


def is_absent(error: AwsUnavailableError) -> bool:
    """True where SageMaker answered that what was asked about does not exist."""
    return error.code == "ValidationException" and "Could not find" in error.reason


class RegionReads:
    """The reads of one run, in one Region.

    Every method raises AwsUnavailableError where AWS could not be asked, and the same one each time.

    Args:
        client: Gives the client for a service, by botocore's name of it.
        deadline: When the run must have ended.
        max_concurrency: How many calls of one check are made side by side.
    """

    def __init__(
        self, client: Callable[[str], object], *, deadline: Deadline | None = None, max_concurrency: int = 4
    ) -> None:
        self._client, self._deadline, self._max_concurrency = client, deadline, max_concurrency
        self._asked: dict[Hashable, _Once] = {}
        self._lock = Lock()

    def endpoint(self, name: str) -> AwsAnswer | None:
        """The answer of DescribeEndpoint; None where there is no such endpoint."""
        return self._described("sagemaker:DescribeEndpoint", "EndpointName", name)

    def endpoint_config(self, name: str) -> AwsAnswer | None:
        """The answer of DescribeEndpointConfig; None where there is no such endpoint config."""
        return self._described("sagemaker:DescribeEndpointConfig", "EndpointConfigName", name)

    def model(self, name: str) -> AwsAnswer | None:
        """The answer of DescribeModel; None where there is no such model."""
        return self._described("sagemaker:DescribeModel", "ModelName", name)

    def endpoints(self) -> tuple[AwsAnswer, ...]:
        """The summaries of all endpoints of the Region, in whatever state, each name once."""
        found = self._entries("sagemaker:ListEndpoints", "Endpoints", MaxResults=_LONGEST_PAGE)
        return tuple({one.text("EndpointName"): one for one in found}.values())

    def endpoint_details(self) -> list[AwsAnswer | AwsUnavailableError]:
        """The answer of DescribeEndpoint for each endpoint of the Region; an error in the place of one that has none.

        An endpoint that went away after it was listed is left out.
        """
        names = [one.text("EndpointName") for one in self.endpoints()]
        found = self.side_by_side([partial(self.endpoint, name) for name in names])
        return [one for one in found if one is not None]

    def alarms(self, names: Sequence[str]) -> Mapping[str, str]:
        """The states of those alarms that there are, by name, composite ones too.

        Args:
            names: At most 100.
        """
        operation: Final = "cloudwatch:DescribeAlarms"
        found: dict[str, str] = {}
        for page in self._pages(operation, AlarmNames=list(names), AlarmTypes=list(_ALARMS)):
            if not page.data.keys() & set(_ALARMS.values()):
                raise page.unusable(f"{' and '.join(_ALARMS.values())} are missing from the answer")
            for one in (one for member in _ALARMS.values() for one in page.parts(member)):
                found[one.text("AlarmName")] = one.text("StateValue")
        return found

    def quotas(self, *, default: bool = False) -> Mapping[str, float]:
        """SageMaker's quotas by name: those that are applied to the account in the Region, or AWS's defaults."""
        operation = "servicequotas:ListAWSDefaultServiceQuotas" if default else "servicequotas:ListServiceQuotas"
        found: dict[str, float] = {}
        for one in self._entries(operation, "Quotas", ServiceCode="sagemaker", MaxResults=_LONGEST_PAGE):
            value = one.data.get("Value")
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise one.unusable("the Value of a quota is not a number")
            name = one.text("QuotaName")
            found[name] = min(float(value), found.get(name, float(value)))
        return found

    def side_by_side(self, tasks: Sequence[Callable[[], T]]) -> list[T | AwsUnavailableError]:
        """The results of tasks that read, asked side by side; the error in the place of one that could not."""
        return together(tasks, max_concurrency=self._max_concurrency)

    def _described(self, operation: str, member: str, name: str) -> AwsAnswer | None:
        try:
            answer = self._ask(operation, **{member: name})
        except AwsUnavailableError as error:
            if is_absent(error):
                return None
            raise
        if answer.text(member).lower() != name.lower():
            raise answer.unusable(f"it is about {answer.text(member)}, not about {name}")
        return answer

    def _entries(self, operation: str, member: str, **parameters: object) -> Iterator[AwsAnswer]:
        """The entries of all pages of a list; a page without the list is no answer, and none is given twice."""
        seen: list[object] = []
        for page in self._pages(operation, **parameters):
            if member not in page.data:
                raise page.unusable(f"{member} is missing from the answer")
            entries = page.parts(member)
            if entries and all(one.data in seen for one in entries):
                raise page.unusable("it gives a page twice")
            seen.extend(one.data for one in entries)
            yield from entries

    def _pages(self, operation: str, **parameters: object) -> Iterator[AwsAnswer]:
        tokens: set[str] = set()
        while True:
            page = self._ask(operation, **parameters)
            yield page
            if page.data.get("NextToken") in (None, ""):
                return
            token = page.text("NextToken")
            if token in tokens:
                raise page.unusable("its pages do not end")
            tokens.add(token)
            parameters = {**parameters, "NextToken": token}

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
