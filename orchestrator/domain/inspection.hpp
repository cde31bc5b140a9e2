// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Facts about a disk, as far as it can be seen without mounting or changing anything.

#include "core/clock.hpp"
#include "core/words.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rescue::domain {

enum class TableKind { none, mbr, gpt };
constexpr auto words_of(TableKind) { return words<TableKind>("none", "mbr", "gpt"); }

/// One of the two copies of a GPT, by its own checksums (UEFI 2.10, 5.3.2).
enum class GptCopy { absent, good, damaged };
constexpr auto words_of(GptCopy) { return words<GptCopy>("absent", "good", "damaged"); }

/// Content of a partition or a whole disk, by its own header.
enum class Content {
  unknown,
  ntfs,
  fat,
  exfat,
  refs,
  bitlocker,
  ldm,             ///< database or volume of Windows' dynamic disks
  storage_spaces,  ///< member of a pool of Windows' Storage Spaces
  firmware_raid,   ///< member of a mirror or stripe that the firmware keeps: IMSM, DDF, ...
  linux_raid,
  lvm,
  other  ///< something else that libblkid knows
};
constexpr auto words_of(Content) {
  return words<Content>("unknown", "ntfs", "fat", "exfat", "refs", "bitlocker", "dynamic-disk", "storage-spaces",
                        "firmware-raid", "linux-raid", "lvm", "other");
}

/// Facts about an NTFS volume that decide whether it may be written.
struct NtfsState {
  bool dirty = false;            ///< Windows set the flag "check this volume"
  bool journal_unclean = false;  ///< the journal has transactions that are not in the volume yet
  bool hibernated = false;       ///< hiberfil.sys holds a Windows that sleeps, or was stopped by fast startup
  std::string problem;           ///< why it can't be read; empty: it can

  friend bool operator==(const NtfsState&, const NtfsState&) = default;
};

enum class BitLockerState { unknown, decrypted, encrypting, decrypting, encrypted, paused };
constexpr auto words_of(BitLockerState) {
  return words<BitLockerState>("unknown", "decrypted", "encrypting", "decrypting", "encrypted", "paused");
}

enum class BitLockerKey {
  unknown,  ///< of a kind that no public description names
  clear,    ///< on the disk itself: protection is suspended, and anyone can open the volume
  tpm,
  startup_key,
  tpm_pin,
  recovery_password,
  smart_card,
  password
};
constexpr auto words_of(BitLockerKey) {
  return words<BitLockerKey>("unknown", "clear", "tpm", "startup-key", "tpm-pin", "recovery-password", "smart-card",
                             "password");
}

struct BitLockerProtector {
  BitLockerKey kind = BitLockerKey::unknown;
  std::string id;  ///< GUID in upper case, as Windows shows it beside the recovery password

  friend bool operator==(const BitLockerProtector&, const BitLockerProtector&) = default;
};

/// Metadata of a volume that is encrypted by BitLocker. It is not encrypted itself.
struct BitLockerVolume {
  std::string problem;      ///< why it can't be read; empty: it can
  std::string id;           ///< GUID in lower case
  std::string method;       ///< "aes-xts-128"; "0x8006" if it is unknown
  std::string description;  ///< "WEB-01 C: 11/30/2026"
  std::optional<WallTime> created;
  BitLockerState state = BitLockerState::unknown;
  bool to_go = false;  ///< a removable volume
  std::vector<BitLockerProtector> protectors;

  friend bool operator==(const BitLockerVolume&, const BitLockerVolume&) = default;
};

struct PartitionFacts {
  unsigned number = 0;
  std::uint64_t start = 0;  ///< in bytes
  std::uint64_t bytes = 0;
  std::string type;  ///< GPT: GUID in lower case; MBR: "0x07"
  std::string id;    ///< GPT: GUID in lower case; else empty
  std::string name;  ///< GPT's; else empty
  bool active = false;
  Content content = Content::unknown;
  std::string content_name;                    ///< as libblkid calls it, "ext4"; ReFS: its version, "3.7"
  std::string label;                           ///< of the file system
  std::optional<NtfsState> ntfs;               ///< for Content::ntfs only
  std::optional<BitLockerVolume> bitlocker{};  ///< for Content::bitlocker only

  friend bool operator==(const PartitionFacts&, const PartitionFacts&) = default;
};

/// Where a Windows looks for the volume of a drive letter.
struct DriveLetter {
  std::string letter;                 ///< "C"
  std::string partition_id;           ///< GPT's GUID in lower case; else empty
  std::string disk_signature;         ///< MBR's, "1a2b3c4d"; else empty
  std::uint64_t partition_start = 0;  ///< in bytes, with the signature

  friend bool operator==(const DriveLetter&, const DriveLetter&) = default;
};

enum class WindowsRole { unknown, workstation, server, domain_controller };
constexpr auto words_of(WindowsRole) {
  return words<WindowsRole>("unknown", "workstation", "server", "domain-controller");
}

/// A Windows that does not run. Texts are empty where its registry does not say.
struct WindowsInstallation {
  unsigned partition = 0;    ///< its number
  std::string folder;        ///< "Windows"
  std::string product;       ///< "Windows Server 2022 Standard"
  std::string edition;       ///< "ServerStandard"
  std::string build;         ///< "20348.2527"
  std::string architecture;  ///< "x86_64", "x86", "aarch64"
  std::string computer_name;
  std::string time_zone;  ///< Windows' name, "W. Europe Standard Time"
  std::string language;   ///< LCID in four hex digits, "0407"
  std::string keyboard;   ///< layout of the login screen in eight hex digits, "00000407"
  WindowsRole role = WindowsRole::unknown;
  std::optional<WallTime> installed;
  std::optional<WallTime> last_shutdown;
  std::vector<std::string> dirty_hives;    ///< "SYSTEM": not written completely, what is missing is in its log
  std::vector<std::string> damaged_hives;  ///< can't be read
  bool uefi_loader = false;                ///< winload.efi is there
  bool bios_loader = false;                ///< winload.exe is there
  std::vector<std::string> missing_files;  ///< of those that it starts with: "System32/ntoskrnl.exe"
  bool update_pending = false;             ///< an update finishes at the next start
  std::vector<std::string> crash_dumps;    ///< paths
  std::vector<DriveLetter> letters;
  std::vector<std::string> compressed_hives{};  ///< "SOFTWARE": compressed by WOF, and not read

  friend bool operator==(const WindowsInstallation&, const WindowsInstallation&) = default;
};

/// Where an entry of the boot configuration looks for a partition.
struct BootDevice {
  bool known = false;                 ///< false: the entry has none, or one of another kind (a file, the network)
  bool boot = false;                  ///< the partition of the boot manager itself
  std::string partition_id;           ///< GPT's GUID in lower case; else empty
  std::string disk_id;                ///< GPT's GUID, or MBR's signature
  std::uint64_t partition_start = 0;  ///< MBR: in bytes

  friend bool operator==(const BootDevice&, const BootDevice&) = default;
};

/// A Windows loader of the boot configuration.
struct BootEntry {
  std::string id;           ///< "{...}" in lower case
  std::string description;  ///< "Windows Server"
  std::string path;         ///< "\\Windows\\system32\\winload.efi"
  std::string folder;       ///< "\\Windows"
  BootDevice device;        ///< of the loader
  BootDevice os_device;     ///< of Windows
  bool is_default = false;

  friend bool operator==(const BootEntry&, const BootEntry&) = default;
};

enum class BootStore { absent, good, damaged };
constexpr auto words_of(BootStore) { return words<BootStore>("absent", "good", "damaged"); }

/// Files that a partition has to start a Windows with: its boot manager and its boot configuration (BCD).
struct BootFiles {
  unsigned partition = 0;
  bool uefi = true;       ///< false: for BIOS
  std::string manager;    ///< path of Windows' boot manager; empty: it is not there
  bool fallback = false;  ///< \\EFI\\Boot\\bootx64.efi is there: firmware without a boot entry starts it
  BootStore store = BootStore::absent;
  bool store_dirty = false;  ///< not written completely
  std::vector<BootEntry> entries;
  std::string problem;  ///< why the file system can't be read; empty: it can

  friend bool operator==(const BootFiles&, const BootFiles&) = default;
};

enum class DynamicKind { simple, spanned, striped, mirrored, raid5 };
constexpr auto words_of(DynamicKind) { return words<DynamicKind>("simple", "spanned", "striped", "mirrored", "raid5"); }

/// Disks that one copy of a volume lies on; a mirror has a copy more.
struct DynamicCopy {
  std::vector<std::string> disks;  ///< ids

  friend bool operator==(const DynamicCopy&, const DynamicCopy&) = default;
};

struct DynamicVolume {
  std::string name;  ///< "Volume1"
  std::string id;    ///< GUID in lower case
  DynamicKind kind = DynamicKind::simple;
  std::uint64_t bytes = 0;
  std::string hint;  ///< letter that Windows gave it last, "E:"; else empty
  std::vector<DynamicCopy> copies;

  friend bool operator==(const DynamicVolume&, const DynamicVolume&) = default;
};

struct DynamicMember {
  std::string id;    ///< GUID in lower case
  std::string name;  ///< "Disk1"

  friend bool operator==(const DynamicMember&, const DynamicMember&) = default;
};

/// Database of Windows' Logical Disk Manager. Each disk of a group has a copy of the group's whole database.
struct DynamicDisk {
  std::string problem;         ///< why it can't be read; empty: it can
  std::string id;              ///< this disk's GUID in lower case
  std::string group_id;        ///< GUID in lower case
  std::string group;           ///< "WIN-ERRDJSBDAVF-Dg0"
  std::uint64_t sequence = 0;  ///< of the last change: a disk that was away has a lower one
  std::vector<DynamicMember> disks;
  std::vector<DynamicVolume> volumes;

  friend bool operator==(const DynamicDisk&, const DynamicDisk&) = default;
};

enum class RaidState { normal, uninitialized, degraded, failed };
constexpr auto words_of(RaidState) { return words<RaidState>("normal", "uninitialized", "degraded", "failed"); }

struct RaidVolume {
  std::string name;    ///< "Volume0"
  unsigned level = 0;  ///< 0, 1, 5, 10
  std::uint64_t bytes = 0;
  RaidState state = RaidState::normal;  ///< as the firmware wrote it last

  friend bool operator==(const RaidVolume&, const RaidVolume&) = default;
};

/// Metadata of an array that Intel's firmware keeps (IMSM: RST, VROC). Each member has all of it.
struct FirmwareRaid {
  std::string problem;               ///< why it can't be read; empty: it can
  std::string id;                    ///< of the array, "1a2b3c4d"
  std::uint64_t generation = 0;      ///< of the last change: a member that was away has a lower one
  std::vector<std::string> members;  ///< the ends of their serial numbers, at most 16 characters
  std::vector<RaidVolume> volumes;

  friend bool operator==(const FirmwareRaid&, const FirmwareRaid&) = default;
};

struct DiskFacts {
  std::uint64_t bytes = 0;
  unsigned sector_size = 512;
  TableKind table = TableKind::none;
  std::string id;  ///< GPT: GUID in lower case; MBR: signature, "1a2b3c4d"; else empty
  GptCopy primary_gpt = GptCopy::absent;
  GptCopy backup_gpt = GptCopy::absent;
  bool backup_at_end = true;           ///< false: the disk has become larger, or smaller, since the GPT was written
  bool beyond_end = false;             ///< the disk is smaller than its GPT says
  bool protective_mbr = false;         ///< the MBR says that there is a GPT, and none could be used
  bool hybrid = false;                 ///< GPT, whose MBR has other partitions beside the protective one
  Content content = Content::unknown;  ///< of the disk as a whole
  std::string content_name;
  std::vector<PartitionFacts> partitions;
  std::vector<WindowsInstallation> windows;
  std::vector<BootFiles> boot;           ///< of EFI system partitions, and of active partitions of an MBR
  std::optional<DynamicDisk> dynamic{};  ///< of a disk with a partition of Content::ldm
  std::optional<FirmwareRaid> raid{};    ///< of a member of an array of Intel's firmware

  friend bool operator==(const DiskFacts&, const DiskFacts&) = default;
};

using rescue::name_of;

}  // namespace rescue::domain
