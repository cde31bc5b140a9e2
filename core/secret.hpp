// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Passwords, tokens and keys in memory: locked, left out of core dumps, wiped on destruction, never printable.

#include <cstddef>
#include <string>
#include <string_view>

namespace rescue {

/// Holds secret bytes in memory of libsodium's guarded allocator (mlock, MADV_DONTDUMP, zeroed on release).
/// Has no operator<<, no formatter and no JSON conversion on purpose; `reveal` is what a reviewer greps for.
class Secret {
public:
  Secret() = default;
  /// Copies `bytes`; wiping the source is the caller's job. Throws std::bad_alloc.
  explicit Secret(std::string_view bytes);
  /// Makes an uninitialised secret of `size` bytes, to fill through `data()`.
  explicit Secret(std::size_t size);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  /// Copies explicitly, so that a reviewer sees it.
  [[nodiscard]] Secret clone() const { return Secret(reveal()); }
  [[nodiscard]] std::string_view reveal() const noexcept { return {data_, size_}; }
  [[nodiscard]] char* data() noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// Compares in constant time of the content (not of the length).
  [[nodiscard]] bool equals(const Secret& other) const noexcept;
  void wipe() noexcept;

private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Overwrites the bytes of an ordinary string that had to hold a secret (for example an HTTP body).
void wipe(std::string& text) noexcept;

}  // namespace rescue
