"""Floor 1: who answers a prompt. One port, `Provider`, and an adapter for each wire format.

What a provider promises: one call to `complete` is at most one call on the wire, so that what
is held and settled for it is one bill; every failure is one of our errors, which says whether
anything was served; nothing of a vendor's types leaves this room.
"""
