"""Standing priorities: recurring work the swarm starts by itself.

Each instant at which one is to run is a row, and ends as ran, skipped with a reason, or missed
with a card for people. Nothing runs twice for one instant, and none is passed over in silence.
"""
