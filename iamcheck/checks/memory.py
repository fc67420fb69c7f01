"""Keeps what checks of one run have in common, so that it is worked out once: a policy, its proofs, compiled layers."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from iamcheck.aws.session import Access
    from iamcheck.checks.options import CheckOptions
    from iamcheck.deployment import Deployment, UnplacedDeployment
    from iamcheck.iam.model import ContextValue

__all__ = ["CheckMemory", "DeploymentKey", "Same", "deployment_key"]

_Kept = TypeVar("_Kept")


class Same:
    """A value in a key that equals itself alone: to compare it by its content would cost more than to work out anew."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value


class CheckMemory:
    """What is kept between the checks of one run, of each kind no more than a number of results, the latest used.

    For one thread. Only what depends on nothing but its key may be kept: a result is the same with it and without.

    Args:
        most: Results of a kind that are kept; 0: none is.
    """

    def __init__(self, most: int = 0) -> None:
        self._most: Final = most
        self._kinds: dict[str, OrderedDict[Hashable, object]] = {}

    @property
    def keeps(self) -> bool:
        """Whether anything is kept."""
        return self._most > 0

    def once(self, kind: str, key: Hashable, make: Callable[[], _Kept]) -> _Kept:
        """What `make` gives; it is called where nothing is kept under the key.

        Args:
            kind: What is kept, such as `rendered policy`.
            key: All that the result depends on; None: something of that cannot stand in a key, and nothing is kept.
            make: Works it out.
        """
        if not self._most or key is None:
            return make()
        kept = self._kinds.setdefault(kind, OrderedDict())
        if key in kept:
            kept.move_to_end(key)
            return cast("_Kept", kept[key])
        made = make()
        kept[key] = made
        if len(kept) > self._most:
            kept.popitem(last=False)
        return made


class DeploymentKey(NamedTuple):
    """All that the rendered policy of a deployment, what it needs and the checks of both depend on."""

    deployment: Same
    region: str | None
    account_id: str | None
    context: tuple[tuple[str, ContextValue], ...]
    absent: tuple[str, ...]
    scope: str
    template: str | None
    template_dir: str | None
    pin: bool
    strict: bool
    endpoint: str | None
    config: str | None
    cloudformation_role: str | None


def deployment_key(
    unplaced: UnplacedDeployment | Deployment,
    options: CheckOptions,
    access: Access | None,
    region: str | None,
    account_id: str | None,
) -> DeploymentKey | None:
    """The key of a deployment; None: AWS's answers, or models that no key has, may have a part in it."""
    if access is not None or options.model_requests or region is None or account_id is None:
        return None
    return DeploymentKey(
        Same(unplaced),
        region,
        account_id,
        tuple(options.context.items()),
        options.absent,
        options.scope,
        None if options.template is None else str(options.template),
        None if options.template_dir is None else str(options.template_dir),
        options.pin,
        options.strict,
        options.endpoint,
        options.config,
        options.cloudformation_role,
    )
