// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ETags of what two people may edit, and the conditions that requests put on them (RFC 9110, 13).

#include "core/http/message.hpp"

#include <optional>
#include <string>

namespace rescue::netboot::api {

/// The answer with its ETag, or 304 without a body when the client has this very one (If-None-Match). The tag is
/// `version`, which counts what people change, and a digest of the body, where more may change.
[[nodiscard]] http::Response with_etag(const http::Request& request, long long version, http::Response response);

/// The version in If-Match; none when there is no such header, or it is "*". A tag that is none of ours never matches.
[[nodiscard]] std::optional<long long> expected_version(const http::Request& request);

/// 412: somebody else was faster with `what`.
[[nodiscard]] http::Response changed_meanwhile(const std::string& what);

}  // namespace rescue::netboot::api
