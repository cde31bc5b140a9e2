// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port that opens TCP connections to the guest, from the right network namespace.

#include "core/access/access.hpp"

namespace rescue::ports {

using access::Connection;
using access::Connector;

}  // namespace rescue::ports
