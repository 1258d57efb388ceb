"""Property tests draw the same examples every time, and may wait for a kernel to be compiled."""

from hypothesis import settings

# The first call of a kernel on a machine compiles for seconds; a test that fails must fail again.
settings.register_profile("equipoise", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("equipoise")
