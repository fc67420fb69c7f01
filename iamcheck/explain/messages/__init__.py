"""Explains AWS's own texts: denials, failed endpoints and models, quotas, credentials. One table of families.

Reads text alone: nothing is asked of AWS, and of a message only its named parts are repeated.
"""

from iamcheck.explain.messages.commands import Command
from iamcheck.explain.messages.explaining import ExplainedMessage, explain_messages
from iamcheck.explain.messages.families import FAMILIES, MessageFamily

__all__ = ["FAMILIES", "Command", "ExplainedMessage", "MessageFamily", "explain_messages"]
