"""Published data standards: what each data set carries, made from what its import accepts."""
