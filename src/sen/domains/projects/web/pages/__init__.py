"""Pages of projects that are no registers."""
