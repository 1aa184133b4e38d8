"""Starts the command line; without a command it opens the demo."""

from __future__ import annotations

from bot.cli import main

if __name__ == "__main__":
    main()
