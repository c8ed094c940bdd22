"""Runs SavedModels in TensorFlow and .keras files in Keras: interop-tensorflow.py FILES.json.

FILES.json: a list of {folder, keras, input, shape}; folder or keras may be left out; each input is raw float32, NHWC. Writes
{version, keras, outputs, models} to standard output: versions, the logits of each folder, and of each .keras file logits,
number of trainable parameters and losses of three steps.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np
import tensorflow as tf


def run_keras(file, images):
    import keras

    model = keras.saving.load_model(file)
    logits = model(images).numpy()
    batch = np.concatenate([images, -images, images[:, ::-1], images[:, :, ::-1]])
    # Compiling a graph takes four times as long as three steps without one.
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, run_eagerly=True)
    labels = np.arange(len(batch)) % logits.shape[1]
    losses = [float(model.train_on_batch(batch, labels)) for _ in range(3)]
    params = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    names = [layer.name for layer in model.layers]
    return {"logits": logits.reshape(-1).tolist(), "params": params, "losses": losses, "layers": names}


def keras_version():
    import keras

    return keras.__version__


with open(sys.argv[1]) as file:
    jobs = json.load(file)
outputs, models = [], []
for job in jobs:
    images = np.fromfile(job["input"], np.float32).reshape(job["shape"])
    if "keras" in job:
        models.append(run_keras(job["keras"], images))
    if "folder" not in job:
        continue
    served = tf.saved_model.load(job["folder"]).signatures["serving_default"]
    found = served(input=tf.constant(images))
    assert np.allclose(tf.nn.softmax(found["logits"]), found["probabilities"], atol=1e-6)
    outputs.append([float(value) for value in found["logits"].numpy().reshape(-1)])
print(json.dumps({"version": tf.__version__, "keras": keras_version(), "outputs": outputs, "models": models}))
