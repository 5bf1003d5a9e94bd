"""Makes images of several labels: mosaics of four CIFAR-10 photographs, each labelled with the classes in it.

    pip install pillow
    python bench/few-images/mosaics.py CIFAR/train 500 OUT/learn 1
    python bench/few-images/mosaics.py CIFAR/test 1000 OUT/test 2

A class is drawn the more rarely the later its name comes (weights 1, 1/2, 1/3 ...), so that labels differ in how common they are.
"""

import csv
import random
import sys
from pathlib import Path

from PIL import Image

SIDE = 32
folder, count, out, seed = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
draw = random.Random(seed)
photographs = {each.name: sorted(each.iterdir()) for each in sorted(folder.iterdir())}
weights = [1 / (place + 1) for place in range(len(photographs))]
out.mkdir(parents=True)
with open(out / "labels.csv", "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["file", "label"])
    for number in range(count):
        classes = draw.choices(list(photographs), weights, k=4)
        mosaic = Image.new("RGB", (2 * SIDE, 2 * SIDE))
        for place, name in enumerate(classes):
            with Image.open(draw.choice(photographs[name])) as photograph:
                mosaic.paste(photograph.convert("RGB"), (place % 2 * SIDE, place // 2 * SIDE))
        mosaic.save(out / f"{number:04d}.png")
        table.writerow([f"{number:04d}.png", "|".join(sorted(set(classes)))])
