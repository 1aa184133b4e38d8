"""What holds for the people of each host: their countries, links, helplines, and what their chat can do."""

from __future__ import annotations

import msgspec

from bot.assistant import Assistant
from bot.edge import wire
from bot.matchers import Place
from bot.voice import Community, Helpline


class Hosts:
    """The hosts that have said hello, by the name that stands before their names."""

    def __init__(self) -> None:
        """Know none."""
        self._terms: dict[str, tuple[wire.Hello, wire.Level]] = {}
        self._assistants: dict[str, tuple[Assistant, Assistant]] = {}

    def meet(self, host: str, hello: wire.Hello, level: wire.Level) -> None:
        """Know from now on what holds for one of them."""
        self._terms[host] = hello, level
        self._assistants.pop(host, None)

    def assistant_for(self, name: str, assistant: Assistant) -> Assistant:
        """The assistant as the host has it whose chat or person this is; made once, and anew when there is another assistant."""
        if not self._terms or (host := wire.scope_of(name)) not in self._terms:
            return assistant
        known = self._assistants.get(host)
        if known is None or known[0] is not assistant:
            known = self._assistants[host] = assistant, assistant.among(_community(assistant.community, *self._terms[host]))
        return known[1]

    def confirms(self, name: str) -> bool:
        """Whether the host whose chat this is tells us that a note was shown; an embedded one does."""
        terms = self._terms.get(wire.scope_of(name))
        return terms is None or terms[0].confirms


def _community(known: Community, hello: wire.Hello, level: wire.Level) -> Community:
    """The operator's community with what the host says of itself."""
    place, lines = known.place, known.helplines
    if hello.helplines is not None:
        lines = tuple(Helpline(line.name, line.number, line.href, line.countries) for line in hello.helplines)
    regions = place.regions if hello.regions is None else hello.regions
    own_links = place.own_links if hello.own_links is None else hello.own_links
    covers = level.rank >= wire.Level.VERDICT.rank
    return msgspec.structs.replace(known, place=Place(regions, own_links), helplines=lines, covers=covers)
