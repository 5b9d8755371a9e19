"""`python -m tests.deploy TOOL`: the examples of docs/deploy as they stand, run for real.

Ends with 1 when an example does not hold what it promises, with 2 where this machine lacks a program (it says which).
"""

from __future__ import annotations

import argparse
import signal
import sys

from tests.deploy import caddy, container, nginx, systemd

TOOLS = {"caddy": caddy, "nginx": nginx, "systemd": systemd, "container": container}


def main() -> int:
    """Run one tool."""
    parser = argparse.ArgumentParser(prog="python -m tests.deploy", description=__doc__)
    tools = parser.add_subparsers(dest="tool", required=True)
    for name, module in TOOLS.items():
        module.add_options(tools.add_parser(name, help=(module.__doc__ or "").splitlines()[0]))
    tools.add_parser(
        "all", help="one after the other, as they stand; what is missing here is said and left out"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if options.tool != "all":
        return TOOLS[options.tool].run(options)
    ended = [module.run(parser.parse_args([name])) for name, module in TOOLS.items()]
    return 1 if 1 in ended else min(ended)  # 2 only where nothing at all could be tried


if __name__ == "__main__":
    sys.exit(main())
