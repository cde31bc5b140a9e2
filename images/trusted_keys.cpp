// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/trusted_keys.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace rescue::images {
namespace {

namespace fs = std::filesystem;

constexpr const char* revoked_name = "revoked";

/// minisign prints an id without leading zeros.
bool is_key_id(std::string_view text) {
  return !text.empty() && text.size() <= 16 && text.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char letter) { return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter; });
  return text;
}

std::vector<std::string> key_files_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".pub") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    throw Error(ErrorCode::config_invalid, folder + ": has no public key (*.pub)",
                "Copy the file that `minisign -G` wrote as image.pub into the folder.");
  }
  if (files.size() > TrustedKeys::most_keys) {
    throw Error(ErrorCode::config_invalid,
                fmt::format("{}: has {} keys, at most {} are read", folder, files.size(), TrustedKeys::most_keys),
                "Remove keys that no image is signed with.");
  }
  return files;
}

}  // namespace

TrustedKeys TrustedKeys::read(const std::string& path) {
  TrustedKeys trusted;
  trusted.path_ = path;
  std::error_code failed;
  const auto status = fs::status(path, failed);
  if (!fs::exists(status)) {
    throw Error(ErrorCode::not_found, "the public key " + path + " does not exist",
                "Set image.public_key to minisign's public key, or to a folder of such keys.");
  }
  if (!fs::is_directory(status)) {
    trusted.add(path);
    return trusted;
  }
  for (const auto& file : key_files_in(path)) trusted.add(file);
  trusted.read_revoked(path + "/" + revoked_name);
  return trusted;
}

void TrustedKeys::add(const std::string& path) {
  const auto key = PublicKey::from_file(path);
  const auto [there, added] = keys_.emplace(key.id(), key);
  if (added || there->second == key) return;
  throw Error(ErrorCode::config_invalid, fmt::format("{}: another key has its id {} too", path, key.id()),
              "Ids are random: one of the keys is forged or damaged. Remove it.");
}

void TrustedKeys::read_revoked(const std::string& path) {
  const auto text = read_file_if_exists(path);
  if (!text) return;
  std::istringstream lines(*text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto id = upper_case(trimmed(line.substr(0, line.find('#'))));
    if (id.empty()) continue;
    if (!is_key_id(id)) {
      throw Error(ErrorCode::config_invalid, fmt::format("{}:{}: is not the id of a key", path, number),
                  "Write up to 16 hex digits, as in the first line of the .pub file.");
    }
    revoked_.insert(id.substr(std::min(id.find_first_not_of('0'), id.size() - 1)));
  }
}

KeyId TrustedKeys::verify(const std::string& source, std::string_view message, std::string_view signature) const {
  const Signature parsed(source, signature);
  const auto id = parsed.key_id();
  if (revoked_.contains(id)) {
    throw Error(ErrorCode::image_untrusted,
                fmt::format("{}: it is signed with the key {}, which is revoked", source, id),
                "Sign it with a key that is trusted, and publish it again.");
  }
  const auto key = keys_.find(id);
  if (key == keys_.end()) {
    std::vector<KeyId> known;
    for (const auto& [other, unused] : keys_) known.push_back(other);
    throw Error(
        ErrorCode::image_untrusted,
        fmt::format("{}: it is signed with another key: {}; trusted here: {}", source, id, fmt::join(known, ", ")),
        fmt::format("If the key is yours, add its .pub file ({}); else get the image from its publisher.", path_));
  }
  key->second.verify(source, message, parsed);
  return id;
}

}  // namespace rescue::images
