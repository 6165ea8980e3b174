"""What a change of one layer's rank costs to answer: ours, and with the counters that people use today.

.venv/bin/uv pip install --no-deps --target build/peers -r benchmarks/peers.txt
OMP_WAIT_POLICY=passive PYTHONPATH=build/peers .venv/bin/python -m benchmarks.whatif [--rounds 15]
"""

import argparse
import http.client
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from paretoscope.costs import remembered
from paretoscope.costs.counting import count
from paretoscope.costs.estimate import estimate
from paretoscope.costs.figures import figures_of
from paretoscope.datasets.spec import BUILT_IN
from paretoscope.steps.application import apply
from paretoscope.steps.spatial_separable import SpatialSeparable
from paretoscope.torchvision_compat import import_torchvision
from paretoscope.variants import Variant

IMAGENET = BUILT_IN["imagenet"]
NETWORKS = {"resnet50": ("layer3.2.conv2", 64, "fc"), "mobilenet_v2": ("features.0.0", 8, "classifier.1")}
"""Each network's layer, the ranks tried on it, and another layer."""
PORT = 8764

Counter = Callable[[nn.Module, Tensor], float]


def main() -> None:
    """Print one table for each network, then the measurements over HTTP."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    for name in NETWORKS:
        print(f"\n{name} at 224, {rounds} rounds, interleaved: median (10th to 90th percentile) in ms")
        in_process(name, rounds)
    with serving() as port:
        for name in NETWORKS:
            over_http(port, name)


def variant(name: str, rank: int, *, clusters: int | None = None, width: float = 1.0) -> Variant:
    """The network with one layer at a rank, and perhaps another with shared weights."""
    layer, _, other = NETWORKS[name]
    steps: list[dict[str, Any]] = [
        {"kind": "spatial_separable", "rank": {"rule": "fixed", "value": rank}, "layers": {"include": [layer]}}
    ]
    if clusters is not None:
        steps.append({"kind": "share_weights", "clusters": clusters, "layers": {"include": [other]}})
    return Variant.model_validate(
        {"dataset": "imagenet", "architecture": {"name": name, "width": width}, "steps": steps}
    )


def in_process(name: str, rounds: int) -> None:
    """Time every way of answering once a round."""
    ranks = NETWORKS[name][1]
    widths = (0.5 + number / 1000 for number in itertools.count())
    clusters = itertools.count(2)
    known = [variant(name, rank) for rank in range(1, ranks + 1)]
    for one in known:
        answer(one)

    def again() -> float:
        return per_call(lambda: [answer(one) for one in known], ranks)

    def combined() -> float:
        k = next(clusters)
        fresh = [variant(name, rank, clusters=k) for rank in range(1, ranks + 1)]
        answer(fresh[0])  # the clusters are new to the memory; their combination with the other ranks is, too
        return per_call(lambda: [answer(one) for one in fresh[1:]], ranks - 1)

    def first_sight() -> float:
        remembered._became.cache_clear()
        remembered._layer.cache_clear()
        remembered.trunk.cache_clear()
        answer(variant(name, 1))
        return per_call(lambda: [answer(one) for one in known[1:]], ranks - 1)

    def cold() -> float:
        one = variant(name, 1, width=next(widths))
        return per_call(lambda: answer(one), 1)

    ours = {
        "ours, a rank seen before": again,
        "ours, a new combination of layers seen before": combined,
        "ours, a rank never seen": first_sight,
        "ours, a network never seen": cold,
    }
    peers = {label: recount(name, counter, device) for label, (counter, device) in usable(name).items()}
    times: dict[str, list[float]] = {label: [] for label in (*ours, *peers)}
    for way in (*ours.values(), *peers.values()):
        way()
    for _ in range(rounds):
        for label, way in {**ours, **peers}.items():
            times[label].append(way())
    best = min(median(times[label]) for label in peers)
    for label, found in times.items():
        low, *_, high = quantiles(found, n=10)
        ratio = f"{best / median(found):10,.1f}×" if label in ours else ""
        print(f"  {label:48} {median(found):10.4f} ({low:.4f} to {high:.4f}) {ratio}")


def answer(one: Variant) -> int:
    """The whole of what a what-if says: costs, memory, scores, bounds."""
    found = estimate(one, IMAGENET)
    return found.cost.macs + found.memory + len(found.scores) + len(found.bounds)


def per_call(work: Callable[[], object], calls: int) -> float:
    """Return milliseconds for each of `calls` calls that `work` makes."""
    started = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - started) / calls


def recount(name: str, counter: Counter, device: str) -> Callable[[], float]:
    """The usual way: build the network with the changed layer, run the counter over it."""
    ranks = itertools.cycle(range(1, NETWORKS[name][1] + 1))

    def once() -> float:
        rank = next(ranks)
        with quiet():
            return per_call(lambda: counter(rebuilt(name, rank, device), torch.empty(1, 3, 224, 224, device=device)), 1)

    return once


def rebuilt(name: str, rank: int, device: str) -> nn.Module:
    """The same network, freshly built with the layer at a rank; its initial numbers are left out where possible."""
    plain = variant(name, rank).architecture.resolved(224, 1000)
    with torch.device(device), skipping_initialisation():
        network = plain.build(3, 1000)
        network = apply(network, [SpatialSeparable.model_validate(dump(name, rank))], warm=False)
    return network.eval()


def dump(name: str, rank: int) -> dict[str, Any]:
    """The step as JSON."""
    step: dict[str, Any] = variant(name, rank).steps[0].model_dump(mode="json")
    return step


@contextmanager
def skipping_initialisation() -> Iterator[None]:
    """Let the peers' networks be built without random numbers, which no counter needs."""
    names = ("kaiming_normal_", "kaiming_uniform_", "normal_", "uniform_", "trunc_normal_", "xavier_uniform_")
    kept = {name: getattr(nn.init, name) for name in names}
    for name in names:
        setattr(nn.init, name, lambda tensor, *_, **__: tensor)
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(nn.init, name, function)


def usable(name: str) -> dict[str, tuple[Counter, str]]:
    """Each counter on each device where it runs at all."""
    found: dict[str, tuple[Counter, str]] = {}
    ours = figures_of(count(rebuilt(name, 3, "meta"), (3, 224, 224))).cost.macs
    for (label, counter), device in itertools.product(counters().items(), ("cpu", "meta")):
        try:
            with quiet():
                macs = counter(rebuilt(name, 3, device), torch.empty(1, 3, 224, 224, device=device))
        except Exception as error:  # a counter may fail in its own way
            print(f"  {label} on {device} fails: {type(error).__name__}")
            continue
        print(f"  {label} on {device} prints {macs / 1e6:,.2f} M, ours is {ours / 1e6:,.2f} M MACs")
        found[f"{label}, {device}"] = (counter, device)
    return found


def counters() -> dict[str, Counter]:
    """The peers, by name."""
    import_torchvision()  # before a peer does, where its operators do not load
    import calflops
    import fvcore.nn
    import ptflops
    import thop
    import torchinfo

    def flop_counter(network: nn.Module, images: Tensor) -> float:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(images)
        return float(counter.get_total_flops()) / 2

    def with_calflops(network: nn.Module, images: Tensor) -> float:
        options = {"print_results": False, "output_as_string": False, "include_backPropagation": False}
        return float(calflops.calculate_flops(network, args=[images], **options)[1])

    def with_ptflops(network: nn.Module, _: Tensor) -> float:
        options = {"as_strings": False, "print_per_layer_stat": False, "backend": "pytorch"}
        return float(ptflops.get_model_complexity_info(network, (3, 224, 224), **options)[0])

    return {
        "fvcore": lambda network, images: float(fvcore.nn.FlopCountAnalysis(network, images).total()),
        "ptflops": with_ptflops,
        "thop": lambda network, images: float(thop.profile(network, inputs=(images,), verbose=False)[0]),
        "torchinfo": lambda network, images: float(
            torchinfo.summary(network, input_data=images, verbose=0, device=images.device).total_mult_adds
        ),
        "calflops": with_calflops,
        "FlopCounterMode": flop_counter,
    }


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what counters print and warn of to themselves."""
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def serving() -> Iterator[int]:
    """The product's API on an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "backend.cli", "serve", "--no-quickstart"]
        command += ["--port", str(PORT), "--data-dir", f"{folder}/data"]
        with log.open("wb") as output:
            server = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        try:
            while not answers(PORT):
                time.sleep(0.1)
            yield PORT
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)


def answers(port: int) -> bool:
    """Whether the server is up."""
    try:
        return post(http.client.HTTPConnection("127.0.0.1", port), body("resnet50", 1))[1] == 200
    except OSError:
        return False


def body(name: str, rank: int) -> Any:
    """A variant as JSON."""
    return {"dataset": "imagenet", "architecture": {"name": name}, "steps": [dump(name, rank)]}


def post(connection: http.client.HTTPConnection, what: Any) -> tuple[float, int, int]:
    """Return milliseconds from the request to the last byte of the answer, its status and its size."""
    text = json.dumps(what)
    started = time.perf_counter()
    connection.request("POST", "/api/v1/whatif", text, {"Content-Type": "application/json"})
    response = connection.getresponse()
    size = len(response.read())
    return 1e3 * (time.perf_counter() - started), response.status, size


def over_http(port: int, name: str) -> None:
    """Time single questions of one and of 32 clients, rows included, and lists of 1,000."""
    ranks = NETWORKS[name][1]
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(connection: http.client.HTTPConnection, number: int) -> float:
        took, status, _ = post(connection, body(name, 1 + number % ranks))
        assert status == 200
        return took

    first = post(connection, body(name, 1))
    for number in range(ranks):
        ask(connection, number)
    one = [ask(connection, number) for number in range(2000)]
    print(f"\n{name} over HTTP, {first[2] / 1e3:.0f} kB an answer, on {os.cpu_count()} cores, client included")
    print(f"  one client, n = {len(one)}: p50 {median(one):.2f} ms, p95 {quantiles(one, n=20)[-1]:.2f} ms")

    def client(_: int) -> list[float]:
        mine = http.client.HTTPConnection("127.0.0.1", port)
        return [ask(mine, number) for number in range(60)]

    started = time.perf_counter()
    with ThreadPoolExecutor(32) as pool:
        many = list(itertools.chain.from_iterable(pool.map(client, range(32))))
    rate = len(many) / (time.perf_counter() - started)
    p50, p95 = median(many), quantiles(many, n=20)[-1]
    print(f"  32 clients, n = {len(many)}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {rate:.0f} answers/s")
    lists = [post(connection, [body(name, 1 + number % ranks) for number in range(1000)])[0] for _ in range(10)]
    print(f"  a list of 1,000 variants, n = {len(lists)}: median {median(lists):.0f} ms, slowest {max(lists):.0f} ms")


if __name__ == "__main__":
    main()
