"""Print each event file below a directory with the offset of its first damage, by TensorBoard's reader of records."""

import os
import sys

from tensorboard.compat.tensorflow_stub import errors
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New


def first_damage(path):
    reader = PyRecordReader_New(path)
    used, size = 0, os.path.getsize(path)
    while used < size:
        try:
            reader.GetNext()
        except (errors.DataLossError, errors.OutOfRangeError):
            return used
        used += 16 + len(reader.record())
    return "good"


for folder, _, names in sorted(os.walk(sys.argv[1])):
    for name in sorted(names):
        path = os.path.join(folder, name)
        print(f"{path}\t{first_damage(path)}")
