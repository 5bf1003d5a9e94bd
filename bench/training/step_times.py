"""Seconds of each training step of the shipped network in Keras, graph mode, as JSON.

Run by training.bench.ts: python keras.py <batch> <steps>; wants tensorflow and keras.
"""

import json
import sys
import time

import keras
import numpy as np
from keras import layers

batch, steps = int(sys.argv[1]), int(sys.argv[2])


def normalized(x):
    x = layers.BatchNormalization(momentum=0.95, epsilon=1e-3)(x)
    return layers.Activation("relu")(x)


inputs = keras.Input((32, 32, 3))
x = inputs
for filters in (32, 64, 128):
    for _ in range(2):
        x = normalized(layers.Conv2D(filters, 3, padding="same")(x))
    x = layers.Dropout(0.25)(layers.MaxPooling2D(2)(x))
x = layers.Flatten()(x)
for units in (256, 128):
    x = layers.Dropout(0.5)(normalized(layers.Dense(units)(x)))
model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
model.compile(
    optimizer=keras.optimizers.SGD(
        0.01, momentum=0.9, nesterov=True, weight_decay=5e-4, use_ema=True, ema_momentum=0.998
    ),
    loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
    metrics=["accuracy"],
    jit_compile=False,
)

images = np.random.default_rng(1).random((steps * batch, 32, 32, 3), dtype=np.float32)
labels = np.eye(10, dtype=np.float32)[np.arange(steps * batch) % 10]
times = []


class Clock(keras.callbacks.Callback):
    def on_train_batch_begin(self, _, logs=None):
        self.started = time.perf_counter()

    def on_train_batch_end(self, _, logs=None):
        times.append(time.perf_counter() - self.started)


model.fit(images, labels, batch_size=batch, epochs=1, verbose=0, callbacks=[Clock()])
print(json.dumps({"version": keras.__version__, "seconds": times}))
