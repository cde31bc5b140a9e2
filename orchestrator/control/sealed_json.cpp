// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/sealed_json.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/sealed_box.hpp"

#include <nlohmann/json.hpp>

namespace rescue::control {

Secret secret_text(nlohmann::json value, std::initializer_list<const char*> secrets) {
  auto text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  for (const auto* const name : secrets) wipe(value[name].get_ref<std::string&>());
  Secret secret{std::string_view(text)};
  wipe(text);
  return secret;
}

std::string sealed_text(nlohmann::json value, std::initializer_list<const char*> secrets,
                        const std::string& public_key) {
  const auto text = secret_text(std::move(value), secrets);
  const auto key = bytes_of_base64(public_key);
  if (!key) throw Error(ErrorCode::usage, "the requester's public key is not base64");
  return seal(text, *key);
}

}  // namespace rescue::control
