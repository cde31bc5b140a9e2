// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/sealed_box.hpp"

#include "core/error.hpp"

#include <sodium.h>

#include <new>

namespace rescue {
namespace {

static_assert(box_key_size == crypto_box_PUBLICKEYBYTES);
static_assert(box_key_size == crypto_box_SECRETKEYBYTES);

const unsigned char* bytes(std::string_view text) {
  const void* const data = text.data();
  return static_cast<const unsigned char*>(data);
}
unsigned char* bytes(std::string& text) {
  void* const data = text.data();
  return static_cast<unsigned char*>(data);
}
unsigned char* bytes(Secret& secret) {
  void* const data = secret.data();
  return static_cast<unsigned char*>(data);
}

void require_key(std::string_view key) {
  if (key.size() != box_key_size) throw Error(ErrorCode::usage, "an X25519 key has 32 bytes");
}

}  // namespace

BoxKeys make_box_keys() {
  if (::sodium_init() < 0) throw std::bad_alloc();
  BoxKeys keys{std::string(box_key_size, '\0'), Secret(box_key_size)};
  ::crypto_box_keypair(bytes(keys.public_key), bytes(keys.secret_key));
  return keys;
}

std::string public_key_of(const Secret& secret_key) {
  require_key(secret_key.reveal());
  std::string key(box_key_size, '\0');
  ::crypto_scalarmult_base(bytes(key), bytes(secret_key.reveal()));
  return key;
}

bool is_box_key(std::string_view public_key) {
  if (public_key.size() != box_key_size) return false;
  const auto mine = make_box_keys();
  std::string shared(crypto_scalarmult_BYTES, '\0');
  return ::crypto_scalarmult(bytes(shared), bytes(mine.secret_key.reveal()), bytes(public_key)) == 0;
}

std::string seal(const Secret& message, std::string_view public_key) {
  require_key(public_key);
  if (::sodium_init() < 0) throw std::bad_alloc();
  std::string sealed(message.size() + crypto_box_SEALBYTES, '\0');
  if (::crypto_box_seal(bytes(sealed), bytes(message.reveal()), message.size(), bytes(public_key)) != 0) {
    throw Error(ErrorCode::usage, "the public key is not an X25519 key");
  }
  return sealed;
}

Secret open_sealed(std::string_view sealed, const Secret& secret_key) {
  const auto public_key = public_key_of(secret_key);
  const Error refused(ErrorCode::denied, "the sealed message does not open with this key",
                      "Use the secret key that belongs to the public key of the request.");
  if (sealed.size() < crypto_box_SEALBYTES) throw refused;
  Secret message(sealed.size() - crypto_box_SEALBYTES);
  // libsodium needs a buffer even for an empty message.
  unsigned char nothing = 0;
  auto* const target = message.empty() ? &nothing : bytes(message);
  if (::crypto_box_seal_open(target, bytes(sealed), sealed.size(), bytes(public_key), bytes(secret_key.reveal())) !=
      0) {
    throw refused;
  }
  return message;
}

}  // namespace rescue
