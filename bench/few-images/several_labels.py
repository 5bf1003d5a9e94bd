"""scikit-learn's logistic regressions, one a label, on the features of several-labels.bench.ts; the penalty by the last fifth of the images.
Then, where there is far.f32, the distance from the nearest mean of a label, as Fovea computes it.

    python several_labels.py <folder of learn.f32, test.f32 and perhaps far.f32> <folder of learn/labels.csv and test/labels.csv>
"""

import csv
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

WIDTH = 1280
STRENGTHS = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1]


def load(name):
    features = np.fromfile(Path(sys.argv[1]) / f"{name}.f32", dtype=np.float32).reshape(-1, WIDTH)
    with open(Path(sys.argv[2]) / name / "labels.csv", newline="") as file:
        rows = sorted((row["file"], row["label"].split("|")) for row in csv.DictReader(file))
    return features, [labels for _, labels in rows]


def fit(features, truth, strength, weight):
    return [LogisticRegression(C=strength, max_iter=500, class_weight=weight).fit(features, column) for column in truth.T]


def predict(models, features):
    return np.stack([model.predict_proba(features)[:, 1] for model in models], axis=1)


def log_loss(truth, probabilities):
    return -np.log(np.where(truth, probabilities, 1 - probabilities)).mean()


(learn, learn_labels), (test, test_labels) = load("learn"), load("test")
names = sorted({name for labels in learn_labels for name in labels})
truth, expected = (np.array([[name in labels for name in names] for labels in all_]) for all_ in (learn_labels, test_labels))


def normalized(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def label_means(rows, has):
    return np.stack([rows[column].mean(0) for column in has.T])


def nearest(rows, means):
    return np.sqrt(np.square(rows[:, None] - means).sum(2).min(1))


far_file = Path(sys.argv[1]) / "far.f32"
if far_file.exists():
    rows, far = normalized(learn), normalized(np.fromfile(far_file, dtype=np.float32).reshape(-1, WIDTH))
    for count in (100, len(rows)):
        known, has, fold = rows[:count], truth[:count], np.arange(count) % 5
        held_out = [nearest(known[fold == each], label_means(known[fold != each], has[fold != each])) for each in range(5)]
        threshold = np.quantile(np.concatenate(held_out), 0.95)
        means = label_means(known, has)
        of_test, of_far = nearest(normalized(test), means), nearest(far, means)
        area = roc_auc_score(np.arange(len(of_test) + len(of_far)) >= len(of_test), np.concatenate([of_test, of_far]))
        rejected, found = (of_test > threshold).mean(), (of_far > threshold).mean()
        print(f"| {count} | {100 * rejected:.1f} % | {area:.3f} | {100 * found:.0f} % |")

centre = learn.mean(0)
scale = np.sqrt(np.square(learn - centre).mean())
learn, test = (learn - centre) / scale, (test - centre) / scale
held = len(learn) * 4 // 5
print("| | exactly the true labels | wrong labels | log loss | mean average precision | F1, macro |")
for name, weight in (("one regression a label", None), ("the same, balanced", "balanced")):
    losses = [log_loss(truth[held:], predict(fit(learn[:held], truth[:held], each, weight), learn[held:])) for each in STRENGTHS]
    found = predict(fit(learn, truth, STRENGTHS[int(np.argmin(losses))], weight), test)
    answer = found >= 0.5
    print(
        f"| {name} | {100 * (answer == expected).all(1).mean():.1f} % | {100 * (answer != expected).mean():.1f} % | {log_loss(expected, found):.3f}"
        f" | {average_precision_score(expected, found, average='macro'):.3f} | {f1_score(expected, answer, average='macro'):.3f} |"
    )
