"""A live view of the swarm in a terminal, for whoever runs it.

It is a guest at the control socket like every other command line: it looks with one command a
second, acts with the commands everybody uses, and outlives the swarm it looks at.
"""
