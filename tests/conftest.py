"""Every run of the tests draws the same examples and takes the time it needs."""

import sys

from hypothesis import settings

# On its import, jsonschema builds a grammar of web addresses for two seconds.
sys.modules["rfc3987_syntax"] = None

# A machine under load is slow, not wrong; and a failure must come back on a rerun.
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")
