// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/reported.hpp"

#include "core/base64.hpp"
#include "core/printable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot::api {

using nlohmann::json;

json reported_texts(const Field& field, std::initializer_list<const char*> keys) {
  constexpr std::size_t longest = 2000;
  auto texts = json::object();
  for (const auto* const key : keys) {
    const auto member = field.find(key);
    if (!member) continue;
    const auto text = member->string();
    if (text.size() > longest) member->fail(fmt::format("must have {} bytes at most", longest));
    texts[key] = printable(text, longest);
  }
  return texts;
}

std::vector<Field> reported_items(const Field& field, std::size_t most) {
  auto items = field.items();
  if (items.size() > most) field.fail(fmt::format("must hold {} items at most", most));
  return items;
}

std::string sealed_from(const Field& field) {
  constexpr std::size_t largest = 8192;
  auto sealed = field.text();
  if (sealed.size() > largest) field.fail(fmt::format("must have {} bytes at most", largest));
  if (!bytes_of_base64(sealed)) field.fail("is not base64");
  return sealed;
}

}  // namespace rescue::netboot::api
