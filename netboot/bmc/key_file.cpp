// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/key_file.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <new>

namespace rescue::netboot {
namespace {

unsigned char* writable(std::string& text) {
  void* const data = text.data();
  return static_cast<unsigned char*>(data);
}
unsigned char* writable(Secret& secret) {
  void* const data = secret.data();
  return static_cast<unsigned char*>(data);
}
const unsigned char* readable(std::string_view text) {
  const void* const data = text.data();
  return static_cast<const unsigned char*>(data);
}

}  // namespace

void KeyFile::make_key() const {
  if (::sodium_init() < 0) throw std::bad_alloc();
  std::string bytes(crypto_secretbox_KEYBYTES, '\0');
  ::randombytes_buf(bytes.data(), bytes.size());
  auto text = base64_of(bytes) + "\n";
  wipe(bytes);
  // Written under a unique name, then linked: a concurrent writer finds a complete key, and keeps it.
  const auto fresh = fmt::format("{}.{}", path_, ::getpid());
  write_file_atomically(fresh, text, 0600);
  wipe(text);
  const bool linked = ::link(fresh.c_str(), path_.c_str()) == 0;
  const int error = errno;
  remove_file_durably(fresh);
  if (!linked && error != EEXIST) throw system_error("cannot make the key file " + path_, error);
}

Secret KeyFile::key() const {
  const auto text = read_secret_file(path_);
  auto bytes = bytes_of_base64(text.reveal());
  if (!bytes || bytes->size() != crypto_secretbox_KEYBYTES) {
    throw Error(ErrorCode::precondition, path_ + " holds no key",
                fmt::format("Restore it from a backup, or remove it and {}.", wording_.remedy));
  }
  Secret key{std::string_view(*bytes)};
  wipe(*bytes);
  return key;
}

std::string KeyFile::seal(const Secret& message) const {
  if (!std::filesystem::exists(path_)) make_key();
  const auto secret_key = key();
  std::string sealed(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + message.size(), '\0');
  ::randombytes_buf(sealed.data(), crypto_secretbox_NONCEBYTES);
  ::crypto_secretbox_easy(writable(sealed) + crypto_secretbox_NONCEBYTES, readable(message.reveal()), message.size(),
                          readable(sealed), readable(secret_key.reveal()));
  return base64_of(sealed);
}

Secret KeyFile::open(const std::string& sealed) const {
  constexpr std::size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  const auto secret_key = key();
  const auto bytes = bytes_of_base64(sealed).value_or("");
  if (bytes.size() > overhead) {
    Secret message(bytes.size() - overhead);
    const auto box = std::string_view(bytes).substr(crypto_secretbox_NONCEBYTES);
    if (::crypto_secretbox_open_easy(writable(message), readable(box), box.size(), readable(bytes),
                                     readable(secret_key.reveal())) == 0) {
      return message;
    }
  }
  throw Error(ErrorCode::precondition,
              fmt::format("{} was sealed with another key than the one in {}", wording_.thing, path_),
              fmt::format("Restore that file, or {}.", wording_.remedy));
}

}  // namespace rescue::netboot
