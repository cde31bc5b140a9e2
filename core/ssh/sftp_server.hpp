// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Serves a tree of files over SFTP, read-only, to one client that has a known key. By libssh.

#include "core/clock.hpp"
#include "core/secret.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rescue::ssh {

enum class SftpKind { file, folder, link };

struct SftpEntry {
  std::string name;
  SftpKind kind = SftpKind::file;
  std::uint64_t size = 0;
  std::int64_t modified = 0;  ///< seconds since 1970
  std::string target;         ///< of a link
};

/// Paths are the client's: '/' between names, relative to the root. Calls throw Error: `not_found`, and anything else
/// for what can't be read.
class SftpTree {
public:
  SftpTree() = default;
  virtual ~SftpTree() = default;
  SftpTree(const SftpTree&) = delete;
  SftpTree& operator=(const SftpTree&) = delete;

  /// "/Users/me" for "Users//./me".
  [[nodiscard]] virtual std::string absolute(const std::string& path) = 0;
  [[nodiscard]] virtual SftpEntry stat(const std::string& path) = 0;
  [[nodiscard]] virtual std::vector<SftpEntry> list(const std::string& path) = 0;
  /// Number of the open file.
  [[nodiscard]] virtual std::uint64_t open(const std::string& path) = 0;
  /// Fewer bytes than `length` at the end only.
  [[nodiscard]] virtual std::string read(std::uint64_t file, std::uint64_t offset, std::uint32_t length) = 0;
  virtual void close(std::uint64_t file) = 0;
};

struct HostKey {
  Secret private_key;       ///< OpenSSH's form
  std::string public_key;   ///< "ssh-ed25519 AAAA..."
  std::string fingerprint;  ///< "SHA256:..."
};

/// A new Ed25519 key. Throws `internal`.
[[nodiscard]] HostKey make_host_key();

struct SftpRules {
  std::vector<std::string> authorized_keys;  ///< lines of authorized_keys; those with options are ignored
  unsigned login_seconds = 30;
  unsigned idle_seconds = 900;
  std::size_t most_open = 64;  ///< files and folders
};

/// Serves the client on a connected socket until it goes; any user name is accepted, with one of the keys. A client
/// that is too slow or idle ends this process by SIGALRM: call it in a process of its own, with SIGALRM's default
/// action. Throws `network`, `access_unproven` (the client has no such key), `config_invalid` (no line is a key).
void serve_sftp(int connection, const Secret& host_key, const SftpRules& rules, SftpTree& tree);

}  // namespace rescue::ssh
