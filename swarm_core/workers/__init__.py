"""Floor 3: a Runner with a model. The run loop: prompt, answer, tool calls, prompt, …, result.

What it promises: everything it does goes through `run.step`, so a killed run goes on where its
record ends; what a model may spend is held before it is asked; text that came from outside is
marked as such and can raise nobody's permission; whatever a model answers, the run ends with a
result or with a reason a person can act on.
"""
