// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/pages/page.hpp"

#include <array>

namespace rescue::netboot::api {
namespace {

/// Scripts and WebAssembly of netbootd only. No inline script or style, no eval, no form that is sent, no frame around.
constexpr auto content_security_policy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; img-src 'self'";

struct LanguageLink {
  Language language;
  Markup link;
  Markup name;
};

constexpr std::array language_links{LanguageLink{Language::english, "?lang=en", "English"},
                                    LanguageLink{Language::french, "?lang=fr", "Français"},
                                    LanguageLink{Language::german, "?lang=de", "Deutsch"}};

Html links_to_languages(Language chosen) {
  Html html(R"(<nav class="languages" aria-label="Language, langue, Sprache">)");
  for (const auto& [language, link, name] : language_links) {
    html << "<a";
    html.attribute("lang", name_of(language)).attribute("hreflang", name_of(language)).attribute("href", link.view());
    if (language == chosen) html << R"( aria-current="true")";
    html << ">" << name << "</a>";
  }
  return html << "</nav>";
}

Html head(const Page& page) {
  // "notranslate": a translation service would get the text of the page, with the password.
  Html html(R"(<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">)"
            R"(<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex, nofollow">)"
            R"(<meta name="referrer" content="no-referrer"><meta name="google" content="notranslate"><title>)");
  html.text(page.title) << "</title>";
  if (!page.files.icon.empty())
    (html << R"(<link rel="icon" type="image/svg+xml")").attribute("href", page.files.icon) << ">";
  for (const auto& style : page.files.styles) (html << R"(<link rel="stylesheet")").attribute("href", style) << ">";
  if (!page.files.script.empty()) {
    (html << R"(<script type="module")").attribute("src", page.files.script) << "></script>";
  }
  return html << "</head>";
}

}  // namespace

void add_page_protection(http::Response& response, bool data_images) {
  response.headers.emplace_back("Content-Security-Policy",
                                std::string(content_security_policy) + (data_images ? " data:" : ""));
  constexpr std::array<std::pair<const char*, const char*>, 5> protection{
      {{"Referrer-Policy", "no-referrer"},
       {"X-Content-Type-Options", "nosniff"},
       {"Cross-Origin-Opener-Policy", "same-origin"},
       {"Cross-Origin-Resource-Policy", "same-origin"},
       {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"}}};
  for (const auto& [name, value] : protection) response.headers.emplace_back(name, value);
}

http::Response respond(const Page& page) {
  Html html("<!doctype html>\n<html translate=\"no\"");
  html.attribute("lang", name_of(page.language)) << ">" << head(page) << "<body";
  if (page.is_wide) html << R"( class="wide")";
  html << R"(><header class="page-head"><span class="brand">Rescue</span>)" << links_to_languages(page.language)
       << "</header><main>" << page.main << "</main>";
  if (!page.footer.empty()) html << R"(<footer class="page-foot">)" << page.footer << "</footer>";
  html << "</body></html>\n";
  http::Response response;
  response.status = page.status;
  response.content_type = "text/html; charset=utf-8";
  response.body = html.str();
  response.headers = {{"Cache-Control", "no-store"},
                      {"Content-Language", std::string(name_of(page.language))},
                      {"Vary", "Accept-Language"}};
  add_page_protection(response, page.is_wide);
  return response;
}

Html time_element(const std::string& rfc3339) {
  constexpr std::size_t to_minutes = 16;  // "2026-11-30T07:50"
  auto shown = rfc3339.substr(0, to_minutes);
  if (const auto letter = shown.find('T'); letter != std::string::npos) shown[letter] = ' ';
  Html html("<time");
  html.attribute("datetime", rfc3339) << ">";
  html.text(shown + " UTC");
  return html << "</time>";
}

}  // namespace rescue::netboot::api
