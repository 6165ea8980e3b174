"""What would make the first question slow, done before it is asked."""

import gc
from threading import Thread

from paretoscope.costs.devices import devices
from paretoscope.costs.estimate import estimate
from paretoscope.datasets.spec import BUILT_IN
from paretoscope.variants import Variant

FIRST = {"dataset": "digits", "architecture": {"name": "tinyconv"}, "steps": [{"kind": "spatial_separable"}]}


def start() -> None:
    """Begin to warm up, beside whatever else starts."""
    Thread(target=warm_up, name="warming", daemon=True).start()


def warm_up() -> None:
    """Measure this computer, and count a network once: torch imports what it needs for that, a second's worth.

    All of it stays for good: taken out of the garbage collector's sight, it does not hold up later answers.
    """
    devices()
    estimate(Variant.model_validate(FIRST), BUILT_IN["digits"])
    gc.collect()
    gc.freeze()
