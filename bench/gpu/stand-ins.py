#!/usr/bin/env python3
"""Lets another CUDA stand in for CUDA 12, for a trial on a machine that has no CUDA 12.

    stand-ins.py FOLDER

Finds the CUDA libraries of Python's packages (nvidia-*) and of /usr/local/cuda, links into FOLDER those that TensorFlow
asks for by names that are not among them, and prints what LD_LIBRARY_PATH must then have. CUDA 12's and 13's libraries
share most of their interface but not all of it: what comes out must be checked against the CPU.
"""
import importlib.util
import pathlib
import re
import sys

# What libtensorflow 2.21 and native/cuda open.
WANTED = [
    'libcublas.so.12',
    'libcublasLt.so.12',
    'libcudnn.so.9',
    'libcufft.so.11',
    'libcupti.so.12',
    'libcusolver.so.11',
    'libcusparse.so.12',
    'libnccl.so.2',
    'libnvrtc.so.12',
]
TOOLKIT = [pathlib.Path('/usr/local/cuda', folder) for folder in ('lib64', 'extras/CUPTI/lib64')]
DRIVER = pathlib.Path('/usr/local/nvidia/lib64')


def library_folders():
    """Python's packages first: their libraries fit each other."""
    spec = importlib.util.find_spec('nvidia')
    roots = spec.submodule_search_locations if spec else []
    packages = [folder for root in roots for folder in sorted(pathlib.Path(root).glob('*/lib'))]
    return [folder for folder in [*packages, *TOOLKIT] if folder.is_dir()]


def stand_in(wanted, folders):
    """The library of the newest other version; None where the wanted one is there, or nothing like it."""
    stem = wanted[: wanted.index('.so') + 3]
    if any((folder / wanted).exists() for folder in folders):
        return None
    pattern = re.compile(re.escape(stem) + r'\.\d+')
    found = [path for folder in folders for path in folder.iterdir() if pattern.fullmatch(path.name)]
    return max(found, key=lambda path: int(path.name.rsplit('.', 1)[1]), default=None)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    folders = library_folders()
    for wanted in WANTED:
        library = stand_in(wanted, folders)
        if library:
            (folder / wanted).unlink(missing_ok=True)
            (folder / wanted).symlink_to(library.resolve())
            print(f'{library} stands in for {wanted}', file=sys.stderr)
    driver = [DRIVER] if DRIVER.is_dir() else []
    print(':'.join(str(path) for path in [folder, *folders, *driver]))


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
