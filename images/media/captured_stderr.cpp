// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/media/captured_stderr.hpp"

#include "core/printable.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <array>
#include <cstdio>
#include <string_view>

namespace rescue::media {

CapturedStderr::CapturedStderr()
    : memory_(::memfd_create("stderr", MFD_CLOEXEC)), before_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
  std::fflush(stderr);
  if (memory_ && before_) (void)::dup2(memory_.get(), STDERR_FILENO);
}

CapturedStderr::~CapturedStderr() {
  std::fflush(stderr);
  if (memory_ && before_) (void)::dup2(before_.get(), STDERR_FILENO);
}

std::string CapturedStderr::first_line() const {
  std::fflush(stderr);
  std::array<char, 256> bytes{};
  const auto size = ::pread(memory_.get(), bytes.data(), bytes.size(), 0);
  const std::string_view text(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return printable(text.substr(0, text.find('\n')), bytes.size());
}

}  // namespace rescue::media
