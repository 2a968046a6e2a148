"""How heavy a prompt is, roughly and at once: for pacing, not for money."""

from __future__ import annotations

import msgspec

from swarm_core.providers.model import Image, Prompt


def weight(prompt: Prompt) -> int:
    """About how many tokens `prompt` counts for: four bytes one, pictures by their pixels
    (https://platform.claude.com/docs/en/build-with-claude/vision), and the whole answer."""
    text = sum(len(block.text.encode()) for block in prompt.system)
    text += sum(len(msgspec.json.encode(tool)) for tool in prompt.tools)
    pixels = 0
    for turn in prompt.messages:
        for part in turn.parts:
            if isinstance(part, Image):
                pixels += part.width * part.height
            else:
                text += len(msgspec.json.encode(part))
    return text // 4 + pixels // 750 + prompt.max_output
