// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/redfish_failure.hpp"

#include "core/peer_json.hpp"
#include "core/printable.hpp"
#include "core/text.hpp"
#include "netboot/bmc/bmc.hpp"
#include "netboot/bmc/redfish_quirks.hpp"
#include "netboot/bmc/redfish_session.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace rescue::netboot {
namespace {

using nlohmann::json;

constexpr std::size_t longest_reason = 300;

struct Said {
  std::string id;
  std::string text;
  std::string remedy;
};

/// The messages of an error, with its top-level code and message.
std::vector<Said> messages_of(const http::Response& response) {
  const auto body = parse_peer_json(response.body);
  std::vector<Said> all;
  const auto* const error = body.is_object() && body.contains("error") ? &body["error"] : &body;
  if (error->is_object()) {
    if (const auto messages = error->find("@Message.ExtendedInfo"); messages != error->end() && messages->is_array()) {
      for (const auto& each : *messages) {
        all.push_back({text_at(each, {"MessageId"}), text_at(each, {"Message"}), text_at(each, {"Resolution"})});
      }
    }
  }
  all.push_back({text_at(*error, {"code"}), text_at(*error, {"message"}), {}});
  return all;
}

/// True for statuses by which a service may mean "not now".
bool may_pass(unsigned status) { return status == 400 || status == 403 || status == 409 || status >= 500; }

bool is_transient(unsigned status, const Said& said) {
  return is_transient_message(said.id) || (may_pass(status) && is_transient_text(lower_case(said.text)));
}

/// The first text or, without one, the first id.
std::string shown(const std::vector<Said>& messages) {
  for (const auto part : {&Said::text, &Said::id}) {
    for (const auto& each : messages) {
      if (auto text = printable(each.*part, longest_reason); !text.empty()) return text;
    }
  }
  return {};
}

bool is_segment_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '/' || c == '.' || c == '@';
}

struct NamedPath {
  std::string path;
  bool is_word;  ///< else part of a word, as in "and/or"
};

/// Finds "/redfish/v1/Systems/Self/SD" in "use '/redfish/v1/Systems/Self/SD/'.", "https://192.0.2.20/redfish/...", and
/// similar texts.
std::vector<NamedPath> paths_in(const std::string& text) {
  std::vector<NamedPath> paths;
  for (auto at = text.find('/'); at != std::string::npos; at = text.find('/', at)) {
    auto end = at;
    while (end < text.size() && is_segment_character(text[end])) ++end;
    auto path = text.substr(at, end - at);
    // Drops a host's name: the request goes to this BMC, whatever it calls itself.
    if (path.starts_with("//")) path.erase(0, std::min(path.find('/', 2), path.size()));
    while (path.ends_with('/') || path.ends_with('.')) path.pop_back();
    if (path.size() > 1) paths.push_back({std::move(path), at == 0 || !is_segment_character(text[at - 1])});
    at = end;
  }
  return paths;
}

/// True for one or a few more segments, without "..".
bool is_below(std::string_view rest) {
  return rest.starts_with('/') && rest.size() > 1 && rest.size() <= longest_reason &&
         rest.find("..") == std::string_view::npos && rest.find("//") == std::string_view::npos;
}

}  // namespace

std::string header_of(const http::Response& response, std::string_view name) {
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  for (const auto& [key, value] : response.headers) {
    if (std::equal(key.begin(), key.end(), name.begin(), name.end(), same)) return value;
  }
  return {};
}

Milliseconds retry_after_of(const http::Response& response) {
  constexpr unsigned longest = 3'600;
  const auto text = header_of(response, "Retry-After");
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return std::chrono::seconds(std::min(seconds, longest));
}

void throw_refusal(const std::string& url, const std::string& user, const std::string& request,
                   const http::Response& response) {
  const auto messages = messages_of(response);
  const auto text = shown(messages);
  const auto what = fmt::format("{}: HTTP status {}{}{}", request, response.status, text.empty() ? "" : ": ", text);
  const bool is_transient_one = std::any_of(messages.begin(), messages.end(),
                                            [&](const auto& each) { return is_transient(response.status, each); });
  if (response.status != 401 && is_transient_one) {
    throw BmcBusy(fmt::format("the BMC at {} is busy: {}", url, what), "Try again in a minute.",
                  retry_after_of(response));
  }
  switch (response.status) {
  case 401:
    throw Error(ErrorCode::bmc_denied, fmt::format("the BMC at {} refuses user or password", url),
                "Set them again: PUT /v1/servers/{name}/bmc, or netbootctl server bmc.");
  case 403:
    throw Error(ErrorCode::bmc_denied, fmt::format("the BMC at {} does not let {} do that: {}", url, user, what),
                "Give the user the role Operator or Administrator on the BMC.");
  case 409:
  case 429:
  case 503:
    throw BmcBusy(fmt::format("the BMC at {} is busy: {}", url, what), "Try again in a minute.",
                  retry_after_of(response));
  case 500:
  case 502:
  case 504:
    throw OutcomeUnknown(ErrorCode::unavailable, fmt::format("the BMC at {} failed: {}", url, what),
                         "Look at the BMC itself: its log, its firmware's version.");
  default:
    throw Error(ErrorCode::precondition, fmt::format("the BMC at {} refuses the request: {}", url, what));
  }
}

std::vector<std::string> named_below(const std::string& parent, const http::Response& response) {
  constexpr std::size_t most = 5;
  auto base = parent;
  while (base.ends_with('/')) base.pop_back();
  std::array<std::vector<std::string>, 3> by_rank;
  for (const auto& said : messages_of(response)) {
    for (const auto* const text : {&said.text, &said.remedy}) {
      for (const auto& [path, is_word] : paths_in(*text)) {
        const bool is_one_name = path.find('/', 1) == std::string::npos && path != "/redfish";
        if (path.starts_with(base) && is_below(std::string_view(path).substr(base.size()))) {
          by_rank[0].push_back(path);
        } else if (is_one_name && is_below(path)) {
          by_rank[is_word ? 1 : 2].push_back(base + path);
        }
      }
    }
  }
  std::vector<std::string> named;
  for (const auto& paths : by_rank) {
    for (const auto& path : paths) {
      const bool is_new = std::find(named.begin(), named.end(), path) == named.end();
      if (is_new && named.size() < most) named.push_back(path);
    }
  }
  return named;
}

std::vector<std::string> tags_to_try(const std::string& shown) {
  constexpr std::size_t longest_tag = 256;
  std::vector<std::string> tags;
  const auto add = [&tags](std::string tag) {
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(std::move(tag));
  };
  const bool is_carried = shown.size() <= longest_tag &&
                          std::all_of(shown.begin(), shown.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (is_carried && !shown.empty()) {
    add(shown);
    auto bare = shown.starts_with("W/") ? shown.substr(2) : shown;
    bare.erase(std::remove(bare.begin(), bare.end(), '"'), bare.end());
    if (!bare.empty() && bare != "*") add("\"" + bare + "\"");
  } else {
    add({});
  }
  add("*");
  add({});
  return tags;
}

}  // namespace rescue::netboot
