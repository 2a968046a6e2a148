"""Floor 5: what people are told. Facts become notices in the transaction that records them;
the outbox delivers each until it is settled, and never loses one silently."""
