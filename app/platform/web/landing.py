"""How a form arrives: text into memory, files straight beside the blobs, fsynced before any row is written.

This is the first half of the write path of goals.md R1. A file that is too large or one too many never fails
the form: it is named as declined and the rest is kept. Text never touches a temporary file. What cannot be
kept (NUL, text over the limit, thousands of parts) is refused with the typed text handed back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from app.platform.errors import Invalid, TooLarge, Unavailable
from app.platform.i18n import N_
from app.platform.landed import LandedFile
from app.platform.storage import BlobStore, Incoming, StoreFull

FIRST_BYTES: Final = 4096
PARTS_LIMIT: Final = 400
_HEADER_LIMIT: Final = 4096


@dataclass(slots=True)
class LandedForm:
    r"""A form as it was sent: text exactly as typed (line ends as \\n), files landed."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[LandedFile] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a field, as typed."""
        return self.fields.get(name, [default])[0]

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return self.fields.get(name, [])

    def files_of(self, *names: str) -> list[LandedFile]:
        """Return the files of the named fields that a person really chose (browsers send empty ones)."""
        return [file for file in self.files if file.field in names and (file.size_bytes or file.name)]

    def kept_text(self) -> str:
        """Return what a person typed, longest first, to hand back with a refusal."""
        typed = [value for values in self.fields.values() for value in values if _is_typed(value)]
        return "\n".join(sorted(typed, key=len, reverse=True)[:5])[:20_000]


def _is_typed(value: str) -> bool:
    """Tell a sentence from a stamp or a key of ours, which nobody typed and nobody misses."""
    return len(value) > 5 and (" " in value or not value.isascii())  # noqa: PLR2004


class UnreadableForm(Invalid):
    """The body is not a form, or holds what no text can hold."""

    code = "unreadable_form"
    text = N_("内容里有无法保存的字符，或者没有传完整，请检查后再提交一次。")


@dataclass(slots=True)
class Limits:
    """How much a form may bring."""

    file_bytes: int
    file_count: int
    text_bytes: int
    free_floor_bytes: int


class _Reader:
    """Turns parser callbacks into fields and files; `pieces` are drained between chunks."""

    def __init__(self, store: BlobStore, limits: Limits) -> None:
        self.form = LandedForm()
        self.is_whole = True
        self._store, self._limits = store, limits
        self._header_name, self._header_value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._text: bytearray | None = None
        self._name = ""
        self._text_bytes = self._parts = 0
        self._file: LandedFile | None = None
        self.incoming: Incoming | None = None
        self.to_seal: list[tuple[LandedFile, Incoming]] = []

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self.part_begin, "on_part_data": self.part_data, "on_part_end": self.part_end,
            "on_header_field": self.header_field, "on_header_value": self.header_value,
            "on_header_end": self.header_end, "on_headers_finished": self.headers_finished,
        }  # fmt: skip

    def part_begin(self) -> None:
        self._parts += 1
        if self._parts > PARTS_LIMIT:
            raise TooLarge(kept=self.form.kept_text())
        self._headers, self._text, self._file, self.incoming = {}, None, None, None

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]
        self._bound_header()

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        self._bound_header()

    def _bound_header(self) -> None:
        if len(self._header_name) + len(self._header_value) > _HEADER_LIMIT:
            raise UnreadableForm(kept=self.form.kept_text())

    def header_end(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name, is_whole = _readable(options.get(b"name", b""))
        self.is_whole &= is_whole
        if b"filename" not in options:
            self._text = bytearray()
            return
        self._file = LandedFile(
            field=self._name,
            name=_readable(options[b"filename"])[0][-255:],
            declared_type=self._headers.get(b"content-type", b"").decode("ascii", "replace")[:120],
        )
        self.form.files.append(self._file)
        if sum(1 for file in self.form.files if file.refused is None) > self._limits.file_count:
            self._file.refused = "too_many"
        else:
            self.incoming = self._store.incoming()

    def part_data(self, data: bytes, start: int, end: int) -> None:
        chunk = data[start:end]
        if self._file is not None:
            self._file_data(self._file, chunk)
        elif self._text is not None:
            self._text_bytes += len(chunk)
            if self._text_bytes > self._limits.text_bytes:
                raise TooLarge(kept=self.form.kept_text())
            self._text += chunk

    def _file_data(self, file: LandedFile, chunk: bytes) -> None:
        file.size_bytes += len(chunk)
        if len(file.first_bytes) < FIRST_BYTES:
            file.first_bytes += chunk[: FIRST_BYTES - len(file.first_bytes)]
        if file.size_bytes > self._limits.file_bytes and self.incoming is not None:
            file.refused = "too_large"
            self.incoming.discard()
            self.incoming = None
        if self.incoming is not None:
            self.incoming.write(chunk)

    def part_end(self) -> None:
        if self._text is not None:
            value, is_whole = _readable(bytes(self._text))
            self.is_whole &= is_whole
            self.form.fields.setdefault(self._name, []).append(value.replace("\r\n", "\n"))
        if self._file is not None and self.incoming is not None:
            if self._file.size_bytes == 0:
                if self._file.name:
                    self._file.refused = "empty"
                self.incoming.discard()
            else:
                self.to_seal.append((self._file, self.incoming))
        self.incoming = None


def _readable(content: bytes) -> tuple[str, bool]:
    """Return what can be shown of the bytes, and whether that is all of them: a NUL or broken UTF-8 cannot be kept."""
    text = content.decode("utf-8", "replace")
    return text.replace("\x00", ""), b"\x00" not in content and text.encode() == content


async def land(request: Request, store: BlobStore, limits: Limits) -> LandedForm:
    """Read the body of a form, landing its files durably; raises Invalid kinds that carry the typed text."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == b"multipart/form-data":
        return await _land_multipart(request, options.get(b"boundary", b""), store, limits)
    if kind in {b"application/x-www-form-urlencoded", b""}:
        return await _land_urlencoded(request, limits)
    raise UnreadableForm


async def _land_urlencoded(request: Request, limits: Limits) -> LandedForm:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > 3 * limits.text_bytes:
            raise TooLarge
    form = LandedForm()
    try:
        pairs = parse_qsl(
            bytes(body).decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=PARTS_LIMIT
        )
    except (UnicodeDecodeError, ValueError) as error:
        raise UnreadableForm from error
    for name, value in pairs:
        form.fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    if any("\x00" in name + "".join(values) for name, values in form.fields.items()):
        raise UnreadableForm(kept=form.kept_text().replace("\x00", ""))
    if sum(len(value.encode()) for values in form.fields.values() for value in values) > limits.text_bytes:
        raise TooLarge(kept=form.kept_text())
    return form


async def _land_multipart(request: Request, boundary: bytes, store: BlobStore, limits: Limits) -> LandedForm:
    if not boundary or len(boundary) > 256:  # noqa: PLR2004 - RFC 2046 allows 70
        raise UnreadableForm
    free_bytes = store.free_bytes()
    if free_bytes is not None and free_bytes < limits.free_floor_bytes:
        raise Unavailable
    reader = _Reader(store, limits)
    parser = MultipartParser(boundary, reader.callbacks())
    try:
        async for chunk in request.stream():
            parser.write(chunk)
            await _seal(reader)
        parser.finalize()
        await _seal(reader)
        _refuse_unless_whole(reader)
    except FormParserError as error:
        kept = reader.form.kept_text()
        discard(reader.form, store, reader)
        raise UnreadableForm(kept=kept) from error
    except StoreFull as error:
        discard(reader.form, store, reader)
        raise Unavailable(kept=reader.form.kept_text()) from error
    except BaseException:
        discard(reader.form, store, reader)
        raise
    return reader.form


def _refuse_unless_whole(reader: _Reader) -> None:
    if not reader.is_whole:
        raise UnreadableForm(kept=reader.form.kept_text())


async def _seal(reader: _Reader) -> None:
    while reader.to_seal:
        file, incoming = reader.to_seal.pop()
        file.landed = await run_in_threadpool(incoming.seal)


def discard(form: LandedForm, store: BlobStore, reader: _Reader | None = None) -> None:
    """Drop every landed file nobody kept; twice is harmless."""
    for file in form.files:
        if file.landed is not None:
            store.drop(file.landed)
    if reader is not None:
        if reader.incoming is not None:
            reader.incoming.discard()
        for _, incoming in reader.to_seal:
            incoming.discard()
