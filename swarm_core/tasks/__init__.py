"""Floor 1: tasks, their life, their order.

Promises: a task's state changes only along the table in `rules.py`; its place in the queue is
one number fixed when it is accepted; the same key is one task.
"""
