"""Pure rules of scanning, reading and finding."""
