// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A string that libvirt allocates and the caller frees. Internal to the adapter.

#include <cstdlib>
#include <memory>

namespace rescue::libvirt {

struct FreeText {
  void operator()(char* text) const noexcept { std::free(text); }
};
using VirtText = std::unique_ptr<char, FreeText>;

}  // namespace rescue::libvirt
