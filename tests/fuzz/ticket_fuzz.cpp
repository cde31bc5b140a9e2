// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Messages of a stranger to the listener of a ticket, and of a host to a viewer: parsed, or refused.
#include "credentials/ticket_messages.hpp"
#include "expect.hpp"

#include <algorithm>
#include <cstdint>

namespace {

using namespace rescue;
using credentials::Bytes;
using rescue::fuzz::expect;

void read_as_host(std::span<const std::uint8_t> input) {
  const auto size = credentials::viewer_body_size(input.first<3>());
  if (!size) return;
  expect(*size <= 96, "before the proof nothing longer is read");
  const auto body = input.subspan(3);
  if (body.size() < *size) return;
  const auto hello = credentials::parse_viewer_body(body.first(*size));
  expect(hello.has_value(), "a header of the right length has a body that can be read");
  const auto again = encode(*hello);
  expect(std::equal(again.begin(), again.end(), input.begin()), "it is written as it was read");
}

void read_as_viewer(std::span<const std::uint8_t> input) {
  const auto size = credentials::host_body_size(input.first<3>());
  if (!size || input.size() - 3 < *size) return;
  const auto message = credentials::parse_host_body(input[0], input.subspan(3, *size));
  if (!message) return;
  const auto again = encode(*message);
  expect(std::equal(again.begin(), again.end(), input.begin()), "it is written as it was read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span input(data, size);
  if (size >= 3) {
    read_as_host(input);
    read_as_viewer(input);
  }
  const std::string text(input.begin(), input.end());
  const auto ticket = credentials::parse_ticket(text);
  if (ticket.fault == credentials::TicketFault::none) {
    expect(credentials::parse_ticket(ticket.number.reveal()).number.equals(ticket.number),
           "a number is read as it is shown");
  }
  return 0;
}
