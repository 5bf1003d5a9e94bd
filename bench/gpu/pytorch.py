#!/usr/bin/env python3
"""Images a second of PyTorch on this machine's GPU, to hold engines.bench.ts against: same networks, random weights.

    bench/gpu/pytorch.py [--seconds 0.3] [--networks cifar10,mobileNetV2,resNet50,vitB16] [--modes fp32,fp16,fp16-graph]

Modes: fp32 (without TF32), fp16 (channels last), fp16-graph (the same as a CUDA graph), fp16-compile (torch.compile,
mode reduce-overhead). Inputs lie on the card already: copies are not counted.
"""
import argparse
import statistics
import time

import torch
import torchvision
from torch import nn

BATCH_SIZES = [1, 8, 64, 256]
MIN_CALLS = 8


def cifar10():
    """The network that Fovea ships; batch norm is not folded."""
    layers, channels = [], 3
    for filters in (32, 64, 128):
        for _ in range(2):
            layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.BatchNorm2d(filters), nn.ReLU()]
            channels = filters
        layers += [nn.MaxPool2d(2)]
    layers += [nn.Flatten(), nn.Linear(2048, 256), nn.BatchNorm1d(256), nn.ReLU()]
    layers += [nn.Linear(256, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 10), nn.Softmax(-1)]
    return nn.Sequential(*layers)


NETWORKS = {
    'cifar10': (cifar10, 32),
    'mobileNetV2': (torchvision.models.mobilenet_v2, 224),
    'resNet50': (torchvision.models.resnet50, 224),
    'vitB16': (torchvision.models.vit_b_16, 224),
}


def as_graph(model, images):
    """Records one call after some on a stream of their own, as PyTorch's documentation of CUDA graphs asks for."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            model(images)
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        model(images)
    return graph.replay


def prepare(name, mode, rows):
    build, size = NETWORKS[name]
    model = build().cuda().eval()
    images = torch.rand(rows, 3, size, size, device='cuda')
    if mode == 'fp32':
        return lambda: model(images)
    model = model.half().to(memory_format=torch.channels_last)
    images = images.half().contiguous(memory_format=torch.channels_last)
    if mode == 'fp16-graph':
        return as_graph(model, images)
    if mode == 'fp16-compile':
        model = torch.compile(model, mode='reduce-overhead', dynamic=False)
    return lambda: model(images)


def time_calls(call, seconds):
    """Median seconds of a call, waited for."""
    for _ in range(3):
        call()
    torch.cuda.synchronize()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < MIN_CALLS:
        start = time.perf_counter()
        call()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seconds', type=float, default=0.3)
    parser.add_argument('--networks', default=','.join(NETWORKS))
    parser.add_argument('--modes', default='fp32,fp16,fp16-graph')
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    print(f'PyTorch {torch.__version__}, {torch.cuda.get_device_name()}')
    for name in arguments.networks.split(','):
        for mode in arguments.modes.split(','):
            with torch.inference_mode():
                times = [time_calls(prepare(name, mode, rows), arguments.seconds) for rows in BATCH_SIZES]
            cells = [f'{rows}: {1e3 * s:.3f} ms, {rows / s:.0f}/s' for rows, s in zip(BATCH_SIZES, times)]
            print(name, mode, ' | '.join(cells), flush=True)


if __name__ == '__main__':
    main()
