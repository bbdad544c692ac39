"""Programs that look at foreign files: each step in a process of its own, with limits."""
