"""A server of the kind that people write: FastAPI, Pillow in draft mode in two threads, batches of at most 16, ONNX Runtime or OpenVINO.
Environment: ENGINE=onnxruntime|openvino, MODEL=<file.onnx, channels first>, SIDE=224, THREADS=1 (of a batch)."""
import asyncio, io, os
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import numpy as np
from fastapi import FastAPI, Request
from PIL import Image

SIDE, THREADS, MODEL = int(os.environ['SIDE']), int(os.environ.get('THREADS', '1')), os.environ['MODEL']


def open_model():
    if os.environ['ENGINE'] == 'onnxruntime':
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        session = onnxruntime.InferenceSession(MODEL, options, providers=['CPUExecutionProvider'])
        name = session.get_inputs()[0].name
        return lambda rows: session.run(None, {name: rows})[0]
    import openvino
    compiled = openvino.Core().compile_model(MODEL, 'CPU', {'INFERENCE_NUM_THREADS': THREADS, 'PERFORMANCE_HINT': 'LATENCY',
                                                            'INFERENCE_PRECISION_HINT': 'f32'})
    request = compiled.create_infer_request()
    return lambda rows: request.infer({0: rows})[compiled.output(0)].copy()


run, engine, decoders, queue = open_model(), ThreadPoolExecutor(1), ThreadPoolExecutor(2), None


def decode(file):
    image = Image.open(io.BytesIO(file))
    image.draft('RGB', (SIDE, SIDE))
    pixels = np.asarray(image.convert('RGB').resize((SIDE, SIDE), Image.Resampling.BILINEAR), np.float32)
    return np.ascontiguousarray((pixels / 127.5 - 1).transpose(2, 0, 1))


async def batch():
    loop = asyncio.get_running_loop()
    while True:
        waiting = [await queue.get()]
        while len(waiting) < 16:
            try:
                waiting.append(queue.get_nowait())
            except asyncio.QueueEmpty:
                break
        rows = await loop.run_in_executor(engine, lambda: run(np.stack([pixels for pixels, _ in waiting])))
        for (_, future), row in zip(waiting, rows):
            if not future.done():
                future.set_result(row)


@asynccontextmanager
async def life(_):
    global queue
    queue = asyncio.Queue()
    task = asyncio.create_task(batch())
    yield
    task.cancel()


app = FastAPI(lifespan=life)


@app.get('/ready')
async def ready():
    return {'status': 'ready'}


@app.post('/predict')
async def predict(request: Request):
    loop = asyncio.get_running_loop()
    pixels = await loop.run_in_executor(decoders, decode, await request.body())
    future = loop.create_future()
    queue.put_nowait((pixels, future))
    row = await future
    best = np.argsort(row)[::-1][:5]
    return {'top_k': [{'class_index': int(index), 'confidence': float(row[index])} for index in best]}
