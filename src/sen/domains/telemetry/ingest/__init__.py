"""The doors by which devices bring observations: HTTP and MQTT."""
