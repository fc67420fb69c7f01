"""Says how many examples hypothesis draws for a property, and whether they are the same in every run.

By default they are the same: what landed yesterday lands today. With HYPOTHESIS_PROFILE=explore they are others in each
run, and ten times as many.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

from hypothesis import HealthCheck, settings

__all__ = ["examples", "load"]

_FACTORS: Final = {"same": 1, "explore": 10}
_PROFILE: Final = os.environ.get("HYPOTHESIS_PROFILE", "same")
_MANY: Final = 100
"""Examples of a property that names no number, as hypothesis has it."""


def load() -> None:
    """Makes the profile of the environment hypothesis's default, for properties without settings of their own."""
    settings.register_profile(
        _PROFILE,
        derandomize=_PROFILE == "same",
        max_examples=_MANY * _FACTORS[_PROFILE],
        print_blob=True,
        # how long an example takes says more about the machine's other work than about the code
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile(_PROFILE)
    if _PROFILE == "same":
        _forget_modules()


def _forget_modules() -> None:
    """Keep hypothesis from drawing constants of the modules that are loaded: part of the tests loads others than all.

    There is no public way to say so. A version that has no such constants, or has them elsewhere, draws as it likes.
    """
    with suppress(ImportError):
        from hypothesis.internal.conjecture import providers

        if hasattr(providers, "_get_local_constants"):
            none = providers._local_constants
            providers._get_local_constants = lambda: none


def examples(count: int, *suppressed: HealthCheck) -> settings:
    """The settings of a property.

    Args:
        count: Examples by default; the profile may multiply them.
        suppressed: Health checks that do not hold for this property.
    """
    return settings(max_examples=count * _FACTORS[_PROFILE], suppress_health_check=[HealthCheck.too_slow, *suppressed])
