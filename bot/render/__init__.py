"""Replies made visible: markdown parsing, safe splitting, text for terminals.

It promises that nothing is cut silently and that no text from outside can repaint a screen.
Import from the modules; each loads only what it needs.
"""
