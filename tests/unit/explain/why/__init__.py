"""Why a request is denied, in words."""
