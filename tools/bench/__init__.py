"""Benchmarks: what a message costs, how that grows, and what of a chat server's throughput is left with the assistant on."""
