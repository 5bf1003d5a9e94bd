#!/usr/bin/env python3
"""Overwrites with zeros what one kind of GPU never needs of a CUDA library, so that it packs small.

    keep-architecture.py LIBRARY ARCHITECTURE      e.g. libtensorflow_cc.so.2 90 (H100, H200)

The library is changed in place. A fat binary is a container with one entry for each architecture, either machine code
(ELF) or PTX, which the driver compiles at load. The CUDA runtime reads the headers and opens the one entry that suits
the card. So the headers stay, every offset stays, and the file keeps its length; only payloads that the card cannot
use become zeros. In each container stay:

  - the newest machine code of the card's own major version that is not newer than the card;
  - or, where there is none, the newest PTX that is not newer than the card;
  - or, where there is neither, everything.

The symbol table goes too: only debuggers read it, the loader has one of its own (.dynsym).

For trials on a borrowed machine only: the result runs on no other kind of GPU.

Source for the format: the headers that cuobjdump prints (fatbinary_section.h has the container's header).
"""
import mmap
import struct
import sys

MAGIC = (0xBA55ED50).to_bytes(4, 'little')
CONTAINER = struct.Struct('<IHHQ')  # magic, version, size of this header, size of all that follows
SECTION = struct.Struct('<4xI16xQQI')  # of ELF: type; place and size in the file; the section that it refers to
SYMBOL_TABLE = 2
ENTRY = struct.Struct('<HHIQIIHHI')  # kind, version, size of this header, of the payload; …; minor, major; architecture
PTX, MACHINE_CODE = 1, 2


def containers(library):
    """Where each container's entries begin and end."""
    place = library.find(MAGIC)
    while place >= 0:
        _, version, header, size = CONTAINER.unpack_from(library, place)
        begin, end = place + header, place + header + size
        # The magic number can also stand in code that compares with it.
        found = version == 1 and header == CONTAINER.size and end <= len(library)
        if found:
            yield begin, end
        place = library.find(MAGIC, end if found else place + len(MAGIC))


def entries(library, begin, end):
    """(kind, architecture, payload's place, payload's size) of each entry in a container."""
    while begin < end:
        kind, _, header, size, _, _, _, _, architecture = ENTRY.unpack_from(library, begin)
        if kind not in (PTX, MACHINE_CODE) or begin + header + size > end:
            raise ValueError(f'unknown entry of kind {kind} at {begin:#x}: the format has changed')
        yield kind, architecture, begin + header, size
        begin += header + size


def needed(found, card):
    """Which of a container's entries a card needs."""
    own = [entry for entry in found if entry[0] == MACHINE_CODE and entry[1] // 10 == card // 10 and entry[1] <= card]
    usable = own or [entry for entry in found if entry[0] == PTX and entry[1] <= card]
    newest = max((entry[1] for entry in usable), default=None)
    return [entry for entry in usable if entry[1] == newest] or found


def symbol_tables(library):
    """(place, size) of each symbol table that is not loaded, and of its names."""
    (headers,) = struct.unpack_from('<Q', library, 0x28)
    header_size, count = struct.unpack_from('<HH', library, 0x3A)
    sections = [SECTION.unpack_from(library, headers + number * header_size) for number in range(count)]
    for kind, place, size, names in sections:
        if kind == SYMBOL_TABLE:
            yield place, size
            yield sections[names][1:3]


def keep(path, card):
    """Zeroes the rest; returns how many bytes of GPU code stay, and how many bytes of all became zeros."""
    kept = zeroed = 0
    with open(path, 'r+b') as file, mmap.mmap(file.fileno(), 0) as library:
        for place, size in symbol_tables(library):
            library[place : place + size] = bytes(size)
            zeroed += size
        for begin, end in containers(library):
            found = list(entries(library, begin, end))
            stay = needed(found, card)
            kept += sum(size for _, _, _, size in stay)
            for _, _, place, size in (entry for entry in found if entry not in stay):
                library[place : place + size] = bytes(size)
                zeroed += size
    return kept, zeroed


if __name__ == '__main__':
    if len(sys.argv) != 3 or not sys.argv[2].isdecimal():
        sys.exit(__doc__)
    kept, zeroed = keep(sys.argv[1], int(sys.argv[2]))
    print(f'{sys.argv[1]}: {kept / 1e6:.0f} MB of GPU code stay, {zeroed / 1e6:.0f} MB in all became zeros')
