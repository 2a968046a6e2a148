"""The prompt caches of both vendors, simulated. Nothing expires but by `forget`."""

from __future__ import annotations

import hashlib

from tests.fakes.models.call import Call, Segment, Spent

LOOKBACK = 20
FLOOR = 1024
STEP = 128


class Caches:
    """What was sent before, by model."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def forget(self) -> None:
        self._seen.clear()

    def spend(self, call: Call, output: int, reasoning: int) -> Spent:
        """The usage of `call` being answered now; what it may cache is cached."""
        if call.model.vendor == "openai" or call.wire != "messages":
            return self._automatic(call, output, reasoning)
        return self._marked(call, output, reasoning)

    def _marked(self, call: Call, output: int, reasoning: int) -> Spent:
        """Anthropic: prefixes up to a mark are written, and found again at the mark or at one of
        the 20 blocks before it; shorter ones than the model's least length are not cached, without
        a word (platform.claude.com/docs/en/build-with-claude/prompt-caching)."""
        prefixes = _prefixes(call.segments)
        read, wrote, wrote_1h = 0, 0, 0
        marks = [at for at, one in enumerate(call.segments) if one.mark]
        for at in marks:
            for back in range(at, max(-1, at - LOOKBACK - 1), -1):
                digest, count = prefixes[back]
                if (call.model.id, digest) in self._seen:
                    read = max(read, count)
                    break
        reached = read
        for at in marks:
            digest, count = prefixes[at]
            if count < call.model.cache_min:
                continue
            self._seen.add((call.model.id, digest))
            fresh = max(0, count - reached)
            reached = max(reached, count)
            wrote += fresh
            wrote_1h += fresh if call.segments[at].mark == "1h" else 0
        return Spent(
            input=call.input,
            output=output,
            cached=read,
            written=wrote,
            written_1h=wrote_1h,
            reasoning=reasoning,
        )

    def _automatic(self, call: Call, output: int, reasoning: int) -> Spent:
        """OpenAI: a prefix of 1024 tokens or more, in steps of 128, sent before is read
        (developers.openai.com/api/docs/guides/prompt-caching). Since GPT-5.6 writes count. Here
        a prefix ends where a tool, a message or an item does."""
        prefixes = _prefixes(call.segments)
        steps, cached = list[tuple[str, int]](), 0
        for digest, count in prefixes:
            if count >= FLOOR:
                steps.append((digest, count - count % STEP))
        for digest, count in steps:
            if (call.model.id, digest) in self._seen:
                cached = count
        self._seen.update((call.model.id, digest) for digest, _ in steps)
        most = steps[-1][1] if steps else 0
        written = max(0, most - cached) if call.model.writes else 0
        return Spent(
            input=call.input, output=output, cached=cached, written=written, reasoning=reasoning
        )


def _prefixes(segments: list[Segment]) -> list[tuple[str, int]]:
    digest, count, found = hashlib.sha256(), 0, list[tuple[str, int]]()
    for one in segments:
        digest.update(len(one.data).to_bytes(8, "big") + one.data)
        count += one.count
        found.append((digest.hexdigest(), count))
    return found
