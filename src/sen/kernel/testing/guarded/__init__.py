"""Guarded models of no domain, installed while tests run: the kernel's tests need rows."""
