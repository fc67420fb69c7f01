"""Says why a request is denied: what was nearest to allowing it, which statement denied it, what AWS would say.

`denials` goes the other way: from the message that AWS showed to what it means and what to run.
"""

from iamcheck.explain.why.difference import Difference
from iamcheck.explain.why.message import denial_message
from iamcheck.explain.why.misses import Applied, Miss, applied_denies, nearest_misses

__all__ = ["Applied", "Difference", "Miss", "applied_denies", "denial_message", "nearest_misses"]
