#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# libntfs-3g and a volume that is to be read without regard to case: it lists all names in lower case.
#
# ntfs_set_ignore_case makes ntfs_pathname_to_inode find \WINDOWS for "windows", which is how Windows looks names up. It also makes
# ntfs_readdir hand out each name in lower case, whatever the volume has. One would guess that a rule for looking names up does not
# change the names. A program that shows names, or compares them with what the registry says, has to set the volume back to regard
# for case while it lists (NVolSetCaseSensitive), which is a macro of the library's own header.
#
# Seen: libntfs-3g 1:2022.10.3-1+deb12u4 (Debian 12). No root, no network; needs cc.
set -euo pipefail

folder=$(mktemp -d)
readonly folder
trap 'rm -rf "$folder"' EXIT

version=1:2022.10.3-1+deb12u4
(cd "$folder" && apt-get download "ntfs-3g=$version" "libntfs-3g89=$version" "ntfs-3g-dev=$version" >/dev/null 2>&1 &&
    for package in ./*.deb; do dpkg -x "$package" "$folder/root"; done)
library=$(dirname "$(find "$folder/root" -name 'libntfs-3g.so.*' | head -n 1)")
export LD_LIBRARY_PATH=$library
echo "libntfs-3g $version"

cat >"$folder/list.c" <<'CODE'
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <ntfs-3g/volume.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/unistr.h>
static int print(void *how, const ntfschar *name, const int length, const int kind, const s64 at, const MFT_REF ref, const unsigned type) {
  char *text = NULL;
  (void)kind, (void)at, (void)ref, (void)type;
  if (ntfs_ucstombs(name, length, &text, 0) > 0 && text[0] == (*(const char *)how)) printf("%s ", text);
  return 0;
}
static void list(ntfs_volume *volume, const char *first) {
  s64 position = 0;
  ntfs_inode *root = ntfs_pathname_to_inode(volume, NULL, "/");
  ntfs_readdir(root, &position, (void *)first, print);
  ntfs_inode_close(root);
}
int main(int argc, char **argv) {
  (void)argc;
  ntfs_volume *volume = ntfs_mount(argv[1], NTFS_MNT_RDONLY);
  if (volume == NULL) return 1;
  list(volume, "$");
  printf("| ");
  ntfs_set_ignore_case(volume);
  list(volume, "$");
  ntfs_umount(volume, TRUE);
  return 0;
}
CODE
cc -I"$folder/root/usr/include" -o "$folder/list" "$folder/list.c" "$(find "$folder/root" -name 'libntfs-3g.so.*' | head -n 1)"
truncate --size 12M "$folder/volume"
"$(find "$folder/root" -name mkntfs | head -n 1)" --force --fast --quiet "$folder/volume" 2>/dev/null
names=$("$folder/list" "$folder/volume")
echo "the volume's own files, before and after ntfs_set_ignore_case: $names"
[[ ${names%%|*} == *"\$MFTMirr "* ]] || { echo "changed: there is no \$MFTMirr" && exit 1; }
[[ ${names##*|} == *"\$mftmirr "* ]] || { echo "changed: names are listed as they are" && exit 1; }
