// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ETags of what two people may edit, and the conditions that requests put on them (RFC 9110, 13).

#include "core/http/message.hpp"

#include <functional>
#include <optional>
#include <string>

namespace rescue::netboot::api {

/// The answer with its ETag, or 304 without a body when the client has this very one (If-None-Match). The tag is
/// `version`, which counts what people change, and a digest of the body, where more may change.
[[nodiscard]] http::Response with_etag(const http::Request& request, long long version, http::Response response);

/// What If-Match asks for (RFC 9110, 13.1.1): none when there is no such header, or it is "*"; `current()`, when one of
/// the tags in its list is of that version; else a version that nothing has. Weak tags and what is none of ours never
/// match. The change itself compares again, since others may be at work.
[[nodiscard]] std::optional<long long> expected_version(const http::Request& request,
                                                        const std::function<long long()>& current);

/// 412: somebody else was faster with `what`.
[[nodiscard]] http::Response changed_meanwhile(const std::string& what);

}  // namespace rescue::netboot::api
