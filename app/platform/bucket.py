"""Opens the bucket that the settings name; needs the extra `s3`."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from obstore.store import S3Store as Bucket

from app.platform.settings import Settings
from app.platform.storage_s3 import S3Store

# A person waits for the answer: what a bucket does not do in this time is told as 503, and the phone comes again.
_PATIENCE_S: Final = 10


def opened(settings: Settings) -> S3Store:
    """Return the store in the bucket; nothing is asked of it yet."""
    bucket = Bucket(
        settings.s3_bucket,
        endpoint=settings.s3_endpoint or f"https://s3.{settings.s3_region}.amazonaws.com",
        region=settings.s3_region,
        access_key_id=settings.s3_key_id,
        secret_access_key=settings.s3_secret.get_secret_value(),
        virtual_hosted_style_request=not settings.s3_path_style,
        client_options={
            "allow_http": urlsplit(settings.s3_endpoint).scheme == "http",
            "timeout": f"{_PATIENCE_S} seconds",
            "connect_timeout": "3 seconds",
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=_PATIENCE_S)},
    )
    return S3Store(
        bucket,
        settings.data_dir / "blobs",
        prefix=settings.s3_prefix,
        is_conditional=settings.s3_conditional,
    )
