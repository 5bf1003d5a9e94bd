"""Quantizes an ONNX file to int8 by ONNX Runtime's static quantization, for `bench/real.bench.ts`: one scale a channel of the
weights, ranges of the activations from the input's rows. Its QuantizeLinear and DequantizeLinear become int8 steps in ONNX Runtime and in OpenVINO.

    pip install onnx==1.23.2 onnxruntime==1.32.0
    python bench/real/quantize.py <file.onnx> <input.f32> <channels,height,width> <quantized.onnx>
"""
import os, sys, tempfile

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

file, images, shape, quantized = sys.argv[1:]
rows = np.fromfile(images, 'float32').reshape(-1, 1, *(int(side) for side in shape.split(',')))
name = onnx.load(file).graph.input[0].name


class Rows(CalibrationDataReader):
    def __init__(self):
        self.left = iter(rows)

    def get_next(self):
        row = next(self.left, None)
        return None if row is None else {name: row}


with tempfile.TemporaryDirectory() as folder:
    prepared = os.path.join(folder, 'prepared.onnx')
    quant_pre_process(file, prepared, skip_symbolic_shape=True)
    quantize_static(prepared, quantized, Rows(), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
