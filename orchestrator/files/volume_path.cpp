// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/files/volume_path.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace rescue::files {
namespace {

std::optional<unsigned> number_of(std::string_view text) {
  unsigned number = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return !text.empty() && error == std::errc{} && rest == end ? std::optional(number) : std::nullopt;
}

bool is_letter(std::string_view text) {
  return text.size() == 1 && std::isalpha(static_cast<unsigned char>(text[0])) != 0;
}

[[noreturn]] void refuse(std::string_view text) {
  throw Error(ErrorCode::usage, "'" + std::string(text) + "' names no volume",
              "Write C:\\FOLDER, or /dev/sda:3:/FOLDER for partition 3. `rescuectl files ls` lists the volumes.");
}

/// Text before the first colon; the rest stays in `text`.
std::string_view taken_to_colon(std::string_view& text) {
  const auto at = std::min(text.find(':'), text.size());
  const auto taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

}  // namespace

std::string normalized(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const auto end = std::min(path.find_first_of("/\\"), path.size());
    const auto name = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (name == "..") {
      result.erase(result.rfind('/') == std::string::npos ? 0 : result.rfind('/'));
    } else if (!name.empty() && name != ".") {
      if (!result.empty()) result += '/';
      result += name;
    }
  }
  return result;
}

VolumePath parse_volume_path(std::string_view text) {
  const auto whole = text;
  if (text.find('\0') != std::string_view::npos) refuse(whole.substr(0, whole.find('\0')));
  VolumePath result;
  if (text.starts_with("/dev/")) {
    result.disk = taken_to_colon(text);
    result.partition = number_of(taken_to_colon(text));
    if (!result.partition) refuse(whole);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    const auto volume = taken_to_colon(text);
    if (is_letter(volume)) {
      result.letter = static_cast<char>(std::toupper(static_cast<unsigned char>(volume[0])));
    } else {
      result.partition = number_of(volume);
      if (!result.partition) refuse(whole);
    }
  }
  result.path = normalized(text);
  return result;
}

bool is_local_name(std::string_view name) noexcept {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

}  // namespace rescue::files
