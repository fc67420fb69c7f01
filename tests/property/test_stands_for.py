"""What a pattern of a resource stands for: a denial that policies single out of it is found."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from iamcheck.checks.principal.name_patterns import differing, is_pattern
from iamcheck.iam.engine.evaluate import evaluate
from iamcheck.iam.engine.wildcards import compile_glob, glob_pieces
from iamcheck.iam.model import Policy, PolicySet, Request

PREFIX = "arn:aws:s3:::b/"
PATTERNS = st.text("ab*?", min_size=1, max_size=4).map(lambda text: PREFIX + text)
TEXTS = ["".join(letters) for length in range(4) for letters in product("abz", repeat=length)]


@given(
    st.text("ab*", min_size=1, max_size=3).filter(lambda text: "*" in text).map(lambda text: PREFIX + text),
    st.lists(st.tuples(st.sampled_from(["Resource", "NotResource"]), PATTERNS), min_size=1, max_size=2),
)
def test_what_is_denied_of_an_allowed_pattern_is_found(resource: str, denied: list[tuple[str, str]]) -> None:
    denies = [{"Effect": "Deny", "Action": "s3:GetObject", element: pattern} for element, pattern in denied]
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [allow, *denies]}
    policies = PolicySet(identity=(Policy.parse(document, name="p"),))
    request = Request("s3:GetObject", resource)
    one = evaluate(request, policies)

    found = differing(one, [pattern for _, pattern in denied], lambda other: evaluate(other, policies))

    stands_for = compile_glob(glob_pieces(resource))
    instances = [PREFIX + text for text in TEXTS if stands_for(PREFIX + text)]
    answers = {evaluate(Request("s3:GetObject", instance), policies).allowed for instance in instances}
    if found is None:
        # a denial may stand although some far-fetched name would be spared; an allow may not
        assert not one.allowed or answers <= {True}
    else:
        assert stands_for(found)
        assert evaluate(Request("s3:GetObject", found), policies).allowed is not one.allowed
    assert is_pattern(resource)
