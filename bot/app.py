"""Putting it together: the one place that reads files and builds the parts, so that everything else gets them as values."""

from __future__ import annotations

from pathlib import Path

from bot.rule import Rules, read

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
