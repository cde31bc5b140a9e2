// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/signature.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <sodium.h>

#include <algorithm>
#include <vector>

namespace rescue::images {
namespace {

using Bytes = std::vector<unsigned char>;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// Decodes base64; empty if `text` is not base64 of exactly `size` bytes.
Bytes decode(std::string_view text, std::size_t size) {
  Bytes bytes(size);
  std::size_t length = 0;
  const bool valid = sodium_base642bin(bytes.data(), size, text.data(), text.size(), nullptr, &length, nullptr,
                                       sodium_base64_VARIANT_ORIGINAL) == 0;
  if (!valid || length != size) bytes.clear();
  return bytes;
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

bool verifies(const unsigned char* signature, const unsigned char* message, std::size_t size,
              const std::array<unsigned char, 32>& key) {
  return crypto_sign_verify_detached(signature, message, size, key.data()) == 0;
}

}  // namespace

PublicKey::PublicKey(const std::string& source, std::string_view text) {
  if (sodium_init() < 0) throw Error(ErrorCode::internal, "libsodium can't be initialised");
  const auto lines = lines_of(text);
  const auto line = lines.size() > 1 && lines[0].starts_with("untrusted comment:") ? lines[1]
                    : lines.empty()                                                ? std::string_view{}
                                                                                   : lines[0];
  const auto bytes = decode(line, 42);  // "Ed", id, key
  if (bytes.empty() || bytes[0] != 'E' || bytes[1] != 'd') {
    throw Error(ErrorCode::config_invalid, source + ": is not a minisign public key",
                "Use the file minisign.pub that `minisign -G` writes.");
  }
  std::copy_n(bytes.begin() + 2, id_.size(), id_.begin());
  std::copy_n(bytes.begin() + 10, key_.size(), key_.begin());
}

PublicKey PublicKey::from_file(const std::string& path) { return {path, read_file(path)}; }

void PublicKey::verify(const std::string& source, std::string_view message, std::string_view signature) const {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorCode::image_untrusted, source + ": " + why,
                "Get the manifest and its .minisig again from whoever builds the images, or check image.public_key.");
  };
  const auto lines = lines_of(signature);
  if (lines.size() < 4 || !lines[2].starts_with("trusted comment: "))
    refuse("the signature is not in minisign's format");
  const auto bytes = decode(lines[1], 74);  // algorithm, id, signature
  const auto global = decode(lines[3], 64);
  if (bytes.empty() || global.empty()) refuse("the signature is not in minisign's format");
  const bool prehashed = bytes[0] == 'E' && bytes[1] == 'D';
  if (!prehashed && !(bytes[0] == 'E' && bytes[1] == 'd')) refuse("the signature uses an unknown algorithm");
  if (!std::equal(id_.begin(), id_.end(), bytes.begin() + 2)) refuse("it is signed with another key");

  std::array<unsigned char, 64> digest{};
  crypto_generichash(digest.data(), digest.size(), bytes_of(message), message.size(), nullptr, 0);
  const bool genuine = prehashed ? verifies(&bytes[10], digest.data(), digest.size(), key_)
                                 : verifies(&bytes[10], bytes_of(message), message.size(), key_);
  if (!genuine) refuse("the signature does not match: the manifest was changed after it was signed");

  Bytes commented(bytes.begin() + 10, bytes.end());
  const auto comment = lines[2].substr(std::string_view("trusted comment: ").size());
  commented.insert(commented.end(), comment.begin(), comment.end());
  if (!verifies(global.data(), commented.data(), commented.size(), key_)) refuse("its trusted comment was changed");
}

}  // namespace rescue::images
