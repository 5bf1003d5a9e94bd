"""Reads `<side> <times> <file>` lines and answers each with the processor time of one decode in milliseconds: Pillow's draft mode,
then its bilinear resize. Needs Pillow."""

import io
import sys
import time

from PIL import Image

for line in sys.stdin:
    side, times, path = line.rstrip("\n").split(" ", 2)
    size = (int(side), int(side))
    with open(path, "rb") as file:
        data = file.read()
    start = time.process_time()
    for _ in range(int(times)):
        image = Image.open(io.BytesIO(data))
        image.draft("RGB", size)
        image.convert("RGB").resize(size, Image.Resampling.BILINEAR)
    print((time.process_time() - start) * 1000 / int(times), flush=True)
