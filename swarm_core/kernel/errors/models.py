"""What can be wrong with a model, its provider, or its price."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import Conflict, FixInput, GiveUp, NotAllowed, TryAgain, Wait


class ProviderBusy(TryAgain):
    """`provider` took nothing: too many requests, overloaded, or down. `after` are the seconds
    it asked us to wait, 0 when it did not say; `problem` is its own word."""

    code = "provider_busy"
    fields = ("provider", "after", "problem")


class ProviderUnreachable(TryAgain):
    """No connection to `provider` was made, so nothing was served: `problem`."""

    code = "provider_unreachable"
    fields = ("provider", "problem")


class ProviderPaused(Wait):
    """Calls to `provider` are held back for `seconds` after failures: `problem`."""

    code = "provider_paused"
    fields = ("provider", "seconds", "problem")


class WrongKey(GiveUp):
    """`provider` does not accept the key; `variable` names where it came from."""

    code = "wrong_key"
    fields = ("provider", "variable")


class MissingKey(FixInput):
    """`provider`, at `file`:`line`, is left out: the `variable` with its key is not set."""

    code = "missing_key"
    fields = ("provider", "variable", "file", "line")


class MissingSecret(FixInput):
    """`webhook`, at `file`:`line`, is left out: the `variable` with its secret is not set."""

    code = "missing_secret"
    fields = ("webhook", "variable", "file", "line")


class OutOfCredit(GiveUp):
    """The account at `provider` has no credit left, or met its own limit: `problem`."""

    code = "out_of_credit"
    fields = ("provider", "problem")


class NoSuchModel(GiveUp):
    """`provider` serves no `model`, or not to this key."""

    code = "no_such_model"
    fields = ("provider", "model")


class PromptTooLong(FixInput):
    """The prompt does not fit into the window of `model`: `problem`."""

    code = "prompt_too_long"
    fields = ("model", "problem")


class ProviderRejected(GiveUp):
    """`provider` refused the request as wrong: `problem`. Nothing was served."""

    code = "provider_rejected"
    fields = ("provider", "problem")


class ModelDeclined(GiveUp):
    """`model` declined to answer: `problem`. It was served, and is paid."""

    code = "model_declined"
    fields = ("model", "problem")


class NonsenseAnswer(GiveUp):
    """What `model` answered could not be used, even after it was told so: `problem`."""

    code = "nonsense_answer"
    fields = ("model", "problem")


class UnknownPrice(NotAllowed):
    """Nobody knows what `model` of `provider` costs, and it is not said to be free."""

    code = "unknown_price"
    fields = ("provider", "model")


class UnknownModel(FixInput):
    """No model is called `name`; `near` are the closest ones."""

    code = "unknown_model"
    fields = ("name", "near")


class BadIdentity(FixInput):
    """The identity in `file` is wrong at `where`: `problem`."""

    code = "bad_identity"
    fields = ("file", "where", "problem")


class AlreadyThere(Conflict):
    """`path` is there and is not overwritten."""

    code = "already_there"
    fields = ("path",)


class FileUnwritable(GiveUp):
    """`path` cannot be written: `problem`."""

    code = "file_unwritable"
    fields = ("path", "problem")
