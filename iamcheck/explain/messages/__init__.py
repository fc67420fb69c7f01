"""From the message that AWS showed for a denial to what it means, who decides, and what to run.

Reads text alone: nothing is asked, and nothing of the message is repeated but the ARNs and names that it holds.
"""

from iamcheck.explain.messages.explaining import Command, Explained, explain_message

__all__ = ["Command", "Explained", "explain_message"]
