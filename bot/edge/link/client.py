"""A Socket.IO client for one connection: python-socketio's, with everything left out that it would do by itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import socketio

from bot.edge.settings import HostSetting

Heard = Callable[..., Awaitable[Any]]
Gone = Callable[..., Awaitable[None]]
Take = Callable[[socketio.AsyncClient], None]

CONNECT_SECONDS = 10.0
GOODBYE_SECONDS = 2.0

SILENT = logging.getLogger(f"{__name__}.silent")
"""What the libraries would log holds what people write, and the token."""
SILENT.disabled = True

NO_HOST = "there is no host at this address, or it speaks another parser"
REFUSED = "the host refused the connection: is the token right?"


class LineError(Exception):
    """There is no line; the message says why and holds no token."""


@asynccontextmanager
async def open_client(
    url: str, setting: HostSetting, auth: dict[str, Any], heard: Heard, *, gone: Gone | None = None, take: Take | None = None
) -> AsyncIterator[socketio.AsyncClient]:
    """A connected client, for as long as it is needed; it never connects again.

    ``heard`` gets whatever comes, ``gone`` is told when the line is lost, and ``take`` has the client before anything comes.
    Raises ``LineError``.
    """
    problem = NO_HOST

    async def refused(*_: object) -> None:
        nonlocal problem
        problem = REFUSED  # what the host says of it may hold the token

    async with aiohttp.ClientSession() as session:
        sio = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            logger=SILENT,
            engineio_logger=SILENT,
            serializer="msgpack" if setting.serializer == "msgpack" else "default",
            http_session=session,
            request_timeout=CONNECT_SECONDS,
            websocket_extra_options={"max_msg_size": setting.largest_bytes},
        )
        sio.on("*", heard, namespace=setting.namespace)
        sio.on("connect_error", refused, namespace=setting.namespace)
        if gone is not None:
            sio.on("disconnect", gone, namespace=setting.namespace)
        if take is not None:
            take(sio)
        try:
            await sio.connect(
                url,
                auth=auth,
                namespaces=[setting.namespace],
                transports=["websocket"],
                socketio_path=setting.path,
                wait_timeout=CONNECT_SECONDS,
            )
        except socketio.exceptions.ConnectionError:
            raise LineError(problem) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise LineError(f"there is no line: {type(error).__name__}") from None
        else:
            yield sio
        finally:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(sio.disconnect(), GOODBYE_SECONDS)
            await _end(sio)


async def _end(sio: socketio.AsyncClient) -> None:
    """End what python-engineio leaves running when the other side is frozen."""
    left = [task for task in (sio.eio.read_loop_task, sio.eio.write_loop_task) if task is not None and not task.done()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
