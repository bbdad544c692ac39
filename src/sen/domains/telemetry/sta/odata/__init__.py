"""The query language of SensorThings: expressions, options and addresses, without Django."""
