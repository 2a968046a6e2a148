"""The control socket: how a command line program talks to the swarm that runs.

HTTP over a Unix socket that only the owner can open. `client` is light; `server` is loaded by
the process that serves.
"""
