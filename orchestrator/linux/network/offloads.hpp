// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Offloads of a link: changes that its hardware makes to frames it is given. With all off, the kernel completes each
// frame before it hands it over, so that a filter behind the link sees the bytes that go out.

#include <string>
#include <vector>

namespace rescue::linux {

/// Turns off checksums, scatter and gather, segmentation and VLAN tags on the way out of `link`, and joining of
/// arriving frames, like `ethtool -K`. Idempotent. Throws `network` when the link is gone or an offload that changes
/// frames stays on.
void switch_offloads_off(const std::string& link);

/// Turns off only the joining of arriving frames (GRO). Idempotent. Throws `network` when the link is gone.
void switch_receive_offload_off(const std::string& link);

/// Active features of the link that let it take over incomplete frames; empty: none. Names are ethtool's
/// ("tx-checksum-ip-generic"). Throws `network`.
[[nodiscard]] std::vector<std::string> active_offloads(const std::string& link);

}  // namespace rescue::linux
