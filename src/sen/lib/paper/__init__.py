"""Sheets of paper: set type, stamp them, and scan them as an old scanner would.

What is drawn is known to the letter and to the pixel, so that reading it again can be measured,
and a demonstration can ship pages together with their words.
"""

from __future__ import annotations

from sen.lib.paper.scanning import Wear, jpeg, pdf_of, scan
from sen.lib.paper.setting import Line, Page, Word, compose
from sen.lib.paper.stamping import stamp

__all__ = ["Line", "Page", "Wear", "Word", "compose", "jpeg", "pdf_of", "scan", "stamp"]
