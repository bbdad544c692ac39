"""What instruments of the demonstration province would measure, from a small physical model."""
