// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Relays bytes between a TLS channel and a plain socket, in both directions, with bounded memory.

#include "core/tls/channel.hpp"

#include <functional>
#include <vector>

namespace rescue::tls {

enum class PumpEnd {
  channel_closed,  ///< the peer has closed the channel, or it broke
  plain_closed,
  woken,    ///< the wake descriptor became readable
  refused,  ///< the filter refused
};

/// Appends to `out` what may pass of `in`; false ends the relay.
using Filter = std::function<bool(std::span<const std::uint8_t> in, std::vector<std::uint8_t>& out)>;

/// Blocks until one end is closed, `wake` is readable or `from_channel` refuses; then notifies the peer. Holds at most
/// 64 KiB in each direction and does not read faster than the other end takes. `plain` becomes non-blocking.
/// `from_channel`: applied to the bytes from the channel to `plain`; none: all pass.
[[nodiscard]] PumpEnd pump(Channel& channel, int plain, int wake, const Filter& from_channel = {});

}  // namespace rescue::tls
