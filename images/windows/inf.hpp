// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads INF files of Windows drivers: sections, entries, strings. Syntax: "General Syntax Rules for INF Files",
// Microsoft Learn.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::windows {

/// Names of sections, keys and strings are compared without regard to case.
class Inf {
public:
  /// Parses UTF-16 (with a byte order mark, or recognized by its zero bytes), UTF-8, or else Latin-1. Ignores lines
  /// that it does not understand, as Windows does.
  static Inf parse(std::string_view bytes);

  /// Value of the first entry `key` in the section, without quotes and comments, with %strings% replaced. Texts are cut
  /// at 64 KiB.
  [[nodiscard]] std::optional<std::string> value(std::string_view section, std::string_view key) const;
  /// All values of the section's entries, in their order, split at commas.
  [[nodiscard]] std::vector<std::vector<std::string>> rows(std::string_view section) const;

private:
  struct Entry {
    std::string key;    ///< in lower case; empty for a line without '='
    std::string value;  ///< as written, without the comment
  };
  void add_line(std::string_view line, std::string& section);
  [[nodiscard]] std::string expanded(std::string_view text) const;

  std::map<std::string, std::vector<Entry>> sections_;
  std::map<std::string, std::string> strings_;  ///< of [Strings], without quotes
};

/// A driver's date and version: "DriverVer = 02/26/2025,100.97.104.27100".
struct DriverVersion {
  std::string date;             ///< "2025-02-26"
  std::string text;             ///< "100.97.104.27100"
  std::vector<unsigned> parts;  ///< 1 to 4 numbers

  /// virtio-win's build number, the first digits of the last number: 27100 is build 271. None for another vendor's
  /// form.
  [[nodiscard]] std::optional<unsigned> virtio_build() const;
};

/// Parses the value of DriverVer; none if it is not as Microsoft documents it.
[[nodiscard]] std::optional<DriverVersion> driver_version_of(std::string_view value);

}  // namespace rescue::windows
