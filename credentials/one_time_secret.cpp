// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/one_time_secret.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"

#include <nlohmann/json.hpp>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

namespace rescue::credentials {
namespace {

constexpr std::string_view code_alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t code_length = 8;
constexpr std::size_t key_size = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t salt_size = crypto_pwhash_SALTBYTES;
constexpr std::size_t longest_text = 32 * 1024;
constexpr std::size_t longest_box = 64 * 1024;
constexpr std::int64_t most_passes = 4;
constexpr std::int64_t most_memory_kib = 256 * 1024;
constexpr auto url_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t id_size = 16;
constexpr std::string_view proof_salt_label = "rescue code proof salt";
constexpr std::string_view proof_label = "rescue code proof";
constexpr std::string_view link_proof_label = "rescue link proof";
static_assert(proof_size == crypto_generichash_BYTES && salt_size == crypto_generichash_BYTES_MIN);

const unsigned char* bytes_of(std::string_view text) {
  const void* const data = text.data();
  return static_cast<const unsigned char*>(data);
}
unsigned char* bytes_of(Secret& secret) {
  void* const data = secret.data();
  return static_cast<unsigned char*>(data);
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  ::randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

bool is_base64url(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

/// The 32 bytes of a link's key. Throws `usage`.
Secret raw_key(const Secret& key) {
  Secret raw(key_size);
  std::size_t size = 0;
  const char* end = nullptr;
  const auto text = key.reveal();
  const int status =
      ::sodium_base642bin(bytes_of(raw), raw.size(), text.data(), text.size(), nullptr, &size, &end, url_variant);
  if (status != 0 || size != key_size || end != text.data() + text.size()) {
    throw Error(ErrorCode::usage, "the key of the link is not 43 characters of base64url", "Copy the whole link.");
  }
  return raw;
}

/// Argon2id of the code. Throws `usage` for a malformed code.
Secret stretched_code(const Secret& code, std::string_view salt, const CodeCost& cost) {
  const auto plain = normalised_code(code.reveal());
  if (!plain) {
    throw Error(ErrorCode::usage, "the code does not have 8 letters and digits",
                "Enter it as it was shown: 7K3M-Q9XA.");
  }
  Secret stretched(key_size);
  if (::crypto_pwhash(bytes_of(stretched), stretched.size(), plain->reveal().data(), plain->size(), bytes_of(salt),
                      cost.passes, std::size_t{cost.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::bad_alloc();
  }
  return stretched;
}

/// Mixes the code into the key: BLAKE2b, keyed with the link's key, of Argon2id of the code.
Secret key_with_code(const Secret& key, const Secret& code, const SealedSecret& sealed) {
  const auto stretched = stretched_code(code, sealed.salt, *sealed.cost);
  Secret mixed(key_size);
  ::crypto_generichash(bytes_of(mixed), mixed.size(), bytes_of(stretched.reveal()), stretched.size(),
                       bytes_of(key.reveal()), key.size());
  return mixed;
}

/// BLAKE2b of `size` bytes, keyed with the link's key, of a label and `text`.
Secret keyed_hash(const Secret& key, std::size_t size, std::string_view label, std::string_view text) {
  crypto_generichash_state state{};
  ::crypto_generichash_init(&state, bytes_of(key.reveal()), key.size(), size);
  ::crypto_generichash_update(&state, bytes_of(label), label.size());
  ::crypto_generichash_update(&state, bytes_of(text), text.size());
  Secret hash(size);
  ::crypto_generichash_final(&state, bytes_of(hash), hash.size());
  return hash;
}

Secret key_of(const SealedSecret& sealed, const Secret& link_key, const Secret* code) {
  auto key = raw_key(link_key);
  if (!sealed.needs_code()) return key;
  if (code == nullptr) throw Error(ErrorCode::usage, "this secret has a code, and none was given", "Enter the code.");
  return key_with_code(key, *code, sealed);
}

std::string field_bytes(const Field& parent, const char* name, std::size_t least, std::size_t most) {
  const auto field = parent.at(name);
  auto bytes = bytes_of_base64(field.string());
  if (!bytes || bytes->size() < least || bytes->size() > most) field.fail("must be base64 of the right length");
  return *std::move(bytes);
}

}  // namespace

nlohmann::json SealedSecret::json() const {
  nlohmann::json code;
  if (cost) code = {{"salt", base64_of(salt)}, {"passes", cost->passes}, {"memory_kib", cost->memory_kib}};
  return {{"format", 1}, {"nonce", base64_of(nonce)}, {"box", base64_of(box)}, {"code", std::move(code)}};
}

SealedSecret SealedSecret::parse(const Document& document) {
  const auto root = document.root();
  root.only({"format", "nonce", "box", "code"});
  (void)root.at("format").integer(1, 1);
  SealedSecret sealed;
  sealed.nonce = field_bytes(root, "nonce", nonce_size, nonce_size);
  sealed.box = field_bytes(root, "box", tag_size, longest_box);
  if (const auto code = root.find("code")) {
    code->only({"salt", "passes", "memory_kib"});
    sealed.salt = field_bytes(*code, "salt", salt_size, salt_size);
    constexpr std::int64_t least_memory_kib = 8 * 1024;
    sealed.cost = CodeCost{static_cast<unsigned>(code->at("passes").integer(1, most_passes)),
                           static_cast<unsigned>(code->at("memory_kib").integer(least_memory_kib, most_memory_kib))};
  }
  return sealed;
}

Secret generate_link_key() {
  Secret raw(key_size);
  ::randombytes_buf(raw.data(), raw.size());
  constexpr std::size_t with_end = sodium_base64_ENCODED_LEN(key_size, url_variant);
  Secret text(with_end);
  ::sodium_bin2base64(text.data(), text.size(), bytes_of(raw.reveal()), raw.size(), url_variant);
  return Secret(text.reveal().substr(0, with_end - 1));
}

Secret generate_code() {
  constexpr std::size_t group = code_length / 2;
  Secret code(code_length + 1);
  for (std::size_t index = 0; index < code.size(); ++index) {
    code.data()[index] =
        index == group ? '-' : code_alphabet[::randombytes_uniform(static_cast<std::uint32_t>(code_alphabet.size()))];
  }
  return code;
}

std::optional<Secret> normalised_code(std::string_view text) {
  Secret code(code_length);
  std::size_t length = 0;
  for (const char given : text) {
    if (given == '-' || given == ' ') continue;
    char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(given)));
    if (upper == 'O') upper = '0';
    if (upper == 'I' || upper == 'L') upper = '1';
    if (length == code_length || code_alphabet.find(upper) == std::string_view::npos) return std::nullopt;
    code.data()[length++] = upper;
  }
  if (length != code_length) return std::nullopt;
  return code;
}

std::string generate_secret_id() {
  const auto raw = random_bytes(id_size);
  constexpr std::size_t with_end = sodium_base64_ENCODED_LEN(id_size, url_variant);
  std::string text(with_end, '\0');
  ::sodium_bin2base64(text.data(), text.size(), bytes_of(raw), raw.size(), url_variant);
  text.pop_back();
  return text;
}

bool is_secret_id(std::string_view id) noexcept {
  return id.size() == sodium_base64_ENCODED_LEN(id_size, url_variant) - 1 && is_base64url(id);
}

bool is_link_key(const Secret& key) noexcept {
  return key.size() == sodium_base64_ENCODED_LEN(key_size, url_variant) - 1 && is_base64url(key.reveal());
}

Secret proof_of_link(std::string_view id, const Secret& key) {
  return keyed_hash(raw_key(key), proof_size, link_proof_label, id);
}

Secret proof_of_code(std::string_view id, const Secret& key, const Secret& code) {
  const auto raw = raw_key(key);
  const auto salt = keyed_hash(raw, salt_size, proof_salt_label, id);
  return keyed_hash(raw, proof_size, proof_label, stretched_code(code, salt.reveal(), CodeCost{}).reveal());
}

std::string verifier_of(const Secret& proof) {
  std::string hash(proof_size, '\0');
  void* const target = hash.data();
  ::crypto_generichash(static_cast<unsigned char*>(target), hash.size(), bytes_of(proof.reveal()), proof.size(),
                       nullptr, 0);
  return hash;
}

bool is_proven(const Secret& proof, std::string_view verifier) {
  if (proof.size() != proof_size || verifier.size() != proof_size) return false;
  return ::sodium_memcmp(verifier_of(proof).data(), verifier.data(), proof_size) == 0;
}

SealedSecret seal(const Secret& text, std::string_view id, const Secret& key, const Secret* code) {
  if (text.size() > longest_text) throw Error(ErrorCode::usage, "a secret is at most 32 KiB long");
  SealedSecret sealed;
  sealed.nonce = random_bytes(nonce_size);
  if (code != nullptr) {
    sealed.salt = random_bytes(salt_size);
    sealed.cost.emplace();
  }
  const auto secret_key = key_of(sealed, key, code);
  sealed.box.resize(text.size() + tag_size);
  void* const box = sealed.box.data();
  ::crypto_aead_xchacha20poly1305_ietf_encrypt(static_cast<unsigned char*>(box), nullptr, bytes_of(text.reveal()),
                                               text.size(), bytes_of(id), id.size(), nullptr, bytes_of(sealed.nonce),
                                               bytes_of(secret_key.reveal()));
  return sealed;
}

std::optional<Secret> open(const SealedSecret& sealed, std::string_view id, const Secret& key, const Secret* code) {
  if (sealed.box.size() < tag_size || sealed.nonce.size() != nonce_size) return std::nullopt;
  const auto secret_key = key_of(sealed, key, code);
  Secret text(sealed.box.size() - tag_size);
  // An empty secret has no memory of its own; libsodium takes no null pointer.
  std::array<unsigned char, 1> nothing{};
  auto* const target = text.empty() ? nothing.data() : bytes_of(text);
  if (::crypto_aead_xchacha20poly1305_ietf_decrypt(target, nullptr, nullptr, bytes_of(sealed.box), sealed.box.size(),
                                                   bytes_of(id), id.size(), bytes_of(sealed.nonce),
                                                   bytes_of(secret_key.reveal())) != 0) {
    return std::nullopt;
  }
  return text;
}

}  // namespace rescue::credentials
