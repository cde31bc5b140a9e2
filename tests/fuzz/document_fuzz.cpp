// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Bodies of requests and configurations: accepted, or refused with an error that names the place.
#include "core/document.hpp"
#include "core/error.hpp"
#include "expect.hpp"

#include <cstdint>
#include <string>

namespace {

using namespace rescue;
using rescue::fuzz::expect;

/// Reads each member by its name and by each type, as readers of bodies do.
void walk(const Field& field, int depth) {
  expect(depth < 1000, "a document is not nested without an end");
  const auto tried = [](auto read) {
    try {
      (void)read();
    } catch (const Error& error) {
      expect(error.code() == ErrorCode::config_invalid, "what does not fit is refused as such");
    }
  };
  tried([&] { return field.string(); });
  tried([&] { return field.integer(-100, 100); });
  tried([&] { return field.boolean(); });
  tried([&] { return field.duration(); });
  tried([&] { return field.choice({"disk", "rescue-windows"}); });
  tried([&] {
    for (const auto& item : field.items()) walk(item, depth + 1);
    return 0;
  });
  if (!field.json().is_object()) return;
  tried([&] {
    field.only({"name", "mac", "mode"});
    return 0;
  });
  for (const auto& item : field.json().items()) {
    if (const auto member = field.find(item.key())) walk(*member, depth + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const void* const place = data + 1;
  std::string text(static_cast<const char*>(place), size - 1);
  try {
    const auto document = data[0] % 2 == 0 ? Document::from_json("fuzz", text) : Document::from_yaml("fuzz", text);
    walk(document.root(), 0);
  } catch (const Error& error) {
    expect(error.code() == ErrorCode::config_invalid, "what can't be read is refused as such");
  }
  return 0;
}
