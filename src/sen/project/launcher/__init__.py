"""The launcher: sets up what is missing and keeps the platform's processes running.

It runs with a bare Python 3.11 before any virtual environment exists, so it uses the standard
library alone and imports nothing of the rest of Sen.
"""
