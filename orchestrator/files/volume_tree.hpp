// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The volumes as one tree for SFTP: /C/Users/me.

#include "core/ssh/sftp_server.hpp"
#include "orchestrator/files/volume_reader.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rescue::files {

class VolumeTree final : public ssh::SftpTree {
public:
  /// Adds a folder of the root, "C", with the reader of its volume.
  void add(const std::string& name, std::unique_ptr<VolumeReader> reader);

  [[nodiscard]] std::string absolute(const std::string& path) override;
  [[nodiscard]] ssh::SftpEntry stat(const std::string& path) override;
  [[nodiscard]] std::vector<ssh::SftpEntry> list(const std::string& path) override;
  [[nodiscard]] std::uint64_t open(const std::string& path) override;
  [[nodiscard]] std::string read(std::uint64_t file, std::uint64_t offset, std::uint32_t length) override;
  void close(std::uint64_t file) override;

private:
  struct Place {
    VolumeReader* volume = nullptr;  ///< null: the root
    std::string name;                ///< of the volume
    std::string path;                ///< inside of it
  };
  /// Throws `not_found`.
  [[nodiscard]] Place place_of(const std::string& path) const;

  std::vector<std::pair<std::string, std::unique_ptr<VolumeReader>>> volumes_;
  std::map<std::uint64_t, std::pair<VolumeReader*, std::uint32_t>> open_;
  std::uint64_t last_ = 0;
};

}  // namespace rescue::files
