// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A debug line for each libvirt call that changes something or may take long. Internal to the adapter.

#include "core/timed.hpp"

#include <string>

namespace rescue::libvirt {

/// Makes the call. Keeps libvirt's last error of this thread.
template <class Call>
auto timed(const std::string& what, Call call) {
  const log::Timed line("libvirt: {}", what);
  return call();
}

}  // namespace rescue::libvirt
