// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A program that runs beside this one, with the descriptors that it gets and no others.

#include "core/handle.hpp"

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace rescue::files {

/// Ends the program when the object goes.
class Child {
public:
  Child() = default;
  /// Starts `argv`, whose first word is a path, with `descriptors` as 0, 1, 3, 4, ... in this order; 2 is ours. -1:
  /// /dev/null. Its environment is ours. The descriptors stay the caller's. Throws `subprocess`.
  Child(const std::vector<std::string>& argv, const std::vector<int>& descriptors);
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  [[nodiscard]] explicit operator bool() const noexcept { return pid_ > 0; }
  /// True once it has ended; does not block.
  [[nodiscard]] bool has_ended() noexcept;

private:
  void end() noexcept;
  pid_t pid_ = -1;
};

/// Two ends of a stream socket, closed on exec. Throws `io`.
[[nodiscard]] std::pair<FileDescriptor, FileDescriptor> socket_pair();

}  // namespace rescue::files
