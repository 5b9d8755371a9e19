"""The only file that imports Pillow and pi-heif; runs only in a process forked for one picture.

One scaled decode serves every copy. What leaves here is upright, sRGB, 8 bits, on white, and carries no
metadata, because the copies are new pictures and the tags are never handed over.
"""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import pi_heif
from PIL import (  # noqa: F401 - some only register themselves, before the first fork
    AvifImagePlugin,
    Image,
    ImageCms,
    ImageDraw,
    ImageFile,
    ImageFont,
    MpoImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from app.evidence import exif
from app.evidence.imaging_wire import MAX_PIXELS, MAX_SIDE_PX, PRINT_PX, SCREEN_PX, THUMB_PX, Reason, fit

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")  # JPEG opens MPO too
_SCREEN_QUALITY: Final = 82
_PRINT_QUALITY: Final = 88
_STRIP_PIXELS: Final = 4_000_000
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ICC_SPACES: Final = {"L": b"GRAY", "RGB": b"RGB ", "CMYK": b"CMYK"}
_SRGB: Final = ImageCms.createProfile("sRGB")


class CannotShow(Exception):
    """The picture cannot be shown; `facts` is what could be read of it all the same."""

    def __init__(self, reason: Reason, facts: exif.PhotoFacts = exif.NOTHING) -> None:
        """Keep the reason and the facts."""
        super().__init__(reason)
        self.reason, self.facts = reason, facts


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on its way: upright, RGB, not larger than its box; the size is that of the original, upright."""

    pixels: Image.Image
    width: int
    height: int
    format: str
    facts: exif.PhotoFacts


def prepare(*, heic: bool) -> None:
    """Do once, before the first fork, what every picture would otherwise pay for."""
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    if heic:
        pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
    Image.preinit()
    drill = Image.new("RGB", (64, 48), "white")
    for name in ("JPEG", "PNG", "WEBP"):
        sample = io.BytesIO()
        drill.save(sample, name)
        open_upright(sample, 32)
    _jpeg_bytes(drill, _SCREEN_QUALITY)
    _number(drill, (0, 0, 64, 48), "1")
    ImageCms.profileToProfile(drill, _SRGB, _SRGB)


def develop(file: BinaryIO) -> tuple[dict[str, Any], list[bytes]]:
    """Make both copies and read the facts, from one decode."""
    picture = open_upright(file, SCREEN_PX)
    thumb = _boxed(picture.pixels, THUMB_PX)
    header = {
        "width": picture.width,
        "height": picture.height,
        "format": picture.format,
        "dhash": _dhash(thumb),
        "exif": picture.facts.as_json(),
    }
    return header, [_jpeg_bytes(picture.pixels, _SCREEN_QUALITY), _jpeg_bytes(thumb, _SCREEN_QUALITY)]


def print_copy(file: BinaryIO) -> tuple[dict[str, Any], list[bytes]]:
    """Make the copy for paper."""
    return {}, [_jpeg_bytes(open_upright(file, PRINT_PX).pixels, _PRINT_QUALITY)]


def redact(file: BinaryIO, rectangles: list[dict[str, Any]]) -> tuple[dict[str, Any], list[bytes]]:
    """Make a copy at print size in which nothing under the rectangles can be recovered."""
    pixels = open_upright(file, PRINT_PX).pixels
    for each in rectangles:
        box = (
            max(0, math.floor(each["left"] * pixels.width)),
            max(0, math.floor(each["top"] * pixels.height)),
            min(pixels.width, math.ceil(each["right"] * pixels.width)),
            min(pixels.height, math.ceil(each["bottom"] * pixels.height)),
        )
        size = (box[2] - box[0], box[3] - box[1])
        if min(size) < 1:
            continue
        if each["is_solid"]:
            pixels.paste((0, 0, 0), box)
        else:
            # A light blur can be undone; averages of a few large cells cannot, whatever is underneath.
            cell = max(12, min(size) // 4, max(pixels.size) // 60)
            cells = (max(1, size[0] // cell), max(1, size[1] // cell))
            coarse = pixels.crop(box).resize(cells, Image.Resampling.BOX)
            pixels.paste(coarse.resize(size, Image.Resampling.NEAREST), box)
        if each.get("mark"):
            _number(pixels, box, each["mark"])
    return {}, [_jpeg_bytes(pixels, _PRINT_QUALITY)]


def _number(pixels: Image.Image, box: tuple[int, int, int, int], mark: str) -> None:
    """Write a part's number into its corner, on black, so that a list beside the picture can say what it was."""
    height = max(14, min(48, (box[3] - box[1]) // 2, max(pixels.size) // 40))
    font = ImageFont.load_default(height)
    draw = ImageDraw.Draw(pixels)
    corner = (box[0] + 4, box[1] + 2)
    _, _, right, bottom = draw.textbbox(corner, mark, font=font)
    draw.rectangle((box[0], box[1], round(right) + 4, round(bottom) + 4), fill=(0, 0, 0))
    draw.text(corner, mark, fill=(255, 255, 255), font=font)


def open_upright(file: BinaryIO, box_px: int) -> Picture:
    """Open, decode at the smallest sufficient scale, and set upright; raises CannotShow."""
    facts = exif.NOTHING
    try:
        image = Image.open(file, formats=[name for name in _FORMATS if name in Image.OPEN])
        width, height = image.size
        facts = exif.facts(_exif_block(image))
        if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE_PX:
            raise Image.DecompressionBombError  # noqa: TRY301 - our limits speak as Pillow's does
        box = fit(image.size, box_px)
        if image.format in {"JPEG", "MPO"}:
            image.draft(None, box)
        image.load()
        # PNG may carry its EXIF behind the pixels, so what counts is read after loading.
        block = _exif_block(image)
        facts, turn = exif.facts(block), _TURNS.get(exif.orientation(block))
        pixels = _in_srgb(_resized(_reduced(image, box), box), image.info.get("icc_profile"))
    except MemoryError:
        raise CannotShow(Reason.TOO_MUCH_MEMORY, facts) from None
    except UnidentifiedImageError:
        raise CannotShow(_why_unknown(file)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise CannotShow(Reason.TOO_MANY_PIXELS, facts) from None
    except Exception:  # noqa: BLE001 - decoders of broken pictures raise anything from SyntaxError to KeyError
        raise CannotShow(Reason.BROKEN, facts) from None
    if turn is not None:
        pixels = pixels.transpose(turn)
        if turn in {_TURNS[5], _TURNS[6], _TURNS[7], _TURNS[8]}:
            width, height = height, width
    pixels.info = {}
    return Picture(pixels, width, height, str(image.format), facts)


def _why_unknown(file: BinaryIO) -> Reason:
    file.seek(0)
    head = file.read(12)
    if not head:
        return Reason.EMPTY
    if head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"mif1", b"heim", b"heis", b"hevc"}:
        return Reason.BROKEN if "HEIF" in Image.OPEN else Reason.HEIC_OFF
    known = head[:3] == b"\xff\xd8\xff" or head[:4] in {b"\x89PNG", b"RIFF"} or head[4:8] == b"ftyp"
    return Reason.BROKEN if known else Reason.NOT_A_PICTURE


def _exif_block(image: Image.Image) -> bytes:
    block = image.info.get("exif")
    return block if isinstance(block, bytes) else b""


def _boxed(pixels: Image.Image, box_px: int) -> Image.Image:
    size = fit(pixels.size, box_px)
    return _resized(pixels.reduce(max(1, min(pixels.width // size[0], pixels.height // size[1]))), size)


def _resized(pixels: Image.Image, size: tuple[int, int]) -> Image.Image:
    # After the scaled decode less than a halving is left, where Hamming shows no difference to the eye from
    # filters that cost half as much again.
    return pixels.resize(size, Image.Resampling.HAMMING) if size != pixels.size else pixels


def _reduced(image: Image.Image, box: tuple[int, int]) -> Image.Image:
    """Bring any mode to L, RGB or CMYK on white, at least box-sized, without a second full-size copy."""
    factor = max(1, min(image.width // box[0], image.height // box[1]))
    if image.mode in {"L", "RGB", "CMYK"} and "transparency" not in image.info:
        return image.reduce(factor) if factor > 1 else image
    is_grey = image.mode in {"1", "I", "F"} or image.mode.startswith("I;16")
    size = (math.ceil(image.width / factor), math.ceil(image.height / factor))
    result = Image.new("L" if is_grey else "RGB", size)
    rows = max(1, _STRIP_PIXELS // image.width // factor) * factor
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(image.height, top + rows)))
        flat = _flat_grey(strip) if is_grey else _flat_colour(strip)
        result.paste(flat.reduce(factor) if factor > 1 else flat, (0, top // factor))
    return result


def _flat_grey(strip: Image.Image) -> Image.Image:
    if strip.mode == "1":
        return strip.convert("L")
    # Pillow clips 16 bits when converting to 8 instead of scaling them.
    return strip.convert("I").point(lambda value: value * (1 / 257)).convert("L")


def _flat_colour(strip: Image.Image) -> Image.Image:
    layered = strip.convert("RGBA")
    flat = Image.new("RGB", layered.size, "white")
    flat.paste(layered, mask=layered.getchannel("A"))
    return flat


def _in_srgb(pixels: Image.Image, profile: object) -> Image.Image:
    """Convert by the embedded profile; a profile that is broken or for another space is ignored."""
    if (
        isinstance(profile, bytes)
        and profile[16:20] == _ICC_SPACES.get(pixels.mode)
        and not _is_srgb(profile)
    ):
        try:
            converted = ImageCms.profileToProfile(pixels, io.BytesIO(profile), _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, ValueError, OSError, TypeError):
            converted = None
        if converted is not None:
            return converted
    return pixels.convert("RGB") if pixels.mode != "RGB" else pixels


def _is_srgb(profile: bytes) -> bool:
    """Say whether the profile calls itself sRGB, the usual case, where converting would only cost time."""
    return b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile


def _jpeg_bytes(pixels: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    pixels.save(buffer, "JPEG", quality=quality, progressive=True, exif=b"", comment=b"", icc_profile=None)
    return buffer.getvalue()


def _dhash(thumb: Image.Image) -> int:
    """Return 64 bits that say where it gets brighter to the right, as a signed integer (a column of ours)."""
    grey = thumb.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (grey[at] < grey[at + 1])
    return bits - (1 << 64) if bits >> 63 else bits
