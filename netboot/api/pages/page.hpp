// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Frame of all pages for customers: head, languages, and the headers that keep a browser from loading anything else.

#include "core/http/message.hpp"
#include "netboot/api/pages/html.hpp"
#include "netboot/api/pages/language.hpp"
#include "netboot/api/pages/web_folder.hpp"

#include <string>

namespace rescue::netboot::api {

struct Page {
  Language language = Language::english;
  unsigned status = 200;
  std::string title;
  Html main;             ///< inside of <main>
  Html footer{};         ///< inside of <footer>
  PageFiles files{};     ///< no script is loaded if it is empty
  bool is_wide = false;  ///< for a console: uses all of the window, and may show data: URLs as images
};

/// Content-Security-Policy and the other headers of pages and of what they load: nothing from elsewhere, no frames, no
/// referrer. `data_images`: allows images in data: URLs, such as a guest's pointer.
void add_page_protection(http::Response& response, bool data_images = false);

/// The page as an answer that no cache stores.
[[nodiscard]] http::Response respond(const Page& page);

/// A moment in UTC as a <time> element, which scripts show in the reader's time zone.
[[nodiscard]] Html time_element(const std::string& rfc3339);

}  // namespace rescue::netboot::api
