"""Rules on streams of observations: pure, by event time, the same in batches as one by one."""
