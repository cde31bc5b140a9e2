// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a link's hardware would still do to a frame that it is given: with nothing of it left, the kernel makes each
// frame final before it hands it over, so that a filter behind the link sees the bytes that go out.

#include <string>
#include <vector>

namespace rescue::linux {

/// As `ethtool -K` does: checksums, scatter and gather, segmentation and VLAN tags on the way out of `link` off, and
/// what joins frames that arrive. Idempotent. Throws `network` when the link is gone or something that changes frames
/// stays on.
void switch_offloads_off(const std::string& link);

/// Only what joins frames that arrive (GRO). Idempotent. Throws `network` when the link is gone.
void switch_receive_offload_off(const std::string& link);

/// Those of the link's active features that let a frame be unfinished when it is handed over; empty: none. The names
/// are ethtool's ("tx-checksum-ip-generic"). Throws `network`.
[[nodiscard]] std::vector<std::string> active_offloads(const std::string& link);

}  // namespace rescue::linux
