"""Extractive summaries: which sentences of a text say most of what it says.

The method is SumBasic (A. Nenkova, L. Vanderwende, "The Impact of Frequency on Summarization",
Microsoft Research, MSR-TR-2005-101): a sentence weighs the mean probability of its content
words; of those with the likeliest word the heaviest is taken, and the probabilities of its words
are squared, so that what was said is not said again. Words that stand in more than half of the
sentences are not content (Luhn's upper cut-off, IBM Journal 2(2), 1958), which serves languages
the list of stop words does not know.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_END = re.compile(
    r"(?:(?<=[.!?…])|(?<=[.!?…][\"'”’)\]]))\s+(?=[\"'“‘(\[]{0,3}[^\W_a-z])|(?<=[。！？])"  # noqa: RUF001
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|e\.g|i\.e|etc|vs|cf|ca|approx|No|Nr|Fig|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|"
    r"Inc|Ltd|Co|z\.B|d\.h|bzw|usw|Nr|resp)\.$"
)
_WORD = re.compile(r"[^\W\d_]{2,40}")
_WIDE = re.compile(r"[぀-ヿ㐀-鿿]")
_STOP_WORDS = (
    "the of and to in is that for it as was with be by on not he his but at are this have from or "
    "had an they which one you were all her she there would their we him been has when who will "
    "no more if out so up said what its about than into them can only other time new some could "
    "these two may first then do any like my now over such our me even most also did after many "
    "must before through where much your should very how just because each those own us being "
    "both between under while does here am is a i"
)
_STOP = frozenset(_STOP_WORDS.split())
_COMMON_FROM = 8


def split(text: str) -> list[str]:
    """The sentences of a running text, white space single; their words are the text's words."""
    parts = [part.strip() for part in _END.split(" ".join(text.split())) if part.strip()]
    sentences: list[str] = []
    for part in parts:
        if sentences and _ABBREVIATION.search(sentences[-1][-12:]):
            sentences[-1] += f" {part}"
        else:
            sentences.append(part)
    return sentences


def summarise(sentences: Sequence[str], n: int) -> list[int]:
    """Positions of the `n` sentences that say most, in the order of the text."""
    words = [_content(sentence) for sentence in sentences]
    spread = Counter(word for found in words for word in set(found))
    if len(sentences) >= _COMMON_FROM:
        common = {word for word, count in spread.items() if count > len(sentences) / 2}
        words = [[word for word in found if word not in common] for found in words]
    counts = Counter(word for found in words for word in found)
    total = sum(counts.values())
    weight = {word: count / total for word, count in counts.items()}
    left = [index for index, found in enumerate(words) if found]
    taken: list[int] = []
    while left and len(taken) < n:
        likely = max((word for index in left for word in words[index]), key=lambda w: weight[w])
        best = max(
            (index for index in left if likely in words[index]),
            key=lambda index: sum(weight[w] for w in words[index]) / len(words[index]),
        )
        taken.append(best)
        left.remove(best)
        for word in set(words[best]):
            weight[word] **= 2
    return sorted(taken)


def _content(sentence: str) -> list[str]:
    found = []
    for word in _WORD.findall(sentence.casefold()):
        if _WIDE.search(word):
            found += [word[at : at + 2] for at in range(len(word) - 1)]
        elif word not in _STOP:
            found.append(word)
    return found
