// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Keys and signatures by the real minisign, and a manifest of format 2 to sign.

#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "images/signature.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <nlohmann/json.hpp>

namespace rescue::tests {

inline void run_minisign(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "minisign");
  Command command;
  command.argv = std::move(arguments);
  command.input = "\n\n";
  run_checked(command);
}

/// Makes NAME.key and keys/NAME.pub in the folder. Returns the key's id.
inline images::KeyId make_key(const ScratchFolder& folder, const std::string& name) {
  make_folder(folder.file("keys"), 0755);
  const auto file = folder.file("keys/" + name + ".pub");
  run_minisign({"-G", "-W", "-f", "-p", file, "-s", folder.file(name + ".key")});
  return images::PublicKey::from_file(file).id();
}

/// Signs a file of the folder with NAME.key.
inline void sign_with(const ScratchFolder& folder, const std::string& name, const std::string& file) {
  run_minisign({"-S", "-s", folder.file(name + ".key"), "-m", folder.file(file)});
}

/// A manifest of format 2 with all its fields, for a system disk of 23 bytes.
inline nlohmann::json full_manifest() {
  return nlohmann::json::parse(R"({
    "manifest": 2, "name": "windows-2022", "version": "2026.11.0", "channel": "stable", "counter": 7,
    "kind": "windows-server", "windows": {"build": 20348, "revision": 2849, "edition": "ServerStandard"},
    "languages": ["en-US", "de-DE"], "licence": "Evaluation, 180 days",
    "created": "2026-11-20T10:00:00Z", "expires": "2027-11-20T00:00:00Z",
    "pinned": {"qemu": "7.2.15", "machine": "pc-q35-7.2", "ovmf": "2022.11-6", "drivers": {"vioscsi": "100.95.104.26200"}},
    "contract": {"date": "2026-11-21T10:00:00Z", "qemu": "7.2.15", "results": [{"point": "C1", "result": "pass"}]},
    "profile": {
      "firmware": "uefi", "machine": "q35", "disk_bus": "virtio-scsi", "nic": "virtio", "tpm": false,
      "hyperv": ["relaxed", "vapic"], "agent": "qemu", "ports": {"ssh": 22, "rdp": 3389}, "least_memory_mib": 2048,
      "administrator": "Administrator", "set_hostname": ["cmd", "{hostname}"]
    },
    "files": [
      {"name": "system.qcow2", "role": "system-disk", "format": "qcow2", "size": 23,
       "sha256": "0000000000000000000000000000000000000000000000000000000000000000", "virtual_size": 4096,
       "chunks": {"name": "system.qcow2.chunks",
                  "sha256": "1111111111111111111111111111111111111111111111111111111111111111"}},
      {"name": "boot.profile", "role": "boot-profile", "size": 30,
       "sha256": "2222222222222222222222222222222222222222222222222222222222222222"}
    ]})");
}

}  // namespace rescue::tests
