// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/secret.hpp"

#include <sodium.h>

#include <cstring>
#include <new>
#include <utility>

namespace rescue {

Secret::Secret(std::size_t size) : size_(size) {
  if (sodium_init() < 0) throw std::bad_alloc();
  if (size == 0) return;
  data_ = static_cast<char*>(sodium_malloc(size));
  if (data_ == nullptr) throw std::bad_alloc();
}

Secret::Secret(std::string_view bytes) : Secret(bytes.size()) {
  if (size_ != 0) std::memcpy(data_, bytes.data(), size_);
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret::~Secret() { wipe(); }

bool Secret::equals(const Secret& other) const noexcept {
  return size_ == other.size_ && (size_ == 0 || sodium_memcmp(data_, other.data_, size_) == 0);
}

void Secret::wipe() noexcept {
  sodium_free(data_);  // zeroes first; accepts nullptr
  data_ = nullptr;
  size_ = 0;
}

void wipe(std::string& text) noexcept {
  sodium_memzero(text.data(), text.size());
  text.clear();
}

}  // namespace rescue
