"""For those who watch over it: is it alive, is it ready, and what does it count. No id, no name of a person, no text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.edge.database import StoreError
from bot.edge.link import Link, Links
from bot.edge.porch import Porch

STORE_SECONDS = 2.0

Reading = Callable[[Link], float]
Readings = Callable[[Link], Mapping[str, float]]


class Figures:
    """Reads what porch and links have counted, each time somebody asks."""

    def __init__(self, porch: Porch, links: Links) -> None:
        """Look at these."""
        self._porch = porch
        self._links = links

    def collect(self) -> Iterable[Metric]:
        """Every figure."""
        porch = self._porch
        yield GaugeMetricFamily("porchlight_chats", "Chats that are remembered.", len(porch.chats))
        failures = [((name,), number) for name, number in porch.failures.items()]
        yield _counter("failures", "What failed within; messages were delivered all the same.", ["where"], failures)
        would = [((name,), number) for name, number in porch.would.items()]
        yield _counter("would", "What modes in shadow would have done.", ["what"], would)
        yield self._gauge("link_up", "Whether every line of the host stands.", lambda link: link.is_up)
        yield self._gauge("waiting_events", "Events that wait for their turn.", lambda link: link.lanes.taken)
        yield self._gauge("waiting_pushes", "What is still to be said to the host.", lambda link: len(link.outbox))
        yield self._count("connections", "Attempts to connect.", lambda link: link.count.connections)
        yield self._count("gaps", "Times that were not heard, and that the host did not send again.", lambda link: link.count.gaps)
        yield self._count("withheld", "Nudges and more that the host's level does not allow.", lambda link: link.count.withheld)
        yield self._counts("events", "What came from the host.", "event", lambda link: link.count.events)
        yield self._counts("verdicts", "What became of messages.", "verdict", lambda link: link.count.verdicts)
        yield self._counts("nudges", "What was said to people.", "tone", lambda link: link.count.nudges)
        yield self._counts("degraded", "Answers without a judgement, and why.", "why", lambda link: link.count.degraded)
        yield self._counts("dropped_lines", "Lines given up, and why.", "why", lambda link: link.count.dropped_lines)
        yield self._counts("dropped_pushes", "What was not said because too much waited.", "event", lambda link: link.outbox.dropped)
        took = HistogramMetricFamily("porchlight_answer_seconds", "How long a message waits for its answer.", labels=["host"])
        for link in self._links:
            answers = link.count.answers
            took.add_metric([link.name], [(str(bound).replace("inf", "+Inf"), number) for bound, number in answers.up_to()], answers.total)
        yield took

    def _gauge(self, name: str, about: str, value: Reading) -> Metric:
        family = GaugeMetricFamily(f"porchlight_{name}", about, labels=["host"])
        for link in self._links:
            family.add_metric([link.name], value(link))
        return family

    def _count(self, name: str, about: str, value: Reading) -> Metric:
        return _counter(name, about, ["host"], [((link.name,), value(link)) for link in self._links])

    def _counts(self, name: str, about: str, label: str, values: Readings) -> Metric:
        found = [((link.name, str(key)), value) for link in self._links for key, value in values(link).items()]
        return _counter(name, about, ["host", label], found)


def _counter(name: str, about: str, labels: list[str], values: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    family = CounterMetricFamily(f"porchlight_{name}", about, labels=labels)
    for key, value in values:
        family.add_metric(list(key), value)
    return family


def add_status(app: web.Application, porch: Porch, links: Links) -> None:
    """Put the three pages into an application; it should listen where only those who watch can reach it."""
    registry = CollectorRegistry()
    registry.register(Figures(porch, links))

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(_: web.Request) -> web.Response:
        problems = {f"host {link.name}": [line.problem for line in link.lines if line.problem] for link in links}
        lacking = {name: found for name, found in problems.items() if found}
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await porch.store.people.memories(["nobody"])
        except (StoreError, TimeoutError):
            lacking["store"] = ["it does not answer"]
        return web.json_response({"ready": not lacking, "lacking": lacking}, status=503 if lacking else 200)

    async def figures(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    app.add_routes([web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", figures)])
