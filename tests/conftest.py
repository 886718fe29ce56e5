"""Every run of the tests draws the same examples and takes the time it needs."""

from hypothesis import settings

# A machine under load is slow, not wrong; and a failure must come back on a rerun.
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")
