"""`waggle verify`: trials of what machines do to a swarm, one module each."""
