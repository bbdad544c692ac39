"""The processes between the stream of observations and the store."""
