// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads registry hives, by hivex, from their bytes in memory.

#include "core/handle.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

struct hive_h;
extern "C" int hivex_close(hive_h* hive);

namespace rescue::disk {

/// True if the hive was not written completely: its two sequence numbers differ, and what is missing is in its log.
[[nodiscard]] bool is_dirty_hive(std::string_view bytes);

/// Copy of a hive that has a path, which hivex needs.
class HiveFile {
public:
  /// Empty, in memory.
  HiveFile();
  /// Empty, in a folder; removed when it goes. Throws `io`.
  explicit HiveFile(const std::string& folder);
  ~HiveFile();
  HiveFile(HiveFile&& other) noexcept;
  HiveFile& operator=(HiveFile&&) = delete;
  HiveFile(const HiveFile&) = delete;
  HiveFile& operator=(const HiveFile&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return file_.get(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// As `is_dirty_hive`.
  [[nodiscard]] bool is_dirty() const;

private:
  FileDescriptor file_;
  std::string path_;
  bool remove_ = false;
};

class Hive {
public:
  /// Throws `precondition` if the bytes are no hive that hivex can read.
  explicit Hive(std::string_view bytes);
  explicit Hive(HiveFile file);

  /// Values of a key as JSON: numbers, texts, binary as hex digits; null if there is no such key. At most 4,096 values
  /// of at most 64 KiB each. "CurrentControlSet" at the begin is the control set that Windows starts with.
  [[nodiscard]] nlohmann::ordered_json values_of(const std::string& key) const;

  /// Names of the keys below a key; at most 4,096. Empty if there is no such key.
  [[nodiscard]] std::vector<std::string> keys_below(const std::string& key) const;

private:
  [[nodiscard]] std::string resolved(const std::string& key) const;
  [[nodiscard]] std::size_t find(const std::string& key) const;

  static void close(hive_h* hive) { (void)hivex_close(hive); }
  HiveFile file_;
  Handle<hive_h, close> hive_;
};

}  // namespace rescue::disk
