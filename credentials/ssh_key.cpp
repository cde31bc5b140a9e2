// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/ssh_key.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace rescue::credentials {
namespace {

constexpr std::string_view ed25519 = "ssh-ed25519";

/// True if the key itself names its type: a length of four bytes, then the name (RFC 4251, 5).
bool names_type(const std::string& key, std::string_view type) {
  constexpr std::size_t length_bytes = 4;
  if (key.size() < length_bytes + type.size()) return false;
  return key.substr(0, length_bytes) == std::string{'\0', '\0', '\0', static_cast<char>(type.size())} &&
         key.compare(length_bytes, type.size(), type) == 0;
}

std::string number_field(std::uint32_t value) {
  constexpr std::uint32_t byte = 0xff;
  return {static_cast<char>(value >> 24U & byte), static_cast<char>(value >> 16U & byte),
          static_cast<char>(value >> 8U & byte), static_cast<char>(value & byte)};
}

/// A string of RFC 4251, 5.
std::string field(std::string_view bytes) {
  return number_field(static_cast<std::uint32_t>(bytes.size())) + std::string(bytes);
}

/// Part of the file that a passphrase would encrypt. The caller wipes it.
std::string private_section(const std::string& blob, std::string_view secret_key, const std::string& comment) {
  constexpr std::size_t block = 8;
  const auto check = number_field(::randombytes_random());
  std::string section;
  section.reserve(512);  // no copies of the key are left by growing
  section += check;
  section += check;
  section += blob;
  section += number_field(static_cast<std::uint32_t>(secret_key.size()));
  section += secret_key;
  section += field(comment);
  for (char pad = 1; section.size() % block != 0; ++pad) section += pad;
  return section;
}

/// base64 in lines of 70 characters, between the two lines of the format. Wipes `bytes`.
Secret pem(std::string& bytes) {
  constexpr std::string_view head = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  constexpr std::string_view tail = "-----END OPENSSH PRIVATE KEY-----\n";
  constexpr std::size_t width = 70;
  auto text = base64_of(bytes);
  rescue::wipe(bytes);
  const auto lines = (text.size() + width - 1) / width;
  Secret key(head.size() + text.size() + lines + tail.size());
  auto* end = std::copy(head.begin(), head.end(), key.data());
  for (std::size_t at = 0; at < text.size(); at += width) {
    const auto line = std::string_view(text).substr(at, width);
    end = std::copy(line.begin(), line.end(), end);
    *end++ = '\n';
  }
  std::copy(tail.begin(), tail.end(), end);
  rescue::wipe(text);
  return key;
}

}  // namespace

std::string canonical_ssh_key(const std::string& text) {
  constexpr std::array<std::string_view, 7> types{ed25519,
                                                  "ssh-rsa",
                                                  "ecdsa-sha2-nistp256",
                                                  "ecdsa-sha2-nistp384",
                                                  "ecdsa-sha2-nistp521",
                                                  "sk-ssh-ed25519@openssh.com",
                                                  "sk-ecdsa-sha2-nistp256@openssh.com"};
  constexpr std::size_t longest = 8192;
  const auto type = text.substr(0, text.find(' '));
  const auto rest = text.substr(std::min(type.size() + 1, text.size()));
  const auto key = bytes_of_base64(rest.substr(0, rest.find(' '))).value_or("");
  const bool fits = text.size() <= longest && std::find(types.begin(), types.end(), type) != types.end() &&
                    names_type(key, type) &&
                    std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (fits) return text;
  throw Error(ErrorCode::usage, "this is not an SSH public key",
              "Send the line of a .pub file, as ssh-keygen writes it, without options before it.");
}

SshKeyPair make_ssh_key_pair(const std::string& comment) {
  if (::sodium_init() < 0) throw Error(ErrorCode::internal, "libsodium can't be initialised");
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open{};
  Secret secret(std::size_t{crypto_sign_SECRETKEYBYTES});
  void* const secret_bytes = secret.data();
  ::crypto_sign_keypair(open.data(), static_cast<unsigned char*>(secret_bytes));
  std::string open_bytes(open.size(), '\0');
  std::memcpy(open_bytes.data(), open.data(), open.size());
  const auto blob = field(ed25519) + field(open_bytes);
  auto section = private_section(blob, secret.reveal(), comment);
  std::string bytes;
  bytes.reserve(1024);
  bytes.append("openssh-key-v1").append(1, '\0');
  bytes += field("none") + field("none") + field("") + number_field(1) + field(blob);
  bytes += number_field(static_cast<std::uint32_t>(section.size()));
  bytes += section;
  rescue::wipe(section);
  SshKeyPair pair;
  pair.public_key = std::string(ed25519) + " " + base64_of(blob) + " " + comment;
  pair.private_key = pem(bytes);
  return pair;
}

}  // namespace rescue::credentials
