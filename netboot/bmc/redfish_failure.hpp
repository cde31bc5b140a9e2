// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Meanings of a Redfish service's refusals (DSP0266, "Error responses"), and the tags that it requires.

#include "core/clock.hpp"
#include "core/http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot {

/// The value of a header, compared case-insensitively; empty if there is none.
[[nodiscard]] std::string header_of(const http::Response& response, std::string_view name);

/// Throws as `Bmc` does, for an answer of 300 and above. `what` is "PATCH /redfish/...".
[[noreturn]] void throw_refusal(const std::string& url, const std::string& user, const std::string& what,
                                const http::Response& response);

/// The resources below `parent` that a refusal's messages may name, at most five, the likeliest first:
/// "/redfish/v1/Systems/Self/SD", with or without a host, then "/SD" alone, then slashes within words.
[[nodiscard]] std::vector<std::string> named_below(const std::string& parent, const http::Response& response);

/// The values of If-Match to try in order while the service answers 412 or 428: the tag as shown; as a strong one,
/// quoted once (RFC 9110, 8.8.3); "*"; and none, which is empty. Omits tags that no header can carry.
[[nodiscard]] std::vector<std::string> tags_to_try(const std::string& shown);

/// The wait that the service asks for (RFC 9110, 10.2.3), in seconds there; 0 without one, or for a date.
[[nodiscard]] Milliseconds retry_after_of(const http::Response& response);

}  // namespace rescue::netboot
