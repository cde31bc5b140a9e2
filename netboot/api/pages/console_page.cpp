// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/pages/console_page.hpp"

#include <string_view>
#include <utility>

namespace rescue::netboot::api {
namespace {

struct Texts {
  std::string_view title;
  std::string_view no_script;
  std::string_view no_pages;
};

const Texts& texts(Language language) noexcept {
  static constexpr Texts english{
      .title = "Console of",
      .no_script = "The console needs JavaScript: allow it for this page and load the page again.",
      .no_pages = "This page is incomplete on the server: its script is missing. Report this to your provider.",
  };
  static constexpr Texts french{
      .title = "Console de",
      .no_script = "La console a besoin de JavaScript : autorisez-le pour cette page et rechargez-la.",
      .no_pages = "Cette page est incomplète sur le serveur : son script manque. Signalez-le à votre fournisseur.",
  };
  static constexpr Texts german{
      .title = "Konsole von",
      .no_script = "Die Konsole braucht JavaScript: Erlauben Sie es für diese Seite und laden Sie die Seite neu.",
      .no_pages = "Diese Seite ist auf dem Server unvollständig: Ihr Skript fehlt. Melden Sie das Ihrem Anbieter.",
  };
  switch (language) {
  case Language::french:
    return french;
  case Language::german:
    return german;
  case Language::english:
    break;
  }
  return english;
}

Html card(std::string_view text) {
  Html html(R"(<section class="card"><p>)");
  html.text(text);
  return html << "</p></section>";
}

}  // namespace

http::Response console_page(const ServerName& server, Language language, PageFiles files) {
  const auto& words = texts(language);
  Page page;
  page.language = language;
  page.title = std::string(words.title) + " " + server.text();
  page.is_wide = true;
  if (files.script.empty()) {
    page.status = 503;
    page.main = card(words.no_pages);
  } else {
    page.main << R"(<div id="console")";
    page.main.attribute("data-server", server.text()) << "></div><noscript>" << card(words.no_script) << "</noscript>";
  }
  page.files = std::move(files);
  return respond(page);
}

}  // namespace rescue::netboot::api
