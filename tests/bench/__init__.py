"""Benches behind `waggle bench`: what the swarm costs, beside what its database alone would.

Compare ratios from one call only: ours and the reference take turns in it, each repeat in a
process of its own, so that a noisy machine is noisy to both.
"""
