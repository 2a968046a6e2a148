"""What can be wrong with a voice note."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import FixInput, TryAgain, Wait


class NoTranscription(FixInput):
    """Nobody here puts speech into words."""

    code = "no_transcription"


class UnfitVoice(FixInput):
    """The recording `name` is of a kind (`media`) that nobody puts into words."""

    code = "unfit_voice"
    fields = ("name", "media")


class VoiceTooLong(FixInput):
    """A voice note of `seconds` (0: it is not known, and may be longer) is more than `most`."""

    code = "voice_too_long"
    fields = ("seconds", "most")


class VoiceTooDear(FixInput):
    """Hearing it could cost up to `most`, above which price (`above`) nothing is done unasked."""

    code = "voice_too_dear"
    fields = ("most", "above")


class VoiceLost(TryAgain):
    """It was sent to `model`, `tries` times in all, and no answer came (`problem`); it counts as
    paid. After the second time the same note is not sent again."""

    code = "voice_lost"
    fields = ("model", "tries", "problem")


class VoiceAway(TryAgain):
    """`provider` took nothing, so nothing was charged: `problem`."""

    code = "voice_away"
    fields = ("provider", "problem")


class NothingHeard(FixInput):
    """There are no words in it."""

    code = "nothing_heard"


class VoiceUnpaid(Wait):
    """Holding `most` for hearing it does not fit under the cap of `scope`; nothing was sent."""

    code = "voice_unpaid"
    fields = ("scope", "cap", "held", "spent", "most")
