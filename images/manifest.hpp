// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Manifest of an image: its name, its counter against roll-back, the profile of its guest, and its files. Format in
// docs/images.md.

#include "contract/guest_action.hpp"
#include "core/clock.hpp"
#include "core/document.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rescue::images {

enum class Kind { windows_server, windows_client, standin };
constexpr auto words_of(Kind) { return words<Kind>("windows-server", "windows-client", "standin"); }

enum class FileRole { system_disk, boot_profile };
constexpr auto words_of(FileRole) { return words<FileRole>("system-disk", "boot-profile"); }
using rescue::name_of;

/// File of chunk digests (images/chunks.hpp), beside the manifest.
struct ChunkList {
  std::string name;
  std::string sha256;  ///< of the file of digests: the root of the hash tree
};

struct ImageFile {
  std::string name;    ///< file beside the manifest, without a folder
  std::string role;    ///< "system-disk" or "boot-profile"
  std::string format;  ///< "qcow2" or "raw"; empty for a boot profile
  std::uint64_t size = 0;
  std::uint64_t virtual_size = 0;
  std::string sha256;                 ///< 64 hex digits, lower case
  std::optional<ChunkList> chunks{};  ///< none: the file can't be streamed, only downloaded as a whole
};

/// Profile as the manifest has it; the program that boots the image interprets it.
struct Profile {
  std::string os;               ///< "windows" or "standin"
  std::string firmware;         ///< "uefi" or "bios"
  std::string machine = "q35";  ///< QEMU's machine type without its version
  std::string disk_bus;         ///< "virtio-scsi" or "sata"
  std::string nic = "virtio";   ///< "virtio" or "e1000e"
  bool tpm = false;
  std::vector<std::string> hyperv{};  ///< enlightenments that the image was verified with, in libvirt's words
  std::string agent = "qemu";         ///< "qemu" or "none"
  std::uint16_t ssh_port = 22;
  std::uint16_t rdp_port = 3389;
  unsigned least_memory_mib = 0;  ///< 0: not known
  std::string administrator;
  std::vector<std::string> set_hostname{};
  contract::GuestActions actions{};  ///< that the guest offers; older images have none
};

struct WindowsBuild {
  unsigned build = 0;     ///< 20348
  unsigned revision = 0;  ///< 0: not known
  std::string edition{};  ///< "ServerStandard"; may be empty
};

/// Versions that the image was made and verified with.
struct PinnedSet {
  std::string qemu;                            ///< "7.2.15"
  std::string machine;                         ///< "pc-q35-7.2"
  std::string ovmf{};                          ///< empty with BIOS
  std::map<std::string, std::string> drivers;  ///< driver: its version
};

/// Results of `rescue-image verify --record`.
struct ContractRecord {
  struct Result {
    std::string point;   ///< "C1"
    std::string result;  ///< the verifier's word: "pass"
  };
  WallTime date;
  std::string qemu;  ///< version; empty if no machine was started
  std::vector<Result> results;
};

/// Fields that are not known: a tool that signs refuses them as typing errors, a host ignores them.
enum class UnknownFields { refused, ignored };

struct Manifest {
  std::string name;
  std::string version;
  Profile profile;
  std::vector<ImageFile> files;
  unsigned number = 2;  ///< of the format: 1 or 2
  std::string channel = "stable";
  std::uint64_t counter = 0;  ///< grows with each version of a name and channel; 0 in manifests of format 1
  Kind kind = Kind::standin;
  std::optional<WindowsBuild> windows{};  ///< none if it is not known (format 1), or not Windows
  std::vector<std::string> languages{};   ///< "en-US", the default first
  std::string licence{};
  std::optional<WallTime> created{};
  std::optional<WallTime> expires{};
  std::optional<PinnedSet> pinned{};
  std::optional<ContractRecord> contract{};

  /// Limit of a manifest's text, in bytes.
  static constexpr std::size_t largest = std::size_t{1} << 20U;

  /// Parses a manifest. Throws `config_invalid` with file, line and field.
  static Manifest parse(const Document& document, UnknownFields unknown = UnknownFields::ignored);
  /// Like `parse`, and refuses a text over `largest` first.
  static Manifest parse_text(const std::string& source, const std::string& text,
                             UnknownFields unknown = UnknownFields::ignored);
  /// File with the role "system-disk".
  [[nodiscard]] const ImageFile& system_disk() const;
  /// File with the role "boot-profile"; null if there is none.
  [[nodiscard]] const ImageFile* boot_profile() const;
};

/// Manifest of format 2. Throws `usage` if `manifest` has the number 1. `parse` reads it back as the same.
[[nodiscard]] nlohmann::ordered_json json_of(const Manifest& manifest);

}  // namespace rescue::images
