// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes the bytes before a body: status line and headers of a response (RFC 9112).

#include "core/http/message.hpp"

#include <string>
#include <string_view>

namespace rescue::http {

struct Framing {
  bool old_protocol = false;  ///< the request was HTTP/1.0
  bool keep_alive = true;
  std::string_view request_id{};  ///< empty: left out
};

/// Replaces the content of `out`. Control characters in a value become spaces, so that no value ends its line.
void write_head(const Response& response, const Framing& framing, std::string& out);

/// Formats a date by RFC 9110, 5.6.7: "Sat, 21 Nov 2026 15:20:10 GMT".
[[nodiscard]] std::string http_date(long long seconds);

}  // namespace rescue::http
