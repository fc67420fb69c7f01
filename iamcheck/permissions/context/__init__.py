"""Says what a deployment's requests and its tool make known of the condition context of the calls.

Here belongs what several operations share: how a call is made, tags, the endpoint config's own keys. What one operation
alone needs stands in its file.
"""
