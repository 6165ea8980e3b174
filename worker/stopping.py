"""How the processes of a worker learn that it is time to stop."""

import os
import select


class StopSignal:
    """A pipe that the worker's main process opens and every child inherits.

    Nothing is ever written: its end is the signal, and that comes as well when the main process is killed.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self.announced = False

    def announce(self) -> None:
        """Tell all children. Safe in a signal handler, any number of times."""
        if not self.announced:
            self.announced = True
            os.close(self._writer)

    def listen(self) -> None:
        """Become a listener; a child calls this first, since its copy would keep the pipe open."""
        self.announce()

    def fileno(self) -> int:
        """Return what to select on."""
        return self._reader

    def is_set(self) -> bool:
        """Tell whether it is time to stop."""
        return bool(select.select([self._reader], [], [], 0)[0])
