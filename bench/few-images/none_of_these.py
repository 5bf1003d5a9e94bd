"""How well scores tell images of classes that a head did not learn, on the features that few-images.bench.ts keeps.

Each of five rounds holds two classes of CIFAR-10 out, so that each class is held out once. A fifth of the images sets the threshold that 95 % of
them pass; the test images of the known classes give the false-reject rate, those of the classes held out the share that is found.

    python none_of_these.py <folder> <counts, such as [20,50,200]>

Sources: maximum softmax, arXiv 1610.02136; energy, arXiv 2010.03759; Mahalanobis, arXiv 1807.03888; relative Mahalanobis, arXiv 2106.09022;
nearest neighbours, arXiv 2204.06507.
"""

import json
import sys
import warnings

import numpy as np
from sklearn.covariance import ledoit_wolf
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

warnings.filterwarnings("ignore")
CLASSES, WIDTH, PER_SEED = 10, 1280, 200


def load(name):
    return np.fromfile(f"{sys.argv[1]}/{name}.f32", dtype=np.float32).reshape(-1, WIDTH)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def mahalanobis(fit, classes, rows):
    means = np.stack([fit[classes == each].mean(0) for each in np.unique(classes)])
    centred = fit - means[np.searchsorted(np.unique(classes), classes)]

    def distances(centre, deviations):
        root = np.linalg.cholesky(np.linalg.inv(ledoit_wolf(deviations)[0]))
        return [np.square((rows - mean) @ root).sum(1) for mean in centre]

    of_class = np.min(distances(means, centred), axis=0)
    of_all = distances([fit.mean(0)], fit - fit.mean(0))[0]
    return of_class, of_class - of_all


def scores(fit, classes, rows):
    """Larger is less like the known classes."""
    logits = LogisticRegression(max_iter=300).fit(fit, classes).decision_function(rows)
    largest = logits.max(1, keepdims=True)
    energy = -(largest[:, 0] + np.log(np.exp(logits - largest).sum(1)))
    of_class, relative = mahalanobis(fit, classes, rows)
    similar = unit(rows) @ unit(fit).T
    means = unit(np.stack([unit(fit)[classes == each].mean(0) for each in np.unique(classes)]))
    nearest = {f"{k}-nearest": -np.sort(similar, axis=1)[:, -k] for k in (1, 5, 10)}
    return {
        "maximum softmax": -1 / np.exp(logits - largest).sum(1),
        "energy": energy,
        "cosine to class mean": -(unit(rows) @ means.T).max(1),
        "Mahalanobis": of_class,
        "relative Mahalanobis": relative,
        **nearest,
    }


train, test = load("train"), load("test")[: 300 * CLASSES]
truth = np.arange(len(test)) % CLASSES
for count in json.loads(sys.argv[2]):
    found = {}
    for seed in range(CLASSES // 2):
        held = [2 * seed, 2 * seed + 1]
        images = np.arange(seed * PER_SEED * CLASSES, (seed * PER_SEED + count) * CLASSES)
        known = images[~np.isin(images % CLASSES, held)]
        is_validation = (known // CLASSES) % 5 == 0
        fit, validation = known[~is_validation], known[is_validation]
        is_unknown = np.isin(truth, held)
        of = scores(train[fit], fit % CLASSES, np.concatenate([train[validation], test]))
        for name, values in of.items():
            threshold = np.quantile(values[: len(validation)], 0.95)
            of_test = values[len(validation) :]
            row = [
                roc_auc_score(is_unknown, of_test),
                (of_test[~is_unknown] > threshold).mean(),
                (of_test[is_unknown] > threshold).mean(),
            ]
            found.setdefault(name, []).append(row)
    for name, rows in found.items():
        mean, spread = np.mean(rows, axis=0), np.std(rows, axis=0)
        print(f"| {count} | {name} | {mean[0]:.3f} ± {spread[0]:.3f} | {100 * mean[1]:.1f} % | {100 * mean[2]:.1f} % |", flush=True)
