"""The live view, driven by Pilot against a real swarm over a real socket."""
