"""Floor 1: money. Caps nest; what a call may cost is held before it and settled after it.

Promise: no race, retry or crash can push what is held plus spent over any cap.
"""
