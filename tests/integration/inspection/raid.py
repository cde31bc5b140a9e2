# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
"""Compares what rescue-inspect says of members of firmware RAIDs and of md with what mdadm and blkid say."""
import contextlib
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess

import imsm

# Without Intel's firmware and with a loop device's name as its serial number, mdadm reads members, too.
ENVIRONMENT = dict(os.environ, IMSM_NO_PLATFORM="1", IMSM_DEVNAME_AS_SERIAL="1", LC_ALL="C",
                   PATH="/sbin:/usr/sbin:" + os.environ["PATH"])
KINDS = {"imsm": ("firmware-raid", "isw_raid_member"), "ddf": ("firmware-raid", "ddf_raid_member"),
         "md": ("linux-raid", "linux_raid_member")}


def missing():
    """Why members can't be compared here; empty: they can."""
    for tool in ("mdadm", "blkid", "losetup"):
        if not shutil.which(tool, path=ENVIRONMENT["PATH"]):
            return f"{tool} is missing (apt-get install mdadm mount util-linux)"
    return "" if os.geteuid() == 0 else "needs root (loop devices: mdadm reads IMSM from block devices only)"


def run(*command):
    """What a tool prints; nothing if it finds nothing."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=ENVIRONMENT,
                          check=False)
    if done.returncode < 0:
        raise SystemExit(f"{' '.join(command)} was ended by signal {-done.returncode}")
    return done.stdout


@contextlib.contextmanager
def attached(image, sector):
    device = subprocess.run(["losetup", "--read-only", "--find", "--show", "--sector-size", str(sector), image],
                            capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout.strip()
    try:
        yield device
    finally:
        subprocess.run(["losetup", "--detach", device], check=True, env=ENVIRONMENT)


def facts_of(program, device):
    with open(device, "rb") as disk:
        return json.loads(subprocess.run([program], stdin=disk, check=True, capture_output=True).stdout)


def fields_of(text):
    return dict(re.findall(r"^ *(\w[^:\n]*?) : (.*)$", text, re.M))


def uuid_of(family):
    """mdadm makes it of the signature and the number by which the firmware knows the array."""
    words = struct.unpack("<4I", hashlib.sha1(imsm.SIGNATURE + struct.pack("<I", int(family, 16))).digest()[:16])
    return ":".join(f"{word:08x}" for word in words)


def volume_of(name, text):
    """"5 <-- 1" is a volume that becomes a RAID5; "normal <-- degraded" one that is rebuilt."""
    fields = fields_of(text)
    return {"name": name, "level": int(fields["RAID Level"].split()[0]), "state": fields["Map State"].split()[-1],
            "bytes": int(fields["Array Size"].split()[0]) * int(fields["Sector Size"])}


def compare_array(name, raid, exported, text, comparison):
    fields = fields_of(text)
    serials = sorted(re.findall(r"^ *Disk(\d+) Serial : (.*)$", text, re.M))
    volumes = re.findall(r"^\[(.*)\]:\n((?:.+\n)*)", text, re.M)
    family = fields["Orig Family"] if int(fields["Orig Family"], 16) else fields["Family"]
    for fact, our, their in [
            ("problem", raid["problem"], ""),
            ("array", raid["id"], family),
            ("UUID", uuid_of(raid["id"]), exported["MD_UUID"]),
            ("generation", f"{raid['generation']:08x}", fields["Generation"]),
            ("number of members", str(len(raid["members"])), fields["Disks"]),
            ("members", raid["members"], [serial for _, serial in serials]),
            ("volumes", raid["volumes"], [volume_of(*volume) for volume in volumes])]:
        comparison.check(name, fact, our, their, "mdadm")


def compare_member(program, name, device, comparison):
    ours = facts_of(program, device)
    kind = (ours["content"], ours["content_name"])
    signature = run("blkid", "-p", "-o", "value", "-s", "TYPE", device).strip()
    comparison.check(name, "signature", ours["content_name"], signature, "blkid")
    exported = dict(re.findall(r"^(\w+)=(.*)$", run("mdadm", "--examine", "--export", device), re.M))
    if not exported:  # mdadm does not know the format, or the metadata are damaged
        comparison.check(name, "kind", kind[0], "firmware-raid", "blkid")
        comparison.check(name, "can be read", ours["raid"] is not None and not ours["raid"]["problem"], False, "mdadm")
        return
    comparison.check(name, "kind", kind, KINDS[exported.get("MD_METADATA", "md")], "mdadm")
    comparison.check(name, "is Intel's", ours["raid"] is not None, exported.get("MD_METADATA") == "imsm", "mdadm")
    if ours["raid"]:
        compare_array(name, ours["raid"], exported, run("mdadm", "--examine", device), comparison)


def compare(program, images, folder, comparison):
    """Compares real members in `images`, and members that are written into `folder`."""
    members = [(os.path.basename(image), image, 512) for image in images]
    for name, member in imsm.MEMBERS.items():
        path = os.path.join(folder, f"imsm-{len(members)}.raw")
        member.write(path)
        members.append((name, path, member.sector))
    for name, image, sector in members:
        with attached(image, sector) as device:
            compare_member(program, name, device, comparison)
