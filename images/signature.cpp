// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/signature.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cstdint>

namespace rescue::images {
namespace {

using Bytes = std::vector<unsigned char>;

constexpr std::string_view comment_prefix = "trusted comment: ";

[[noreturn]] void refuse(const std::string& source, const std::string& why) {
  throw Error(ErrorCode::image_untrusted, source + ": " + why,
              "Get the file and its .minisig again from its publisher, or check image.public_key.");
}

/// minisign prints the 8 bytes as a number in little endian, without leading zeros.
KeyId id_text(const unsigned char* bytes) {
  std::uint64_t number = 0;
  for (std::size_t at = 8; at > 0; --at) number = number << 8U | bytes[at - 1];
  return fmt::format("{:X}", number);
}

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

KeyId PublicKey::id() const { return id_text(id_.data()); }

Signature::Signature(const std::string& source, std::string_view text) {
  const auto lines = lines_of(text);
  if (lines.size() >= 4 && lines[2].starts_with(comment_prefix)) {
    bytes_ = decode(lines[1], 74);  // algorithm, id, signature
    global_ = decode(lines[3], 64);
    comment_ = lines[2].substr(comment_prefix.size());
  }
  if (bytes_.empty() || global_.empty()) refuse(source, "the signature is not in minisign's format");
}

KeyId Signature::key_id() const { return id_text(&bytes_[2]); }

void PublicKey::verify(const std::string& source, std::string_view message, const Signature& signature) const {
  const auto& bytes = signature.bytes_;
  const bool prehashed = bytes[0] == 'E' && bytes[1] == 'D';
  if (!prehashed && !(bytes[0] == 'E' && bytes[1] == 'd')) refuse(source, "the signature uses an unknown algorithm");
  if (!std::equal(id_.begin(), id_.end(), bytes.begin() + 2)) refuse(source, "it is signed with another key");

  std::array<unsigned char, 64> digest{};
  crypto_generichash(digest.data(), digest.size(), bytes_of(message), message.size(), nullptr, 0);
  const bool genuine = prehashed ? verifies(&bytes[10], digest.data(), digest.size(), key_)
                                 : verifies(&bytes[10], bytes_of(message), message.size(), key_);
  if (!genuine) refuse(source, "the signature does not match: the file was changed after it was signed");

  Bytes commented(bytes.begin() + 10, bytes.end());
  commented.insert(commented.end(), signature.comment_.begin(), signature.comment_.end());
  if (!verifies(signature.global_.data(), commented.data(), commented.size(), key_)) {
    refuse(source, "its trusted comment was changed");
  }
}

}  // namespace rescue::images
