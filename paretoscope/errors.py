"""Errors that a person can act on: each carries a stable code for programs and a message for people."""


class ParetoscopeError(Exception):
    """Something expected went wrong; `code` is stable, `message` says what, where, and what would be right."""

    def __init__(self, code: str, message: str) -> None:
        # Both go to Exception so that the error survives pickling between processes.
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


class DataError(ParetoscopeError):
    """A data set is missing (`data_missing`), unusable (`data_invalid`) or has an impossible name (`data_name`)."""


class TrainingError(ParetoscopeError):
    """Training cannot give a result: `diverged`, `out_of_memory`, `start_mismatch`."""
