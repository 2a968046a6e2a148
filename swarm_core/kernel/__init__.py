"""Floor 0: the vocabulary every room shares. Pure; imports nothing of ours.

Errors, ids, actors, money, time, secrets, text. It promises that nothing here does I/O,
except `crash`, which kills the process when a test armed it and is free otherwise.
"""
