"""Says a rule of the API in words: what a name may be made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamcheck.explain.messages.facts import Facts

__all__ = ["hint_of"]


def hint_of(facts: Facts) -> str:
    """The rule that a value breaks, in words; empty where it is not one of those that are known.

    Source: the patterns of SageMaker's API,
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
    """
    rule = facts.values.get("rule", "")
    if "[a-zA-Z0-9](-*[a-zA-Z0-9])" in rule:
        longest = " and has at most 63 characters" if "{0,62}" in rule else ""
        return (
            "A name is made of letters, digits and hyphens, begins and ends with a letter or digit"
            f"{longest}: no underscores, dots or blanks."
        )
    if "length less than or equal to" in rule:
        return "It is too long."
    if "enum value set" in rule:
        return "It is none of the values that the API knows; another spelling, or a newer SDK, may have it."
    return ""
