// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RAII for handles of C libraries and the kernel: as small as the raw pointer or descriptor.

#include <unistd.h>

#include <memory>
#include <utility>

namespace rescue {

template <auto Release>
struct ReleaseWith {
  template <class T>
  void operator()(T* pointer) const noexcept {
    Release(pointer);
  }
};

/// Owning pointer of a C library: `Handle<virDomain, virDomainFree>`.
template <class T, auto R>
using Handle = std::unique_ptr<T, ReleaseWith<R>>;

/// File descriptor that is closed once.
class FileDescriptor {
public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  void reset() noexcept {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

private:
  int fd_ = -1;
};

}  // namespace rescue
