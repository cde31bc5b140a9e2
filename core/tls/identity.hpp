// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A key with a self-signed certificate that lives in this process only: for peers that know each other by something
// else than an authority.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace rescue::tls {

constexpr std::size_t digest_size = 32;
using Digest = std::array<std::uint8_t, digest_size>;

/// Key on P-256 and its certificate. Copies share them; they are released with the last copy and the last channel.
class Identity {
public:
  /// Makes a new key. `name` is the certificate's common name, 64 bytes at most. Throws `internal` when OpenSSL fails.
  [[nodiscard]] static Identity make(const std::string& name);

  /// SHA-256 of the certificate (DER).
  [[nodiscard]] const Digest& fingerprint() const noexcept { return fingerprint_; }

private:
  friend class Channel;
  struct Material;
  Identity(std::shared_ptr<const Material> material, const Digest& fingerprint)
      : material_(std::move(material)), fingerprint_(fingerprint) {}

  std::shared_ptr<const Material> material_;
  Digest fingerprint_{};
};

}  // namespace rescue::tls
