"""Runs an ONNX file on ONNX Runtime or OpenVINO, for `bench/architectures.bench.ts`:

    pip install onnxruntime==1.32.0 openvino==2026.4.1
    python bench/architectures/peers.py onnxruntime|openvino <file.onnx> <input.f32> <channels,height,width> <threads> <seconds>

Prints the answers to all rows, the rate and latency of the first row alone, and the anonymous memory of the process, as JSON.
"""
import json, statistics, sys, time

import numpy as np

runtime, file, rows, shape, threads, seconds = sys.argv[1:]
x = np.fromfile(rows, 'float32').reshape(-1, *(int(side) for side in shape.split(',')))


def open_onnxruntime():
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(threads)
    session = onnxruntime.InferenceSession(file, options, providers=['CPUExecutionProvider'])
    name = session.get_inputs()[0].name
    return lambda row: session.run(None, {name: row})[0]


def open_openvino():
    import openvino
    compiled = openvino.Core().compile_model(file, 'CPU', {'INFERENCE_NUM_THREADS': int(threads), 'PERFORMANCE_HINT': 'LATENCY',
                                                            'INFERENCE_PRECISION_HINT': 'f32'})
    return lambda row: compiled(row)[compiled.output(0)]


run = open_onnxruntime() if runtime == 'onnxruntime' else open_openvino()
answers = [np.asarray(run(row[None]), 'float64').ravel().tolist() for row in x]
latencies = []
end = time.perf_counter() + float(seconds)
while time.perf_counter() < end:
    start = time.perf_counter()
    run(x[:1])
    latencies.append(time.perf_counter() - start)
memory = next(int(line.split()[1]) * 1024 for line in open('/proc/self/status') if line.startswith('RssAnon'))
print(json.dumps({'answers': answers, 'imagesPerSecond': len(latencies) / sum(latencies),
                  'latencyMs': 1000 * statistics.median(latencies), 'memoryBytes': memory}))
