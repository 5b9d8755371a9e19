"""`python -m tests.faults TOOL`: what the house promises to survive, done to it.

YIXIAN_TEST_DATABASE=postgresql does the same on PostgreSQL where the engine matters. Ends with 1 when anything
was lost, doubled, half, refused or slow.
"""

from __future__ import annotations

import argparse
import signal
import sys

from tests.faults import (
    browser_cut,
    failover,
    history,
    hosts,
    kill,
    line,
    power,
    ready,
    siege,
    upgrade,
)

TOOLS = {
    "kill": kill,
    "line": line,
    "siege": siege,
    "power-cut": power,
    "history": history,
    "browser-cut": browser_cut,
    "ready": ready,
    "hosts": hosts,
    "failover": failover,
    "upgrade": upgrade,
}


def main() -> int:
    """Run one tool."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    tools = parser.add_subparsers(dest="tool", required=True)
    for name, module in TOOLS.items():
        module.add_options(tools.add_parser(name, help=(module.__doc__ or "").splitlines()[0]))
    options = parser.parse_args()
    # Whoever ends a run of hours early, even one in the background, still learns what was seen so far.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    return TOOLS[options.tool].run(options)


if __name__ == "__main__":
    sys.exit(main())
