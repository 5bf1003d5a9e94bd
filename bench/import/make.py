"""Makes the models of `bench/import.bench.ts`, and what their own frameworks answer:

    pip install keras==3.15.1 tensorflow-cpu==2.21.0 torch==2.15.0 torchvision==0.29.2 onnx==1.23.2 onnxscript==0.7.2
    python bench/import/make.py <folder>

Weights are random. The statistics of batch norms are those of the pictures, so that activations stay in range; the last
layer is scaled so that the logits of a picture deviate by 3, because differences of nearly equal probabilities show nothing.
"""
import json, pathlib, sys, time

import numpy as np

FOLDER = pathlib.Path(sys.argv[1])
FOLDER.mkdir(parents=True, exist_ok=True)
DEVIATION = 3.0
TORCH = ['resnet18', 'mobilenet_v3_small', 'efficientnet_b0', 'squeezenet1_1', 'shufflenet_v2_x1_0', 'regnet_y_400mf',
         'mnasnet1_0', 'googlenet', 'convnext_tiny', 'vit_b_16', 'swin_t', 'densenet121', 'mobilenet_v2', 'resnext50_32x4d']
KERAS = {'MobileNetV2': ('tf', 224), 'MobileNetV3Small': ('none', 224), 'MobileNetV3Large': ('none', 224), 'EfficientNetB0': ('none', 224),
         'EfficientNetV2B0': ('none', 224), 'ResNet50': ('caffe', 224), 'ResNet50V2': ('tf', 224), 'DenseNet121': ('torch', 224),
         'Xception': ('tf', 299), 'InceptionV3': ('tf', 299), 'NASNetMobile': ('tf', 224), 'ConvNeXtTiny': ('none', 224)}
MEAN, STD = np.array([0.485, 0.456, 0.406], 'float32'), np.array([0.229, 0.224, 0.225], 'float32')


def pictures(size, count):
    """Waves of all sizes, like the frequencies of photographs; uint8 [count, size, size, 3]."""
    random = np.random.default_rng(size)
    y, x = np.mgrid[0:size, 0:size] / size
    result = np.zeros((count, size, size, 3))
    for picture in range(count):
        for channel in range(3):
            for octave in range(7):
                fy, fx, phase = random.normal(0, 2**octave, 2).tolist() + [random.uniform(0, 6.3)]
                result[picture, :, :, channel] += np.sin(6.3 * (fy * y + fx * x) + phase) / 2 ** (octave / 2)
    low, high = result.min(), result.max()
    return ((result - low) / (high - low) * 255).astype('uint8')


def write(name, file, size, answers, flags, parameters, framework):
    pixels = pictures(size, 2)
    (FOLDER / f'{size}.pixels').write_bytes(pixels.tobytes())
    about = {'name': name, 'file': file, 'size': size, 'flags': flags, 'parameters': parameters, 'framework': framework,
             'probabilities': np.asarray(answers, 'float64').tolist()}
    (FOLDER / f'{name}.json').write_text(json.dumps(about))
    print(name, parameters, 'largest', np.max(answers), flush=True)


def make_torch(name):
    import torch, torchvision
    torch.manual_seed(7)
    options = {'aux_logits': False, 'init_weights': True} if name == 'googlenet' else {}
    model = torchvision.models.get_model(name, weights=None, **options)
    x = torch.from_numpy((pictures(224, 8).astype('float32') / 255 - MEAN) / STD).permute(0, 3, 1, 2)
    norms = [part for part in model.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    for part in model.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0
    for part in norms:
        part.momentum = None
    with torch.no_grad():
        model.train()
        model(x)
        model.eval()
        two = torch.from_numpy((pictures(224, 2).astype('float32') / 255 - MEAN) / STD).permute(0, 3, 1, 2)
        last = [part for part in model.modules() if isinstance(part, (torch.nn.Linear, torch.nn.Conv2d)) and 1000 in part.weight.shape[:1]][-1]
        factor = DEVIATION / model(two).std(dim=1).mean().clamp(min=1e-6)
        last.weight *= factor
        last.bias *= factor
        answers = torch.softmax(model(two).double(), 1).numpy()
    rows = torch.export.Dim('batch', min=1, max=64)
    torch.onnx.export(model, (two,), str(FOLDER / f'{name}.onnx'), dynamo=True, external_data=False, opset_version=20,
                      dynamic_shapes=({0: rows},), verbose=False)
    write(name, f'{name}.onnx', 224, answers, ['--preset', 'torchvision', '--activation', 'softmax'],
          sum(part.numel() for part in model.parameters()), 'PyTorch')


def make_keras(name, mode, size):
    import keras
    keras.utils.set_random_seed(7)
    model = getattr(keras.applications, name)(weights=None, classifier_activation='softmax')
    scale = {'tf': lambda x: x / 127.5 - 1, 'none': lambda x: x, 'torch': lambda x: (x / 255 - MEAN) / STD,
             'caffe': lambda x: x[..., ::-1] - np.array([103.939, 116.779, 123.68], 'float32')}[mode]
    x, two = scale(pictures(size, 8).astype('float32')), scale(pictures(size, 2).astype('float32'))
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    model(x, training=True)
    def deviation():
        return np.log(np.maximum(model.predict(two, verbose=0), 1e-30)).std(axis=1).mean()
    last = [layer for layer in model.layers if isinstance(layer, (keras.layers.Dense, keras.layers.Conv2D))][-1]
    last.set_weights([w * DEVIATION / max(deviation(), 1e-6) for w in last.get_weights()])
    model.save(FOLDER / f'keras-{name}.keras')
    write(f'keras-{name}', f'keras-{name}.keras', size, model.predict(two, verbose=0), ['--preset', f'keras:{mode}'],
          model.count_params(), 'Keras')


for name, (mode, size) in KERAS.items():
    try:
        make_keras(name, mode, size)
    except Exception as error:
        print(name, 'failed:', str(error)[:200], flush=True)
for name in TORCH:
    try:
        make_torch(name)
    except Exception as error:
        print(name, 'failed:', str(error)[:200], flush=True)
