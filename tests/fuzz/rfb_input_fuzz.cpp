// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Bytes of a console's viewer, in pieces as the network might deliver them, in both roles.
#include "core/rfb/input_filter.hpp"
#include "expect.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace {

using rescue::fuzz::expect;
using rescue::rfb::InputFilter;
using rescue::rfb::ViewerRole;

struct Passed {
  std::string bytes;
  bool is_refused = false;
};

Passed passed(InputFilter filter, std::string_view stream, std::size_t piece) {
  Passed result;
  std::size_t read = 0;
  while (!stream.empty() && !result.is_refused) {
    const auto part = stream.substr(0, piece);
    stream.remove_prefix(part.size());
    read += part.size();
    const auto out = filter.pass(part);
    result.is_refused = !out.has_value();
    if (out) result.bytes += *out;
    expect(result.bytes.size() <= read, "no more comes out than went in");
  }
  expect(result.is_refused != filter.fault().empty(), "a refusal has a reason");
  return result;
}

/// Reads what a viewer's filter passes as a VNC server does: nothing may change the guest.
void check_view(std::string_view bytes) {
  const bool is_old = bytes.substr(0, 12) == "RFB 003.003\n";
  const std::size_t handshake = is_old ? 13 : 14;
  if (bytes.size() <= handshake) return;
  bytes.remove_prefix(handshake);
  while (!bytes.empty()) {
    const auto byte = [&](std::size_t at) -> std::size_t { return static_cast<unsigned char>(bytes[at]); };
    std::size_t size = 0;
    switch (byte(0)) {
    case 0:
      size = 20;
      break;
    case 2:
      size = bytes.size() < 4 ? 4 : 4 + 4 * (byte(2) << 8U | byte(3));
      break;
    case 3:
    case 150:
      size = 10;
      break;
    case 248:
      size = bytes.size() < 9 ? 9 : 9 + byte(8);
      break;
    default:
      expect(false, "a viewer sends no input");
    }
    bytes.remove_prefix(size < bytes.size() ? size : bytes.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = 1 + data[0] % 64U;  // the first byte sets the size of the pieces
  const void* const place = data + 1;
  const std::string_view stream(static_cast<const char*>(place), size - 1);
  for (const auto role : {ViewerRole::view, ViewerRole::control}) {
    const auto in_pieces = passed(InputFilter(role), stream, piece);
    const auto at_once = passed(InputFilter(role), stream, stream.size() + 1);
    expect(in_pieces.is_refused == at_once.is_refused, "pieces do not matter");
    if (!at_once.is_refused) expect(in_pieces.bytes == at_once.bytes, "pieces do not matter for what is passed");
    if (role == ViewerRole::view) check_view(in_pieces.bytes);
  }
  return 0;
}
