"""Makes the models of `bench/architectures.bench.ts`, and what their own frameworks answer to photographs:

    pip install keras==3.15.1 tensorflow-cpu==2.21.0 torch==2.15.0 torchvision==0.29.2 timm onnx==1.23.2 onnxscript==0.7.2 scikit-image==0.26.0
    python bench/architectures/make.py <folder> [<name> …]

Weights are random. The statistics of batch norms are those of the photographs, so that activations stay in range; the last
layer is scaled so that the logits of a photograph deviate by 3, because differences of nearly equal probabilities show
nothing. The photographs are scikit-image's (public domain), and their mirror images for the statistics. Each model is made in
a process of its own, which ends after TIMEOUT_SECONDS.
"""
import importlib.util, json, pathlib, subprocess, sys

import numpy as np
from PIL import Image

FOLDER = pathlib.Path(sys.argv[1])
PHOTOGRAPHS = ['astronaut.png', 'chelsea.png', 'coffee.png', 'motorcycle_left.png', 'rocket.jpg']
DEVIATION = 3.0
TIMEOUT_SECONDS = 240
MEAN, STD = np.array([0.485, 0.456, 0.406], 'float32'), np.array([0.229, 0.224, 0.225], 'float32')
KERAS = {'MobileNetV2': ('tf', 224), 'MobileNetV3Small': ('none', 224), 'MobileNetV3Large': ('none', 224), 'EfficientNetB0': ('none', 224),
         'EfficientNetV2B0': ('none', 224), 'ResNet50': ('caffe', 224), 'ResNet50V2': ('tf', 224), 'DenseNet121': ('torch', 224),
         'Xception': ('tf', 299), 'InceptionV3': ('tf', 299), 'NASNetMobile': ('tf', 224), 'ConvNeXtTiny': ('none', 224), 'VGG16': ('caffe', 224)}
TORCHVISION = ['resnet18', 'mobilenet_v2', 'mobilenet_v3_small', 'mobilenet_v3_large', 'efficientnet_b0', 'squeezenet1_1', 'shufflenet_v2_x1_0',
               'regnet_y_400mf', 'mnasnet1_0', 'googlenet', 'densenet121', 'resnext50_32x4d', 'convnext_tiny', 'vit_b_16', 'swin_t']
TIMM = ['deit_tiny_patch16_224']


def photographs(size):
    """uint8 [count, size, size, 3]"""
    data = pathlib.Path(importlib.util.find_spec('skimage').origin).parent / 'data'
    pictures = [Image.open(data / name).convert('RGB').resize((size, size), Image.BICUBIC) for name in PHOTOGRAPHS]
    return np.stack([np.asarray(picture) for picture in pictures])


def mirrored(pictures):
    return np.concatenate([pictures, pictures[:, :, ::-1]]).astype('float32')


def write(name, file, size, answers, flags, parameters, framework):
    (FOLDER / f'{size}.pixels').write_bytes(photographs(size).tobytes())
    about = {'name': name, 'file': file, 'size': size, 'flags': flags, 'parameters': parameters, 'framework': framework,
             'probabilities': np.asarray(answers, 'float64').tolist()}
    (FOLDER / f'{name}.json').write_text(json.dumps(about))
    print(name, parameters, 'largest', np.max(answers), flush=True)


def build_torch(name):
    if name in TIMM:
        import timm
        return timm.create_model(name, pretrained=False), 'timm'
    import torchvision
    options = {'aux_logits': False, 'init_weights': True} if name == 'googlenet' else {}
    return torchvision.models.get_model(name, weights=None, **options), 'torchvision'


def make_torch(name):
    import torch
    torch.manual_seed(7)
    model, framework = build_torch(name)

    def scaled(pictures):
        return torch.from_numpy(((pictures.astype('float32') / 255 - MEAN) / STD).astype('float32')).permute(0, 3, 1, 2)

    for part in model.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0
        if isinstance(part, torch.nn.BatchNorm2d):
            part.momentum = None
    with torch.no_grad():
        model.train()
        model(scaled(mirrored(photographs(224))))
        model.eval()
        x = scaled(photographs(224))
        last = [part for part in model.modules() if isinstance(part, (torch.nn.Linear, torch.nn.Conv2d)) and part.weight.shape[0] == 1000][-1]
        if not last.weight.any():
            torch.nn.init.normal_(last.weight, std=0.02)
        factor = DEVIATION / model(x).std(dim=1).mean().clamp(min=1e-6)
        last.weight *= factor
        last.bias *= factor
        answers = torch.softmax(model(x).double(), 1).numpy()
    # As docs/models.md says.
    torch.onnx.export(model, (x[:1],), str(FOLDER / f'{name}.onnx'), dynamo=True, external_data=False, opset_version=20, verbose=False)
    write(name, f'{name}.onnx', 224, answers, ['--preset', 'torchvision', '--activation', 'softmax'],
          sum(part.numel() for part in model.parameters()), framework)


def make_keras(name):
    import keras
    mode, size = KERAS[name]
    keras.utils.set_random_seed(7)
    model = getattr(keras.applications, name)(weights=None, classifier_activation='softmax')
    scale = {'tf': lambda x: x / 127.5 - 1, 'none': lambda x: x, 'torch': lambda x: (x / 255 - MEAN) / STD,
             'caffe': lambda x: x[..., ::-1] - np.array([103.939, 116.779, 123.68], 'float32')}[mode]
    x = scale(photographs(size).astype('float32'))

    def layers_of(part):
        for layer in part.layers:
            yield layer
            if hasattr(layer, 'layers'):
                yield from layers_of(layer)

    for layer in layers_of(model):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    model(scale(mirrored(photographs(size))), training=True)
    deviation = np.log(np.maximum(model.predict(x, verbose=0), 1e-30)).std(axis=1).mean()
    last = [layer for layer in model.layers if isinstance(layer, (keras.layers.Dense, keras.layers.Conv2D))][-1]
    last.set_weights([w * DEVIATION / max(deviation, 1e-6) for w in last.get_weights()])
    model.save(FOLDER / f'keras-{name}.keras')
    write(f'keras-{name}', f'keras-{name}.keras', size, model.predict(x, verbose=0), ['--preset', f'keras:{mode}'],
          model.count_params(), 'Keras')


def make_each(names):
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names:
        try:
            subprocess.run([sys.executable, __file__, str(FOLDER), name], timeout=TIMEOUT_SECONDS, check=True)
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
            print(name, 'failed:', error, flush=True)


wanted = sys.argv[2:]
if len(wanted) != 1:
    make_each(wanted or [*KERAS, *TORCHVISION, *TIMM])
elif wanted[0] in KERAS:
    make_keras(wanted[0])
else:
    make_torch(wanted[0])
