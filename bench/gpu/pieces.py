#!/usr/bin/env python3
"""Cuts a folder into pieces that fit through a narrow door, and puts them together on the other side.

    pieces.py cut FOLDER OUT LAYER BYTES    writes OUT/LAYER.1, OUT/LAYER.2, … of at most BYTES each
    pieces.py join FROM TARGET LAYER        unpacks FROM/LAYER.1, FROM/LAYER.2, … below TARGET

The folder becomes a tar archive, cut into blocks that are compressed each by itself (xz), so that all cores of the
receiving machine decompress at once; it needs only Python's standard library and tar. A piece is a tar archive of
whole blocks. Which pieces there are, with their SHA-256, stands in OUT/pieces.sha256, in the format of sha256sum.
"""
import hashlib
import io
import lzma
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor

BLOCK_BYTES = 32 << 20
# The first filter turns the relative jumps of x86-64 code into absolute ones, which repeat.
FILTERS = [{'id': lzma.FILTER_X86}, {'id': lzma.FILTER_LZMA2, 'preset': 9, 'dict_size': BLOCK_BYTES}]
# Beside each block: its header in tar, and at the end what tar pads an archive with.
TAR_OVERHEAD, TAR_END = 1024, 10240
LIST = 'pieces.sha256'


def compress(block):
    return lzma.compress(block, filters=FILTERS)


def tarred(folder):
    """The folder as the blocks of a tar archive."""
    with subprocess.Popen(['tar', '-c', '--owner=0', '--group=0', '-C', folder, '.'], stdout=subprocess.PIPE) as tar:
        while block := tar.stdout.read(BLOCK_BYTES):
            yield block
    if tar.returncode != 0:
        sys.exit(f'tar could not read {folder}')


def cut(folder, out, layer, limit):
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob(f'{layer}.[0-9]*'):
        old.unlink()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        blocks = list(pool.map(compress, tarred(folder)))
    pieces = [[]]
    room = limit - TAR_END
    for number, block in enumerate(blocks):
        needed = len(block) + TAR_OVERHEAD
        if needed > room:
            pieces.append([])
            room = limit - TAR_END
        pieces[-1].append((number, block))
        room -= needed
    for number, piece in enumerate(pieces, 1):
        path = out / f'{layer}.{number}'
        with tarfile.open(path, 'w') as tar:
            for name, block in piece:
                entry = tarfile.TarInfo(f'{name:04}.xz')
                entry.size = len(block)
                tar.addfile(entry, io.BytesIO(block))
        print(f'{path}: {path.stat().st_size / 2**20:.1f} MiB')
    write_list(out, layer, len(pieces))


def write_list(out, layer, count):
    names = [f'{layer}.{number}' for number in range(1, count + 1)]
    others = [(sha256, name) for sha256, name in read_list(out) if name.rsplit('.', 1)[0] != layer]
    found = [(hashlib.sha256((out / name).read_bytes()).hexdigest(), name) for name in names]
    (out / LIST).write_text(''.join(f'{sha256}  {name}\n' for sha256, name in others + found))


def read_list(folder):
    path = folder / LIST
    return re.findall(r'^([0-9a-f]{64})  (\S+)$', path.read_text(), re.M) if path.exists() else []


def join(source, target, layer):
    begin = time.monotonic()
    listed = [(sha256, name) for sha256, name in read_list(source) if name.rsplit('.', 1)[0] == layer]
    blocks = []
    for sha256, name in listed:
        piece = (source / name).read_bytes()
        if hashlib.sha256(piece).hexdigest() != sha256:
            (source / name).unlink()
            sys.exit(f'{name} is damaged, and was deleted: send it again')
        with tarfile.open(fileobj=io.BytesIO(piece)) as tar:
            blocks += [tar.extractfile(entry).read() for entry in tar]
    target.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        with subprocess.Popen(['tar', '-x', '--no-same-owner', '-C', target], stdin=subprocess.PIPE) as tar:
            for block in pool.map(lzma.decompress, blocks):
                tar.stdin.write(block)
    if tar.returncode != 0:
        sys.exit(f'tar could not write {target}')
    print(f'{layer}: unpacked below {target} in {time.monotonic() - begin:.1f} s')


if __name__ == '__main__':
    match sys.argv[1:]:
        case ['cut', folder, out, layer, limit]:
            cut(folder, pathlib.Path(out), layer, int(limit))
        case ['join', source, target, layer]:
            join(pathlib.Path(source), pathlib.Path(target), layer)
        case _:
            sys.exit(__doc__)
