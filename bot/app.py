"""Putting it together: the one place that reads files and builds the parts, so that everything else gets them as values."""

from __future__ import annotations

from pathlib import Path

from bot.assistant import Assistant, Community
from bot.compose import Composer
from bot.links import Links
from bot.prompts import Prompts
from bot.rule import Rules, read
from bot.spot import Scanner

PACKAGE = Path(__file__).parent


def find(name: str) -> Path:
    """Give a folder of ours: packed into an installed wheel, or beside the package in a checkout."""
    packed = PACKAGE / "_data" / name
    return packed if packed.exists() else PACKAGE.parent / name


def files_below(folder: Path, ending: str) -> dict[str, str]:
    """Every file below a folder that ends so, by its path from there."""
    return {file.relative_to(folder).as_posix(): file.read_text("utf-8") for file in sorted(folder.rglob(f"*{ending}"))}


def load_rules(own: Path | None = None) -> Rules:
    """Read the rules that come along, and an operator's own folder over them. Raises ``RuleError``."""
    files = files_below(PACKAGE / "rules", ".toml")
    if own is not None:
        files |= files_below(own, ".toml")
    return read(files)


def load_prompts(own: Path | None = None) -> Prompts:
    """Read the prompts that come along, and an operator's own folder over them. Raises ``PromptError``."""
    files = files_below(find("prompts"), ".md")
    if own is not None:
        files |= files_below(own, ".md")
    return Prompts(files)


def build_assistant(
    secret: str, community: Community, *, own_rules: Path | None = None, own_prompts: Path | None = None
) -> Assistant:
    """Build the street. ``secret`` signs its links."""
    rules = load_rules(own_rules)
    return Assistant(Scanner(rules), Composer(rules), load_prompts(own_prompts), Links(secret), community)
