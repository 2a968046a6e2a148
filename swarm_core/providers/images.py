"""How many tokens an image costs at most, from its size alone."""

from __future__ import annotations

_ANTHROPIC_MOST = 4_784
_OTHERS_LEAST = 6_404


def image_tokens(kind: str, width: int, height: int) -> int:
    """An upper bound, in tokens.

    Anthropic: one for each patch of 28 by 28 pixels, at most 4,784; older models width times height
    / 750, which patches of 27 by 27 cover. Checked against published measurements of Claude 4.5 and
    5.5 (huggingface.co/datasets/JOHNISKING/image-token-cost, read on 2026-11-21).

    The others: patches of 32 by 32 times a factor of the model. OpenAI's are 1 to 2.46, and the
    newest models have no cap (the same measurements: 14,364 for 4032 by 3024 is 1.2 for each
    patch). Models that count tiles instead need at most 1,445 at OpenAI (85 + 8 * 170) and 6,404
    at Together (4 * 1,601), which is the least assumed here. `gpt-4o-mini` needs up to 48,169 and
    is not shown images.
    """
    if kind == "anthropic":
        return min(_patches(width, height, 27), _ANTHROPIC_MOST)
    return max(_patches(width, height, 32) * 246 // 100 + 1, _OTHERS_LEAST)


def about_tokens(width: int, height: int) -> int:
    """About what it costs: to see whether it fits a window, not for money."""
    return min(width * height // 750 + 1, _ANTHROPIC_MOST)


def _patches(width: int, height: int, side: int) -> int:
    return -(-max(width, 1) // side) * -(-max(height, 1) // side)
