"""Intake, ready queue, leases, recovery, and the pool that runs workers."""
