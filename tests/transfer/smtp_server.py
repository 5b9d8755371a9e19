"""A small mail server in a process of its own: prints its port, keeps every mail as a file, refuses the first ones.

`python smtp_server.py FOLDER REFUSE`: the first REFUSE mails are answered with 451, as a server out of room does.
"""

from __future__ import annotations

import itertools
import socketserver
import sys
from pathlib import Path

FOLDER, REFUSE = Path(sys.argv[1]), int(sys.argv[2])
COUNT = itertools.count(1)


class Line(socketserver.StreamRequestHandler):
    """One conversation (RFC 5321, what smtplib asks for)."""

    def say(self, text: str) -> None:
        """Answer."""
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        """Talk until the other side quits."""
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ")[0].upper()
            if word == "QUIT":
                return self.say("221 bye")
            if word == "DATA":
                self.say("354 go on")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                number = next(COUNT)
                if number <= REFUSE:
                    self.say("451 no room for shuiwu@example.gov.cn")
                    continue
                (FOLDER / f"{number}.eml").write_bytes(body)
            self.say("250 ok")
        return None


with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Line) as server:
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
