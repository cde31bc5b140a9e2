// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Page of a server's console: a frame that its script fills (docs/console.md).

#include "netboot/api/pages/page.hpp"
#include "netboot/domain/server_name.hpp"

namespace rescue::netboot::api {

/// The same page for every name, whether there is such a server or not: the pass is in the fragment, which no browser
/// sends. `files`: empty where the web folder is missing; the page then names another way.
[[nodiscard]] http::Response console_page(const ServerName& server, Language language, PageFiles files);

}  // namespace rescue::netboot::api
