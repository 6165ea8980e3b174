"""What a call on the store can refuse; the API turns each into its own answer."""

from sqlalchemy.exc import SQLAlchemyError as DatabaseError


class StoreError(Exception):
    """Base of the store's own errors; the message is written for a person."""


class NotFoundError(StoreError):
    """No row has that id."""


class ConflictError(StoreError):
    """The row exists, but what was asked does not fit its present state."""


class InvalidCursorError(StoreError):
    """A cursor was not made by this list with this order."""


class LeaseLostError(StoreError):
    """Somebody else has the job by now; whatever this worker still does on it must not count."""


__all__ = [
    "ConflictError",
    "DatabaseError",  # the database itself does not answer or refuses; the one name of the driver's errors
    "InvalidCursorError",
    "LeaseLostError",
    "NotFoundError",
    "StoreError",
]
