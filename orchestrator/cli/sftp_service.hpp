// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Accepts SFTP clients, and starts a confined program for each of them.

#include "core/handle.hpp"
#include "core/net/ip_address.hpp"
#include "orchestrator/cli/volume_source.hpp"

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

namespace rescue::cli {

struct ListenAddress {
  std::optional<net::IpAddress> address;  ///< none: all addresses of this host
  std::uint16_t port = 0;                 ///< 0: any free one
};

/// Parses "21322", "203.0.113.7:21322" or "[2001:db8::7]:21322". Throws `usage`.
[[nodiscard]] ListenAddress parse_listen_address(const std::string& text);

/// Lines of a file of authorized keys, without comments.
[[nodiscard]] std::vector<std::string> authorized_lines(const std::string& text);

class SftpService {
public:
  /// Makes a host key and listens. Throws `network`, `subprocess`; `disk` if no volume can be read.
  SftpService(VolumeSource& source, const std::vector<std::string>& authorized_keys, const ListenAddress& listen);

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] const std::string& public_key() const noexcept { return public_key_; }
  [[nodiscard]] const std::string& fingerprint() const noexcept { return fingerprint_; }

  /// Serves until the files may not be read any more: then ends all connections and throws `conflict`.
  void run();

private:
  /// One client, and the volumes that it has asked for.
  struct Connection {
    files::Child program;
    net::IpAddress peer;
    std::vector<FileDescriptor> waiting{};  ///< our ends, by volume, until the first request for it
    std::vector<files::Child> readers{};
  };
  void wait(int milliseconds);
  void accept();
  void start_reader(Connection& connection, std::size_t volume);

  VolumeSource& source_;
  std::vector<domain::Volume> volumes_;
  std::string public_key_;
  std::string fingerprint_;
  FileDescriptor settings_;
  FileDescriptor listener_;
  std::list<Connection> connections_;
};

}  // namespace rescue::cli
