"""A bucket for the tests of stores."""

from __future__ import annotations

from tests.platform.buckets import bucket_server, in_bucket

__all__ = ["bucket_server", "in_bucket"]
