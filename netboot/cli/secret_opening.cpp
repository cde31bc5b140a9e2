// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/secret.hpp"
#include "credentials/one_time_secret.hpp"
#include "netboot/cli/answers.hpp"
#include "netboot/cli/secret_commands.hpp"
#include "netboot/cli/terminal.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <optional>
#include <utility>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;

struct Link {
  std::string base_url;
  std::string id;
  Secret key;
};

Link link_from(std::string_view text) {
  constexpr std::string_view folder = "/s/";
  const Error refused(ErrorCode::usage, "this is not a whole link of a secret",
                      "Copy all of it, with what comes after '#': https://rescue.example/s/ID#KEY.");
  const auto hash = text.find('#');
  const auto page = text.substr(0, hash);
  const auto at = page.rfind(folder);
  if (hash == std::string_view::npos || at == std::string_view::npos || !page.starts_with("http")) throw refused;
  const auto id = page.substr(at + folder.size());
  Link link{std::string(page.substr(0, at)), std::string(id), Secret(text.substr(hash + 1))};
  if (!credentials::is_secret_id(id) || !credentials::is_link_key(link.key)) throw refused;
  return link;
}

Secret line_of_input() {
  std::string line;
  std::getline(std::cin, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  Secret secret{std::string_view(line)};
  wipe(line);
  return secret;
}

/// Refuses what can be known to fail before the secret is handed out.
void require_place(const SecretOrder& order, std::FILE* out) {
  if (order.output.empty() && !order.show && ::isatty(::fileno(out)) == 1) {
    throw Error(ErrorCode::usage, "secrets are not printed to a terminal unless you ask for it",
                "Add --show, or name a file for it: --output FILE (created with mode 0600).");
  }
  if (!order.output.empty() && std::filesystem::exists(order.output)) {
    throw Error(ErrorCode::conflict, order.output + " exists", "Name a new file.");
  }
}

void require_waiting(const json& seen, const Clock& clock) {
  const auto revealed = text_of(seen, "revealed_at");
  if (!revealed.empty()) {
    throw Error(ErrorCode::not_found, fmt::format("the secret was revealed at {}", revealed),
                "It is revealed once. If that was not you, somebody else has it: ask for a new one now.");
  }
  const auto expires = text_of(seen, "expires_at");
  if (expires <= rfc3339(clock.wall())) {
    throw Error(ErrorCode::not_found, fmt::format("the link expired at {}", expires), "Ask for a new link.");
  }
}

/// The code: from the command line, the second line of standard input, or the terminal.
Secret code_for(const SecretOrder& order) {
  if (!order.code.empty()) return Secret(std::string_view(order.code));
  if (order.link == "-") {
    auto code = line_of_input();
    if (!code.empty()) return code;
  }
  return asked_without_echo("Code: ");
}

/// Has the sealed secret handed out: from here on it is used up.
json handed_out(http::Client& client, const Link& link, const std::optional<Secret>& code) {
  auto body = json::object();
  if (code) body["proof"] = base64_of(credentials::proof_of_code(link.id, link.key, *code).reveal());
  return parsed(client.call("POST", "/v1/links/" + link.id + "/reveal", body.dump()).body);
}

Secret opened(const json& answer, const Link& link, const std::optional<Secret>& code) {
  const auto sealed = credentials::SealedSecret::parse(
      Document::from_value("answer", answer.value("sealed", json::object()), [](const std::string&) { return 0; }));
  auto text = credentials::open(sealed, link.id, link.key, code ? &*code : nullptr);
  if (text) return *std::move(text);
  throw Error(ErrorCode::denied, "the secret was handed out, and does not open with the key of this link",
              "It is used up. Ask for a new link, and copy the whole of it.");
}

std::string print(const Secret& text, const json& answer, bool as_json, std::FILE* out) {
  if (!as_json) {
    fmt::print(out, "{}{}", text.reveal(), text.reveal().ends_with('\n') ? "" : "\n");
    return {};
  }
  json body{{"secret", text.reveal()}, {"revealed_at", text_of(answer, "revealed_at")}};
  auto printed = body.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  fmt::print(out, "{}", printed);
  wipe(printed);
  wipe(body["secret"].get_ref<std::string&>());
  return {};
}

}  // namespace

std::string open_secret(const SecretOrder& order, http::ClientOptions connection, bool as_json, std::FILE* out,
                        const Clock& clock) {
  const auto given = order.link == "-" ? line_of_input() : Secret(std::string_view(order.link));
  const auto link = link_from(given.reveal());
  require_place(order, out);
  connection.base_url = link.base_url;
  http::Client client(std::move(connection));
  const auto seen = parsed(client.call("GET", "/v1/links/" + link.id).body);
  require_waiting(seen, clock);
  std::optional<Secret> code;
  if (seen.value("needs_code", true)) code = code_for(order);
  if (!order.output.empty()) write_file_atomically(order.output, "", 0600);
  try {
    const auto answer = handed_out(client, link, code);
    const auto text = opened(answer, link, code);
    if (order.output.empty()) return print(text, answer, as_json, out);
    write_file_atomically(order.output, text.reveal(), 0600);
  } catch (...) {
    if (!order.output.empty()) remove_file_durably(order.output);
    throw;
  }
  return as_json ? json{{"file", order.output}}.dump(2) + "\n" : fmt::format("the secret is in {}\n", order.output);
}

}  // namespace rescue::netboot::cli
