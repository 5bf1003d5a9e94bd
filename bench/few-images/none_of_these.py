"""How well scores tell images of classes that a head did not learn, on the features that few-images.bench.ts keeps.

Each of five rounds holds two classes of CIFAR-10 out, so that each class is held out once: near images. Far images are those of
far_images.py. Scores of learned images that five-fold cross-validation holds out set the threshold that 95 % of them pass.

    python none_of_these.py <folder of the features> <counts, such as [20,50,200]>

Sources: energy, arXiv 2010.03759; relative Mahalanobis, arXiv 2106.09022 (diagonal covariances here);
nearest neighbours, arXiv 2204.06507; residual, arXiv 2203.10807; nearest class mean, Mensink et al. 2013. All on normalised features.
"""

import json
import sys
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

warnings.filterwarnings("ignore")
CLASSES, WIDTH, PER_SEED, FOLDS = 10, 1280, 200, 5
# In the order of the sorted folder names, of which few-images.bench.ts takes one image in turn.
FAR = ["noise", "photographs", "photographs of 32 pixels", "text"]


def load(name):
    rows = np.fromfile(f"{sys.argv[1]}/{name}.f32", dtype=np.float32).reshape(-1, WIDTH).astype(float)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def squares(rows, means):
    """`[rows, means]`"""
    return np.square(rows).sum(1)[:, None] + np.square(means).sum(1) - 2 * rows @ means.T


def scorer(fit, classes):
    """A function from rows to scores; larger is less like the known classes."""
    present = np.unique(classes)
    means = np.stack([fit[classes == each].mean(0) for each in present])
    within = (fit - means[np.searchsorted(present, classes)]).var(0)
    variances, centre = fit.var(0), fit.mean(0)
    within, variances = within + 1e-3 * within.mean(), variances + 1e-3 * variances.mean()
    axes = np.linalg.svd(fit - centre, full_matrices=False)[2][:64]
    regression = LogisticRegression(max_iter=300, C=10).fit(fit, classes)

    def scores(rows):
        of_class = squares(rows / np.sqrt(within), means / np.sqrt(within)).min(1)
        logits = regression.decision_function(rows)
        largest = logits.max(1, keepdims=True)
        return {
            "nearest class mean": np.sqrt(squares(rows, means).min(1)),
            "relative Mahalanobis": of_class - (np.square(rows - centre) / variances).sum(1),
            "residual of 64 components": np.square(rows - centre).sum(1)
            - np.square((rows - centre) @ axes.T).sum(1),
            "5-nearest": -np.sort(rows @ fit.T, axis=1)[:, -5],
            "energy": -(largest[:, 0] + np.log(np.exp(logits - largest).sum(1))),
        }

    return scores


train, test, far = load("train"), load("test")[: 300 * CLASSES], load("far")
truth = np.arange(len(test)) % CLASSES
kinds = {name: far[np.arange(len(far)) % len(FAR) == place] for place, name in enumerate(FAR)}
for count in json.loads(sys.argv[2]):
    found = {}
    for seed in range(CLASSES // 2):
        held = [2 * seed, 2 * seed + 1]
        images = np.arange(seed * PER_SEED * CLASSES, (seed * PER_SEED + count) * CLASSES)
        known = images[~np.isin(images % CLASSES, held)]
        fold = (known // CLASSES) % FOLDS
        held_out = []
        for each in range(FOLDS):
            learned = known[fold != each]
            held_out.append(scorer(train[learned], learned % CLASSES)(train[known[fold == each]]))
        is_unknown = np.isin(truth, held)
        sets = {"learned": test[~is_unknown], "near": test[is_unknown], **kinds}
        scores = scorer(train[known], known % CLASSES)
        of_sets = {name: scores(rows) for name, rows in sets.items()}
        for score in held_out[0]:
            threshold = np.quantile(np.concatenate([each[score] for each in held_out]), 0.95)
            learned = of_sets["learned"][score]
            row = [(learned > threshold).mean()]
            for name in list(sets)[1:]:
                values = of_sets[name][score]
                labels = np.arange(len(learned) + len(values)) >= len(learned)
                row += [
                    roc_auc_score(labels, np.concatenate([learned, values])),
                    (values <= np.quantile(learned, 0.95)).mean(),
                    (values > threshold).mean(),
                ]
            found.setdefault(score, []).append(row)
    for score, rows in found.items():
        rejected, *rest = np.mean(rows, axis=0)
        cells = [f"{a:.3f}, {100 * fpr:.0f} %, {100 * share:.0f} %" for a, fpr, share in np.reshape(rest, (-1, 3))]
        print(f"| {count} | {score} | {100 * rejected:.1f} % | {' | '.join(cells)} |", flush=True)
