// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A debug line for each call of libvirt that changes something or may take long. Internal to the adapter.

#include "core/timed.hpp"

#include <string>

namespace rescue::libvirt {

/// Makes the call. libvirt's error stays this thread's last one.
template <class Call>
auto timed(const std::string& what, Call call) {
  const log::Timed line("libvirt: {}", what);
  return call();
}

}  // namespace rescue::libvirt
