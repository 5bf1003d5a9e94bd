"""Images of no class of CIFAR-10: crops of scikit-image's and scikit-learn's photographs without the cat and the horse, the same at 32 pixels,
pages of random letters, and noise. `far_images.py <folder>` writes 150 of each.
"""

import sys
from pathlib import Path

import numpy as np
import skimage
import sklearn.datasets
from PIL import Image, ImageDraw, ImageFont

NAMES = "astronaut brick camera coffee coins grass gravel hubble_deep_field ihc motorcycle_left moon retina rocket".split()
photographs = [path for path in Path(skimage.__file__).parent.glob("data/*") if path.stem in NAMES]
photographs += Path(sklearn.datasets.__file__).parent.glob("images/*.jpg")
random = np.random.default_rng(0)


def crop(path):
    image = Image.open(path).convert("RGB")
    width, height = image.size
    side = int(min(width, height) * random.uniform(0.4, 1))
    left, top = random.integers(0, width - side + 1), random.integers(0, height - side + 1)
    return image.crop((left, top, left + side, top + side)).resize((256, 256))


def page():
    image = Image.new("RGB", (256, 256), tuple(random.integers(230, 256, 3)))
    size = int(random.integers(10, 22))
    letters = list("abcdefghijklmnopqrstuvwxyz     ")
    for y in range(4, 250, int(1.4 * size)):
        ImageDraw.Draw(image).text(
            (6, y), "".join(random.choice(letters, 40)), fill=(20, 20, 20), font=ImageFont.load_default(size)
        )
    return image


for number in range(150):
    photograph = crop(sorted(photographs)[number % len(photographs)])
    images = {
        "photographs": photograph,
        "photographs of 32 pixels": photograph.resize((32, 32), Image.Resampling.BICUBIC),
        "text": page(),
        "noise": Image.fromarray(random.integers(0, 256, (32, 32, 3), dtype=np.uint8)),
    }
    for kind, image in images.items():
        folder = Path(sys.argv[1], kind)
        folder.mkdir(parents=True, exist_ok=True)
        image.save(folder / f"{number:04}.png")
