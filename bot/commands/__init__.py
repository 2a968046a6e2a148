"""Everything people can ask for, declared once and offered everywhere alike.

`declared` lists the commands; it and what reads a typed line (`kinds`, `parsing`, `line`) load
nothing heavy, since a command line program waits for them. `handlers` does the work and is loaded
only beside an open swarm.
"""
