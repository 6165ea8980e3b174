"""From image files to arrays of pixels."""

import struct
import zlib
from io import BytesIO
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, UnidentifiedImageError

from paretoscope.datasets.listing import Listing
from paretoscope.datasets.names import shown
from paretoscope.datasets.progress import Progress
from paretoscope.datasets.sources import Entry, Reader, Source, invalid
from paretoscope.datasets.splits import Arrays, Bytes

MAX_SIDE = 1024  # pixels
MAX_TOTAL_BYTES = 8 * 2**30  # of decoded images, which stay in memory
_MODES = {"1": "L", "L": "L", "RGB": "RGB", "P": "RGB"}  # what PIL reports → what is kept
_CHANNELS = {"L": 1, "RGB": 3}
_REPORT_EVERY = 500  # images
# What PIL and its decoders raise for damaged or hostile files.
_BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, struct.error, zlib.error),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)


def image_shape(source: Source, entry: Entry) -> tuple[int, int]:
    """Channels and side of one image, from its header."""
    with source.reader() as reader, _opened(source.path, entry, reader) as image:
        mode, (width, height) = _mode(source.path, entry.path, image), image.size
    if width != height:
        raise invalid(source.path, entry.path, f"is {width}×{height} pixels; images must be square.")
    if width > MAX_SIDE:
        raise invalid(
            source.path, entry.path, f"is {width}×{height} pixels; at most {MAX_SIDE}×{MAX_SIDE} are allowed."
        )
    return _CHANNELS[mode], width


def decode_all(source: Source, listing: Listing, progress: Progress) -> Arrays:
    """Decode every image once, on one thread (PIL holds the interpreter lock for images this small).

    Raises DataError that names the first image that cannot be used.
    """
    channels, side = image_shape(source, listing.train[0][0])
    count = len(listing.train) + len(listing.test)
    if count * side * side * channels > MAX_TOTAL_BYTES:
        raise invalid(
            source.path,
            "train/ and test/",
            f"{count:,} images of {side}×{side} pixels decode to more than {MAX_TOTAL_BYTES:,} bytes.",
        )
    arrays = Arrays(
        np.empty((len(listing.train), side, side, channels), dtype=np.uint8),
        np.array([label for _, label in listing.train], dtype=np.int64),
        np.empty((len(listing.test), side, side, channels), dtype=np.uint8),
        np.array([label for _, label in listing.test], dtype=np.int64),
    )
    done = 0
    with source.reader() as reader:
        for entries, images in ((listing.train, arrays.train_images), (listing.test, arrays.test_images)):
            for index, (entry, _) in enumerate(entries):
                _decode(source.path, entry, reader, images[index], first=listing.train[0][0].path)
                done += 1
                if done % _REPORT_EVERY == 0:
                    progress(done / count, f"decoding images: {done:,} of {count:,}")
    return arrays


def _opened(source: Path, entry: Entry, reader: Reader) -> Image.Image:
    data = reader.read(entry)
    try:
        return Image.open(BytesIO(data), formats=("PNG", "JPEG"))
    except UnidentifiedImageError:  # its text tells of an object in memory, not of the file
        raise invalid(
            source,
            entry.path,
            f"is not a PNG or JPEG image; its {len(data):,} bytes begin with {data[:8]!r}. Make it again or remove it.",
        ) from None
    except _BROKEN as error:
        raise invalid(source, entry.path, f"is not a PNG or JPEG image that can be read ({error}).") from error


def _mode(source: Path, path: PurePosixPath, image: Image.Image) -> str:
    try:
        return _MODES[image.mode]
    except KeyError:
        raise invalid(
            source, path, f"has pixels of kind {image.mode}; 8-bit grey or RGB without alpha is needed."
        ) from None


def _decode(source: Path, entry: Entry, reader: Reader, out: Bytes, first: PurePosixPath) -> None:
    """Decode one image into `out`, H×W×C; its header is compared first, so nothing larger is ever unpacked."""
    side, _, channels = out.shape
    path = entry.path
    with _opened(source, entry, reader) as image:
        mode = _mode(source, path, image)
        if image.size != (side, side) or _CHANNELS[mode] != channels:
            raise invalid(
                source,
                path,
                f"is {image.width}×{image.height} {_kind(_CHANNELS[mode])}, but {shown(first)} is {side}×{side} "
                f"{_kind(channels)}; all images must have one size and kind.",
            )
        try:
            pixels = image if image.mode == mode else image.convert(mode)
            out[...] = np.asarray(pixels).reshape(out.shape)
        except _BROKEN as error:
            raise invalid(source, path, f"cannot be decoded ({error}).") from error


def _kind(channels: int) -> str:
    return "grey" if channels == 1 else "RGB"
