"""The sample site that the package carries; see site.py. Kept empty, so that importing it costs nothing."""
