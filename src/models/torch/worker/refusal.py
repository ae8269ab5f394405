"""Errors that a person can act on."""


class Refusal(Exception):
    """`code` is `model` (the checkpoint) or `machine` (this computer)."""

    def __init__(self, code, message, hint=None):
        super().__init__(message)
        self.code = code
        self.hint = hint
