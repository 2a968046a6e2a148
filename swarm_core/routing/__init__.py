"""Floor 2: who does it. Candidates, a choice, and the reason, kept for `/why`."""
