"""The journaled step: intent and hold, the act, one transaction for all that follows."""
