// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The new system's disk: a raw file with holes while Setup writes to it, and a qcow2 image at the end.

#include "core/clock.hpp"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace rescue::builder {

/// Makes an empty disk that takes no room. Throws `io`.
void make_disk(const std::string& path, std::uint64_t bytes);

/// Bytes that the file takes on its file system. Throws `io`.
[[nodiscard]] std::uint64_t used_room(const std::string& path);

struct Shrinking {
  std::string disk;
  std::string image;
  std::string log;        ///< of qemu-img
  bool compress = false;  ///< zstd: half the size, but a streamed image costs the guest's host time for each cluster
  std::function<void(unsigned percent)> report;
};

/// Writes `image` with the blocks of `disk` that are not zero, and checks it with qemu-img. Throws `subprocess` with
/// qemu-img's words, `interrupted`, and `io` when the file system is nearly full.
void shrink(const Shrinking& shrinking, const std::stop_token& stop);

}  // namespace rescue::builder
