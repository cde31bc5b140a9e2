// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// State of a disk and of the firmware that decides what starts, recorded before and after a session.

#include <cstdint>
#include <string>
#include <vector>

namespace rescue::domain {

/// A range of the disk that has no file: a partition table, the database of dynamic disks.
struct RegionRecord {
  std::string name;     ///< "mbr", "primary-gpt", "backup-gpt", "ldm"
  std::uint64_t start;  ///< in bytes
  std::uint64_t bytes;
  std::string sha256;  ///< 64 hex digits
  std::string copy{};  ///< the bytes themselves in base64, of structures that can be put back; else empty

  friend bool operator==(const RegionRecord&, const RegionRecord&) = default;
};

/// A file that matters for the start of a system, or for access to it.
struct FileRecord {
  std::string path;  ///< with '/', without one at its begin
  std::uint64_t bytes = 0;
  std::string sha256{};    ///< empty: too large to be read
  std::string modified{};  ///< RFC 3339; empty: the file system does not say

  friend bool operator==(const FileRecord&, const FileRecord&) = default;
};

/// An element of an object of the boot configuration (BCD).
struct BootElement {
  std::string type;   ///< eight hex digits, "12000002"
  std::string value;  ///< readable, or the digest of bytes that are not

  friend bool operator==(const BootElement&, const BootElement&) = default;
};

struct BootObject {
  std::string id;  ///< "{...}" in lower case
  std::vector<BootElement> elements;

  friend bool operator==(const BootObject&, const BootObject&) = default;
};

struct VolumeRecord {
  unsigned number = 0;      ///< of the partition; 0: the whole disk
  std::uint64_t start = 0;  ///< in bytes
  std::uint64_t bytes = 0;
  std::string type;  ///< GPT: GUID in lower case; MBR: "0x07"
  std::string id;    ///< GPT: GUID in lower case; else empty
  std::string name;  ///< GPT's; else empty
  bool active = false;
  std::string filesystem;        ///< by its first sector: "ntfs", "fat", "bitlocker", "refs", or empty
  std::string boot_sector;       ///< SHA-256 of the first sectors; without the flags that a mount changes
  std::string boot_sector_copy;  ///< the same sectors in base64, as they are
  std::vector<FileRecord> files;
  bool files_cut = false;     ///< there are more files than are listed
  std::string store;          ///< path of the boot configuration; empty: there is none
  std::string store_problem;  ///< why it can't be read; empty: it can
  std::vector<BootObject> objects;
  std::string problem;  ///< why the file system can't be read; empty: it can

  friend bool operator==(const VolumeRecord&, const VolumeRecord&) = default;
};

struct DiskSnapshot {
  std::string path;     ///< "/dev/sda"
  std::string problem;  ///< why it could not be taken; empty: it could
  std::uint64_t bytes = 0;
  std::string table;  ///< "gpt", "mbr" or "none"
  std::string id;     ///< GPT: GUID in lower case; MBR: signature, "1a2b3c4d"; else empty
  std::vector<RegionRecord> regions;
  std::vector<VolumeRecord> volumes;

  friend bool operator==(const DiskSnapshot&, const DiskSnapshot&) = default;
};

/// A variable of the firmware.
struct FirmwareVariable {
  std::string name;   ///< "BootOrder", "Boot0000", "SecureBoot", "dbx"
  std::string value;  ///< readable
  std::string sha256;

  friend bool operator==(const FirmwareVariable&, const FirmwareVariable&) = default;
};

struct FirmwareSnapshot {
  std::string problem;  ///< why it could not be taken; empty: it could, or there is no EFI
  std::vector<FirmwareVariable> variables;

  friend bool operator==(const FirmwareSnapshot&, const FirmwareSnapshot&) = default;
};

/// Snapshot of a session, from before its guest starts.
struct ServerSnapshot {
  std::string session;
  std::vector<DiskSnapshot> disks;
  FirmwareSnapshot firmware;

  friend bool operator==(const ServerSnapshot&, const ServerSnapshot&) = default;
};

}  // namespace rescue::domain
