# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
"""Writes members of arrays of Intel's firmware (IMSM), by the structures in mdadm's super-intel.c."""
import struct
from dataclasses import dataclass, field

SIGNATURE = b"Intel Raid ISM Cfg Sig. "
NORMAL, UNINITIALIZED, DEGRADED, FAILED = range(4)
INITIALIZE, REBUILD, VERIFY, CHANGE = range(4)


@dataclass
class Map:
    """How a volume lies on its members."""
    level: int
    members: int
    state: int = NORMAL

    def bytes(self):
        front = struct.pack("<IIIHBBBBBB", 0, 8192, 32, 128, self.state, self.level, self.members, 1, 0xff, 1)
        return front + bytes(28) + struct.pack(f"<{self.members}I", *range(self.members))


@dataclass
class Volume:
    """`before` is the map of a volume that migrates: what it still is."""
    name: str
    sectors: int
    layout: Map
    before: Map | None = None
    migration: int = INITIALIZE

    def bytes(self):
        front = struct.pack("<16sQII", self.name.encode(), self.sectors, 0, 0) + bytes(48)
        state = struct.pack("<IIBBBB", 0, 0, self.before is not None, self.migration, 0, 0xff) + bytes(20)
        return front + state + self.layout.bytes() + (self.before.bytes() if self.before else b"")


@dataclass
class Member:
    """The metadata of a disk. `damage` is put over the bytes from 0x2c, after the checksum was made."""
    serials: list
    volumes: list = field(default_factory=list)
    family: int = 0x1a2b3c4d
    original: int = 0
    generation: int = 7
    sector: int = 512
    damage: bytes = b""

    def bytes(self):
        status = 0x13a if self.volumes else 0x13b  # in use, or a spare
        disks = b"".join(struct.pack("<16sIII", serial.encode(), 262144, index << 16, status) + bytes(20)
                         for index, serial in enumerate(self.serials))
        rest = disks + b"".join(volume.bytes() for volume in self.volumes)
        front = SIGNATURE + b"1.3.00\0\0" + bytes(4)
        front += struct.pack("<IIIII", 0xd8 + len(rest), self.family, self.generation, 0, 0x80000000)
        front += struct.pack("<BBBBII", len(self.serials), len(self.volumes), 0, 0, 0, self.original)
        whole = bytearray(front + bytes(0xd8 - len(front)) + rest)
        total = sum(struct.unpack(f"<{len(whole) // 4}I", whole)) & 0xffffffff
        whole[0x20:0x24] = struct.pack("<I", total)
        whole[0x2c:0x2c + len(self.damage)] = self.damage
        return bytes(whole)

    def write(self, path, size=128 << 20):
        """The first sector is the last but one of the disk, the others are before it."""
        whole = self.bytes()
        more = -(-len(whole) // self.sector) - 1
        with open(path, "wb") as disk:
            disk.truncate(size)
            disk.seek(size - 2 * self.sector)
            disk.write(whole[:self.sector])
            disk.seek(size - (2 + more) * self.sector)
            disk.write(whole[self.sector:])


MIRROR = Map(1, 2)
MEMBERS = {
    "degraded mirror": Member(["SERIAL-01", "SERIAL-02"], [Volume("Volume0", 4096, Map(1, 2, DEGRADED))]),
    "another family": Member(["SERIAL-01", "SERIAL-02"], [Volume("Volume0", 4096, MIRROR)], original=0x0badcafe),
    "stripe of 3": Member(["A", "B", "C"], [Volume("sixteen letters.", 12288, Map(0, 3))], generation=0xfffffffe),
    "RAID5, failed": Member(["A", "B", "C"], [Volume("Data", 8192, Map(5, 3, FAILED))]),
    "RAID10": Member(["S6BANX0T300123A", "S6BANX0T300124B", "FULL-LENGTH-0016", "D"], [Volume("Ten", 8192, Map(1, 4))]),
    "two volumes": Member(["A", "B"], [Volume("System", 4096, MIRROR), Volume("Scratch", 2048, Map(0, 2))]),
    "beyond 2 TiB": Member(["A", "B"], [Volume("Large", 3 << 32, MIRROR)]),
    "rebuild": Member(["A", "B"], [Volume("First", 4096, MIRROR, Map(1, 2, DEGRADED), REBUILD),
                                   Volume("Second", 2048, Map(0, 2))]),
    "initialization": Member(["A", "B"], [Volume("New", 4096, MIRROR, Map(1, 2, UNINITIALIZED), INITIALIZE)]),
    "mirror that becomes RAID5": Member(["A", "B", "C"], [Volume("Grown", 4096, Map(5, 3), MIRROR, CHANGE)]),
    "missing member": Member(["A", "SERIAL-02:0"], [Volume("Half", 4096, Map(1, 2, DEGRADED))]),
    "spare": Member(["SPARE-1"]),
    "sectors of 4096 bytes": Member(["A", "B"], [Volume("Native", 4096, MIRROR)], sector=4096),
    "wrong checksum": Member(["A", "B"], [Volume("Torn", 4096, MIRROR)], damage=b"x"),
}
