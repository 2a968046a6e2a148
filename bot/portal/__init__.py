"""What a bot's token can be asked over Discord's REST routes alone: before a swarm runs, and
beside one. Nothing here signs on, and nothing needs the SDK."""
