// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Page of a one-time link: what its state is and what to do. All of it but the decryption works without JavaScript.

#include "netboot/api/pages/page.hpp"
#include "netboot/domain/secret_link.hpp"

#include <optional>
#include <string>

namespace rescue::netboot::api {

/// A link as its page shows it. Never its server: the link's name alone reveals no more than the API does.
struct SeenLink {
  std::string name;  ///< as in its URL
  LinkState state = LinkState::waiting;
  bool needs_code = true;
  WallTime expires{};
  std::optional<WallTime> revealed{};
};

/// `link`: none for an unknown name. `files`: empty where the web folder is missing; the page then says what to do.
[[nodiscard]] http::Response link_page(const std::optional<SeenLink>& link, Language language, PageFiles files);

/// Page for a request that failed (an RFC 9457 problem), in all languages: it is not known which one was asked for.
[[nodiscard]] http::Response error_page(const http::Response& problem);

}  // namespace rescue::netboot::api
