"""Make ``bot/rules/ordinary.txt`` anew: the sample of ordinary talk by which the scan knows what is seldom said.

It takes every sixth line of the corpus's ordinary talk and every eighth harmless line of the authors for tuning.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.corpus import CORPUS, Use, authors, cases, talk

SAMPLE = Path(__file__).resolve().parent.parent / "bot" / "rules" / "ordinary.txt"
EVERY_TALK, EVERY_CASE = 6, 8


def sample() -> Iterator[str]:
    """The lines, one message each."""
    for author, card in authors().items():
        if card.use is Use.TUNING:
            harmless = [case.text for case in cases(author) if not case.labels]
            yield from harmless[::EVERY_CASE]
    for file in sorted((CORPUS / "talk").glob("*.jsonl")):
        yield from [case.text for case in talk(file.stem)][::EVERY_TALK]


def main() -> None:
    """Write the file."""
    SAMPLE.write_text("".join(f"{' '.join(text.split())}\n" for text in sample()), "utf-8")


if __name__ == "__main__":
    main()
