"""Views → replies: one function a view, every sentence from the message catalogue.

Import from the modules; `helping` alone is light, since a program that prints its help loads it.
"""
