"""Documents of the demonstration province: which there are, and the paper on which they stand."""
