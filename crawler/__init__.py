"""The crawler room; see docs/architecture.md. Kept empty, so that importing it costs nothing."""
