"""The operations centre: figures, alarms and incidents on one screen, shifts and their log."""
