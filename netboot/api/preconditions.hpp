// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ETags of what several people may edit, and the conditions in requests (RFC 9110, 13).

#include "core/http/message.hpp"

#include <functional>
#include <optional>
#include <string>

namespace rescue::netboot::api {

/// Adds the ETag, or returns 304 without a body if the client has this version (If-None-Match). The tag is `version`,
/// which counts edits, and a digest of the body, where more may change.
[[nodiscard]] http::Response with_etag(const http::Request& request, long long version, http::Response response);

/// The version that If-Match expects (RFC 9110, 13.1.1): none without the header or for "*"; `current()` if a tag in
/// its list has that version; else a version that nothing has. Weak and foreign tags never match. The change itself
/// compares again, because of concurrent changes.
[[nodiscard]] std::optional<long long> expected_version(const http::Request& request,
                                                        const std::function<long long()>& current);

/// 412: somebody else has changed `what` meanwhile.
[[nodiscard]] http::Response changed_meanwhile(const std::string& what);

}  // namespace rescue::netboot::api
