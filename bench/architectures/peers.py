"""Runs an ONNX file on ONNX Runtime or OpenVINO, for `bench/architectures.bench.ts`:

    pip install onnxruntime==1.32.0 openvino==2026.4.1
    python bench/architectures/peers.py onnxruntime|openvino <file.onnx> <input.f32> <channels,height,width> <threads> <seconds> [rows]

Prints the answers to all rows, the rate and latency of batches of the first row ([rows] times, 1 unless given), and the anonymous memory of
the process, as JSON.
"""
import json, statistics, sys, time

import numpy as np

runtime, file, images, shape, threads, seconds, *rest = sys.argv[1:]
rows = int(rest[0]) if rest else 1
x = np.fromfile(images, 'float32').reshape(-1, *(int(side) for side in shape.split(',')))


def open_onnxruntime():
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(threads)
    session = onnxruntime.InferenceSession(file, options, providers=['CPUExecutionProvider'])
    name = session.get_inputs()[0].name
    return lambda row: session.run(None, {name: row})[0]


def open_openvino():
    import openvino
    core = openvino.Core()
    model = core.read_model(file)
    model.reshape([rows, *x.shape[1:]])
    compiled = core.compile_model(model, 'CPU', {'INFERENCE_NUM_THREADS': int(threads), 'PERFORMANCE_HINT': 'LATENCY',
                                                            'INFERENCE_PRECISION_HINT': 'f32'})
    return lambda row: compiled(row)[compiled.output(0)]


run = open_onnxruntime() if runtime == 'onnxruntime' else open_openvino()
answers = [np.asarray(run(np.repeat(row[None], rows, 0)), 'float64')[0].ravel().tolist() for row in x]
batch = np.repeat(x[:1], rows, 0)
latencies = []
end = time.perf_counter() + float(seconds)
while time.perf_counter() < end:
    start = time.perf_counter()
    run(batch)
    latencies.append(time.perf_counter() - start)
memory = next(int(line.split()[1]) * 1024 for line in open('/proc/self/status') if line.startswith('RssAnon'))
print(json.dumps({'answers': answers, 'imagesPerSecond': rows * len(latencies) / sum(latencies),
                  'latencyMs': 1000 * statistics.median(latencies), 'memoryBytes': memory}))
