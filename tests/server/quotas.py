"""Service Quotas' lists for SageMaker, which moto lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.server.wire import Answer, error, json_answer

if TYPE_CHECKING:
    from tests.server.calls import Call


class Quotas:
    """Quotas by name: those applied to the account, and AWS's defaults.

    Attributes:
        applied: what ListServiceQuotas lists; AWS leaves some out.
        defaults: what ListAWSDefaultServiceQuotas lists.
        page: how many a page has.
    """

    def __init__(self) -> None:
        self.applied: dict[str, float] = {}
        self.defaults: dict[str, float] = {}
        self.page = 100

    def clear(self) -> None:
        """Forget all quotas."""
        self.applied.clear()
        self.defaults.clear()
        self.page = 100

    def answer(self, call: Call) -> Answer | None:
        """Answer the two lists; ``None`` leaves the call to moto."""
        lists = {"ListServiceQuotas": self.applied, "ListAWSDefaultServiceQuotas": self.defaults}
        if call.operation not in lists:
            return None
        if call.parameters["ServiceCode"] != "sagemaker":
            return error(call.protocol, 400, "NoSuchResourceException", "no such service")
        every = list(lists[call.operation].items())
        start = int(str(call.parameters.get("NextToken", "0")))
        entries = [
            {"ServiceCode": "sagemaker", "QuotaCode": f"L-{at}", "QuotaName": name, "Value": value}
            for at, (name, value) in enumerate(every)
        ][start : start + self.page]
        more = {"NextToken": str(start + self.page)} if start + self.page < len(every) else {}
        return json_answer({"Quotas": entries, **more})
