"""The matrix of trouble: what happens to people's messages and notes when a host, the assistant or the line between them fails."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from demo_server import Payload, Seat
from node_host import CARD, linked, node_host

pytestmark = pytest.mark.usefixtures("node")

BATTERY = "This app drains my battery so fast, can we use another app?"
NUMBER = "My number is 07700 900123, text me any time."


@asynccontextmanager
async def seated(url: str) -> AsyncIterator[dict[str, Seat]]:
    """Everybody at the example's chat, by a line each."""
    async with AsyncExitStack() as stack:
        seats = {role: Seat(person) for role, person in CARD["people"].items()}
        for seat in seats.values():
            stack.push_async_callback(seat.rise)
            await seat.sit(url)
        yield seats


def saying(number: object, text: str) -> Payload:
    """What a client sends to say something in the talk."""
    return {"chat": CARD["direct"], "id": str(number), "text": text}


async def test_a_line_that_stands_carries_everything(tmp_path: Path) -> None:
    """Verdict, note and figures over the official server, with nothing wrong; no figure holds a name or a word."""
    async with node_host(tmp_path) as host, linked(tmp_path, host.url) as served, seated(host.url) as seats:
        member, listener = seats["member"], seats["listener"]
        await member.heard.wait("nudge", lambda nudge: nudge["tone"] == "tip")
        asked = await listener.ask("say", saying(1, BATTERY))
        warned = await member.heard.wait("nudge", lambda nudge: nudge["message"] == asked["id"])
        assert (warned["to"], warned["chat"], warned["tone"]) == ([member.id], CARD["direct"], "warning")
        given = await listener.ask("say", saying(2, NUMBER))
        assert given["verdict"] == "mask"
        shown = await member.heard.message(given["id"])
        assert "900123" not in shown["text"]
        async with aiohttp.ClientSession() as session:
            pages = {}
            for page in ("healthz", "readyz", "metrics"):
                async with session.get(f"{served.status}/{page}") as response:
                    assert response.status == 200
                    pages[page] = await response.text()
        assert json.loads(pages["readyz"]) == {"ready": True, "lacking": {}}
        assert 'porchlight_verdicts_total{host="main",verdict="mask"} 1.0' in pages["metrics"]
        assert not [word for word in (member.id, CARD["direct"], "Sam", "battery", "07700") if word in pages["metrics"]]
