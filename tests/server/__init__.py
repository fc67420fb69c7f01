"""A loopback AWS for tests: real HTTP on 127.0.0.1, asked by real clients.

moto carries IAM, STS, SageMaker and the rest; the policy simulator's operations, STS by Region and the Regions of an
account, which moto lacks, are served here. The fixture ``aws`` gives a ``LoopbackAws``.
"""

from tests.server.calls import Call
from tests.server.hosting import variant
from tests.server.identities import ALLOW_ALL, Caller, Credentials, trust_statement
from tests.server.loopback import LoopbackAws
from tests.server.sts import World
from tests.server.wire import Answer, Protocol, error, json_answer

__all__ = [
    "ALLOW_ALL",
    "Answer",
    "Call",
    "Caller",
    "Credentials",
    "LoopbackAws",
    "Protocol",
    "World",
    "error",
    "json_answer",
    "trust_statement",
    "variant",
]
