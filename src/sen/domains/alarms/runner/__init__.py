"""The process that judges observations as they come, and makes alarms of what it finds."""
