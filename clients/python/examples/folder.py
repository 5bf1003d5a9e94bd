"""Classifies every image of a folder over one stream. Run: python3 folder.py FOLDER [--url http://localhost:5000]"""

import argparse
import asyncio
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from fovea_client import FoveaClient, FoveaError, PredictionStream, RequestOptions  # noqa: E402

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tiff", ".avif"}


async def classify(stream: PredictionStream, path: Path) -> str:
    try:
        answer = await stream.predict(path.read_bytes(), RequestOptions(top_k=1))
    except FoveaError as error:
        return f"{path.name}: {error.code}: {error}"
    index, confidence = (answer.ranked or [(0, 0.0)])[0]
    return f"{path.name}: {stream.hello['model']['labels'][index]} ({confidence:.0%})"


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", default="http://localhost:5000")
    parser.add_argument("--api-key")
    args = parser.parse_args()
    paths = sorted(path for path in args.folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    async with FoveaClient(args.url, args.api_key) as client, client.stream() as stream:
        # So many tasks at a time that not every file of a large folder is in memory.
        for first in range(0, len(paths), 256):
            group = paths[first : first + 256]
            for line in await asyncio.gather(*(classify(stream, path) for path in group)):
                print(line)


asyncio.run(main())
