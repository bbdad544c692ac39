"""The log as people read it: its pages, its words, the recorded checks of its seals."""
