// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a Redfish service's refusals mean (DSP0266, "Error responses"), and the tags that it wants to see.

#include "core/clock.hpp"
#include "core/http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot {

/// The value of a header, whose name is compared without regard to case; empty when there is none.
[[nodiscard]] std::string header_of(const http::Response& response, std::string_view name);

/// Throws what `Bmc` says for an answer of 300 and above. `what` is "PATCH /redfish/...".
[[noreturn]] void throw_refusal(const std::string& url, const std::string& user, const std::string& what,
                                const http::Response& response);

/// The resources below `parent` that the messages of a refusal may name, at most five, the likeliest first:
/// "/redfish/v1/Systems/Self/SD", behind a host or not, then "/SD" alone, then what a slash within a word may be.
[[nodiscard]] std::vector<std::string> named_below(const std::string& parent, const http::Response& response);

/// The values of If-Match to try, one after the other, while the service answers 412 or 428: the tag as it was shown;
/// as a strong one, quoted once (RFC 9110, 8.8.3); "*"; and none, which is empty. Tags that no header can carry are
/// left out.
[[nodiscard]] std::vector<std::string> tags_to_try(const std::string& shown);

/// Seconds that the service asks to wait (RFC 9110, 10.2.3), 0 when it does not, or gives a date.
[[nodiscard]] Milliseconds retry_after_of(const http::Response& response);

}  // namespace rescue::netboot
