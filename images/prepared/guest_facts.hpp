// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Facts about the Windows in a prepared image, as rescue-ntfs-read has found them.

#include "images/prepared/image_file.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::prepared {

/// Key that is read: hive ("SYSTEM") and path below it.
struct Key {
  std::string_view hive;
  std::string_view path;
};

class GuestFacts {
public:
  /// `answer`: JSON of rescue-ntfs-read. Throws `internal` if it is not of its form.
  explicit GuestFacts(nlohmann::json answer);

  /// "gpt", "mbr" or "none".
  [[nodiscard]] std::string table() const;
  [[nodiscard]] std::vector<nlohmann::json> partitions() const;
  /// Folders of Windows with the number of their partition: "Windows on partition 3".
  [[nodiscard]] const std::vector<std::string>& installations() const noexcept { return installations_; }

  /// Facts of the volume of the only Windows; an empty object if there is not exactly one.
  [[nodiscard]] const nlohmann::json& volume() const noexcept { return volume_; }
  /// Facts of the only Windows; an empty object if there is not exactly one.
  [[nodiscard]] const nlohmann::json& windows() const noexcept { return windows_; }

  /// Values of a key; an empty object if there is no such key.
  [[nodiscard]] const nlohmann::json& values(const Key& key) const;
  [[nodiscard]] std::optional<std::uint64_t> number(const Key& key, std::string_view name) const;
  [[nodiscard]] std::string text(const Key& key, std::string_view name) const;

private:
  nlohmann::json answer_;
  std::vector<std::string> installations_;
  nlohmann::json volume_ = nlohmann::json::object();
  nlohmann::json windows_ = nlohmann::json::object();
};

/// Runs the program `rescue_ntfs_read` on the image, with the questions of the contract. Blocks for up to five minutes.
/// Throws `precondition` if the image can't be opened, `subprocess` or `timeout` if the program fails.
[[nodiscard]] GuestFacts read_facts(const SourceImage& image, const std::string& rescue_ntfs_read);

}  // namespace rescue::prepared
