"""Makes pr_curves.jsonl: the counts that TensorBoard's own summary makes of predictions.

    pip install tensorboard==2.21.0 && python pr_curves.py > pr_curves.jsonl
"""

import json
import sys
import types

import numpy as np
import tensorboard.plugins.pr_curve.summary as summary

# It imports TensorFlow, only to pack what it has counted: that is taken from it before.
for module in ("tensorflow", "tensorflow.compat", "tensorflow.compat.v1"):
    sys.modules[module] = types.ModuleType(module)
sys.modules["tensorflow"].compat = sys.modules["tensorflow.compat"]
sys.modules["tensorflow.compat"].v1 = sys.modules["tensorflow.compat.v1"]
ROWS = ["true_positive_counts", "false_positive_counts", "true_negative_counts"]
ROWS += ["false_negative_counts", "precision", "recall"]
summary.raw_data_pb = lambda name, **given: np.float32(np.stack([given[row] for row in ROWS]))

rng = np.random.default_rng(4)


def plain(array):
    return array.astype(float).reshape(-1).tolist()


def case(name, thresholds, predictions, weights=None):
    predictions = np.float32(predictions)
    labels = rng.random(len(predictions)) < 0.4
    made = {"name": name, "thresholds": thresholds, "labels": labels.astype(int).tolist()}
    made["predictions"] = plain(predictions)
    if weights is not None:
        weights = np.float32(weights)
        made["weights"] = plain(weights)
    expected = summary.pb(name, labels, predictions, num_thresholds=thresholds, weights=weights)
    print(json.dumps({**made, "expected": plain(expected)}))


def around(thresholds):
    at = np.float32(np.arange(thresholds) / (thresholds - 1))
    return np.concatenate([np.nextafter(at, np.float32(0)), at, np.nextafter(at, np.float32(1))])


case("random", 201, rng.random(80))
case("as many thresholds as torch", 127, rng.random(80))
case("two thresholds", 2, rng.choice([0.0, 1.0, 0.5], 20))
case("on 101 thresholds", 101, np.arange(101) / 100)
case("on 201 thresholds", 201, np.arange(201) / 200)
case("around the thresholds", 127, around(127))
case("weights", 50, rng.random(100), rng.random(100) * 3)
case("weights of 0 and 1", 31, rng.random(60), rng.integers(0, 2, 60))
case("skewed", 41, rng.random(80) ** 6)
