"""What a bot's token can be asked of its service by plain requests: before a swarm runs, and
beside one. Nothing here signs on or fetches what is new, and nothing needs an SDK."""
