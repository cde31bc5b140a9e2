// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/identity/patched_disk.hpp"

#include <algorithm>
#include <cstring>

namespace rescue::identity {

bool PatchedDisk::read(void* into, std::size_t size, std::uint64_t offset) const noexcept {
  if (!disk_.read(into, size, offset)) return false;
  for (const auto& patch : patches_) {
    const auto begin = std::max(offset, patch.offset);
    const auto end = std::min(offset + size, patch.offset + patch.bytes.size());
    if (begin >= end) continue;
    std::memcpy(static_cast<char*>(into) + (begin - offset), patch.bytes.data() + (begin - patch.offset), end - begin);
  }
  return true;
}

}  // namespace rescue::identity
