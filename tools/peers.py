"""What other tools see in messages, in an environment of its own: JSON texts come in by line, each tool's flags go out in one line.

The jobs differ: these look for personal details or words and know nothing of chats. They stand beside us because they are what is there.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable

import phonenumbers
import scrubadub
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer, UrlRecognizer

REGIONS = ("GB", "US", "IE", "AU", "IN", "ZA")
KEYWORDS = re.compile(
    r"\b(?:whatsapp|telegram|snapchat|snap|instagram|insta|discord|skype|facebook|messenger|facetime|zoom|kik|signal|tiktok|wechat|viber"
    r"|(?:your|ur|my)\s(?:phone\s)?(?:number|email|address|handle|username)|text\sme|call\sme|add\sme|video\scall|voice\scall|meet\sup)\b",
    re.IGNORECASE,
)


def presidio() -> Callable[[str], bool]:
    """Presidio's recognisers by pattern for what a contact detail is; its language model sees people, not details."""
    recognisers = [EmailRecognizer(), PhoneRecognizer(supported_regions=REGIONS), UrlRecognizer()]
    return lambda text: any(one.analyze(text, one.supported_entities, None) for one in recognisers)


def scrub() -> Callable[[str], bool]:
    """Scrubadub with its detectors by pattern."""
    scrubber = scrubadub.Scrubber()
    return lambda text: any(True for _ in scrubber.iter_filth(text))


def matcher() -> Callable[[str], bool]:
    """The matcher of the phonenumbers library."""
    return lambda text: any(phonenumbers.PhoneNumberMatcher(text, region).has_next() for region in REGIONS)


def keywords() -> Callable[[str], bool]:
    """A plain list of apps and phrases, as many communities have."""
    return lambda text: KEYWORDS.search(text) is not None


def main() -> None:
    """Read all lines, then let each tool look at all of them."""
    texts = [json.loads(line) for line in sys.stdin]
    tools = {
        "presidio-analyzer (pattern recognisers)": presidio,
        "scrubadub": scrub,
        "phonenumbers' matcher": matcher,
        "a list of apps and phrases": keywords,
    }
    for name, make in tools.items():
        flag = make()
        flag("my number is 07700 900123")  # loads what it loads
        begun = time.process_time()
        flags = [flag(text) for text in texts]
        print(json.dumps({"name": name, "flags": flags, "seconds": time.process_time() - begun}))


if __name__ == "__main__":
    main()
