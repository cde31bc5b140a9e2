// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/ntfs/nbd_disk.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"

#include <fmt/format.h>
#include <libnbd.h>

#include <algorithm>
#include <array>

namespace rescue::ntfs {
namespace {

constexpr std::size_t largest_request = 1U << 20U;
constexpr std::size_t longest_message = 300;

[[noreturn]] void fail(const std::string& image) {
  throw Error(ErrorCode::precondition,
              fmt::format("cannot open {}: {}", image, printable(nbd_get_error(), longest_message)),
              "Check the file with `qemu-img check`; close the virtual machine that uses it.");
}

}  // namespace

void NbdDisk::Close::operator()(nbd_handle* handle) const noexcept { nbd_close(handle); }

NbdDisk::NbdDisk(const std::string& format, const std::string& image) : handle_(nbd_create()) {
  if (!handle_) fail(image);
  std::array<std::string, 6> arguments{"qemu-nbd", "--read-only", "--shared=1", "--format", format, image};
  std::array<char*, arguments.size() + 1> argv{};
  std::transform(arguments.begin(), arguments.end(), argv.begin(), [](std::string& text) { return text.data(); });
  if (nbd_connect_systemd_socket_activation(handle_.get(), argv.data()) != 0) fail(image);
  const auto size = nbd_get_size(handle_.get());
  if (size < 0) fail(image);
  size_ = static_cast<std::uint64_t>(size);
}

bool NbdDisk::read(void* into, std::size_t size, std::uint64_t offset) const noexcept {
  if (offset > size_ || size > size_ - offset) return false;
  auto* place = static_cast<char*>(into);
  while (size > 0) {
    const auto part = std::min(size, largest_request);
    if (nbd_pread(handle_.get(), place, part, offset, 0) != 0) return false;
    place += part;
    offset += part;
    size -= part;
  }
  return true;
}

}  // namespace rescue::ntfs
