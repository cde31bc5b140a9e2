// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The API's own description: the parts in netboot/api/openapi/ in order, as of the build.

#include <string_view>

namespace rescue::netboot::api {

/// OpenAPI 3.1, YAML.
[[nodiscard]] std::string_view openapi_document() noexcept;

}  // namespace rescue::netboot::api
