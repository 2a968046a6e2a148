"""People's side: commands, surfaces, rendering, the `waggle` program."""
