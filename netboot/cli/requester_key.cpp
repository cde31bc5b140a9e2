// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/requester_key.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/sealed_box.hpp"
#include "netboot/cli/answers.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot::cli {

Secret secret_key_from(const std::string& path) {
  const auto text = read_secret_file(path);
  auto bytes = bytes_of_base64(text.reveal());
  if (!bytes || bytes->size() != box_key_size) {
    throw Error(ErrorCode::usage, path + " holds no secret key", "'netbootctl keygen FILE' creates one.");
  }
  Secret key{std::string_view(*bytes)};
  wipe(*bytes);
  return key;
}

void require_requesters_key(http::Client& client, const std::string& server, const std::string& key_file,
                            const Secret& key) {
  const auto session = parsed(client.call("GET", server_path(server) + "/rescue").body);
  const auto wanted = text_of(session, "public_key");
  if (wanted.empty() || wanted == base64_of(public_key_of(key))) return;
  throw Error(ErrorCode::usage, key_file + " is not the secret key for the public key of this rescue",
              "Use the right key: nothing is used up.");
}

nlohmann::json opened_object(const std::string& sealed, const Secret& key, const char* what) {
  const auto opened = open_sealed(bytes_of_base64(sealed).value_or(""), key);
  auto content = nlohmann::json::parse(opened.reveal(), nullptr, false);
  if (content.is_object()) return content;
  throw Error(ErrorCode::denied, fmt::format("the host has sealed something else than {}", what));
}

}  // namespace rescue::netboot::cli
