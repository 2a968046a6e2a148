"""The sections of `waggle.yaml` that surfaces bring along. They need no SDK, and no surface."""
