// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/pages/link_page.hpp"

#include "netboot/api/pages/link_page_texts.hpp"

#include <utility>

namespace rescue::netboot::api {
namespace {

Html heading(std::string_view text) {
  Html html("<h1>");
  html.text(text);
  return html << "</h1>";
}

Html paragraph(std::string_view text) {
  Html html("<p>");
  html.text(text);
  return html << "</p>";
}

Html paragraph(std::string_view text, WallTime time) {
  Html html("<p>");
  html.text(text) << " " << time_element(rfc3339(time));
  return html << ".</p>";
}

/// The way without this page's script. The link is not in it: netbootd has no key, and a name would invite to paste it.
Html command_of(const LinkPageTexts& texts) {
  return paragraph(texts.command) << "<p><code>netbootctl secret open</code></p>";
}

Html no_script(const LinkPageTexts& texts) {
  Html html(R"(<noscript><div class="note warn"><strong>)");
  html.text(texts.no_script) << "</strong>";
  return html << paragraph(texts.no_script_why) << command_of(texts) << "</div></noscript>";
}

Html no_pages(const LinkPageTexts& texts) {
  Html html(R"(<div class="note bad" role="alert"><strong>)");
  html.text(texts.no_pages) << "</strong>";
  return html << paragraph(texts.no_pages_why) << command_of(texts) << "</div>";
}

/// Place of the form, with the facts that the script needs. The script fills it.
Html place_of_form(const SeenLink& link) {
  Html html(R"(<div id="link")");
  html.attribute("data-name", link.name).attribute("data-code", link.needs_code ? "yes" : "no");
  return html << "></div>";
}

Html waiting(const SeenLink& link, const LinkPageTexts& texts, bool has_script) {
  Html html(R"(<div id="waiting">)");
  html << heading(texts.waiting) << paragraph(texts.waiting_once)
       << paragraph(link.needs_code ? texts.waiting_code : texts.waiting_no_code) << R"(<p class="soft">)";
  html.text(texts.works_until) << " " << time_element(rfc3339(link.expires)) << ".</p></div>";
  if (!has_script) return html << no_pages(texts);
  return html << place_of_form(link) << no_script(texts);
}

Html revealed(const SeenLink& link, const LinkPageTexts& texts) {
  Html html = heading(texts.revealed);
  html << paragraph(texts.revealed_at, link.revealed.value_or(WallTime{})) << paragraph(texts.revealed_you)
       << R"(<div class="note warn">)";
  return html << paragraph(texts.revealed_other) << "</div>";
}

Html state_part(const SeenLink& link, const LinkPageTexts& texts, bool has_script) {
  switch (link.state) {
  case LinkState::waiting:
    return waiting(link, texts, has_script);
  case LinkState::revealed:
    return revealed(link, texts);
  case LinkState::revoked:
    return heading(texts.revoked) << paragraph(texts.revoked_why) << paragraph(texts.ask_for_new);
  case LinkState::locked:
    return heading(texts.locked) << paragraph(texts.locked_why) << paragraph(texts.ask_for_new);
  case LinkState::expired:
    break;
  }
  return heading(texts.expired) << paragraph(texts.expired_at, link.expires) << paragraph(texts.ask_for_new);
}

Html unknown(const LinkPageTexts& texts) {
  return heading(texts.unknown) << paragraph(texts.unknown_why) << paragraph(texts.ask_for_new);
}

Html footer(const LinkPageTexts& texts) { return paragraph(texts.footer); }

Html card_of(std::string_view state, const Html& content) {
  Html html(R"(<section class="card" id="state")");
  html.attribute("data-state", state) << ">" << content;
  return html << "</section>";
}

}  // namespace

http::Response link_page(const std::optional<SeenLink>& link, Language language, PageFiles files) {
  const auto& texts = link_page_texts(language);
  Page page;
  page.language = language;
  page.title = texts.title;
  page.status = link ? 200 : 404;
  page.main = link ? card_of(name_of(link->state), state_part(*link, texts, !files.script.empty()))
                   : card_of("unknown", unknown(texts));
  page.footer = footer(texts);
  page.files = std::move(files);
  return respond(page);
}

http::Response error_page(const http::Response& problem) {
  Page page;
  page.status = problem.status;
  page.title = "Rescue";
  const bool is_too_many = problem.status == 429;
  page.main = card_of("failed", is_too_many ? heading("Too many requests")
                                                  << paragraph("Wait a minute, then load the page again.")
                                            : heading("This page is not available at the moment")
                                                  << paragraph("Load it again in a minute. Nothing has been used up."));
  page.main << R"(<section class="card" lang="fr">)"
            << paragraph("Rechargez la page dans une minute. Rien n’a été consommé.")
            << R"(</section><section class="card" lang="de">)"
            << paragraph("Laden Sie die Seite in einer Minute neu. Es wurde nichts verbraucht.") << "</section>";
  auto response = respond(page);
  for (const auto& [name, value] : problem.headers) {
    if (name == "Retry-After") response.headers.emplace_back(name, value);
  }
  return response;
}

}  // namespace rescue::netboot::api
