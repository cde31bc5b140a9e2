// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Manifests and catalogues: accepted, or refused with an error that names the place. Written again, an accepted one is
// read as the same.
#include "core/error.hpp"
#include "expect.hpp"
#include "images/catalogue.hpp"
#include "images/manifest.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace {

using namespace rescue;
using rescue::fuzz::expect;

template <class Read>
void tried(Read read) {
  try {
    read();
  } catch (const Error& error) {
    expect(error.code() == ErrorCode::config_invalid, "what can't be read is refused as such");
  }
}

void read_manifest(const std::string& text) {
  const auto manifest = images::Manifest::parse_text("fuzz", text);
  (void)manifest.system_disk();
  (void)manifest.boot_profile();
  if (manifest.number < 2) return;
  const auto written = images::json_of(manifest).dump();
  const auto again = images::Manifest::parse_text("fuzz", written, images::UnknownFields::refused);
  expect(images::json_of(again).dump() == written, "a manifest is read as it was written");
}

void read_catalogue(const std::string& text, unsigned build) {
  const auto catalogue = images::Catalogue::parse_text("fuzz", text);
  const auto written = images::json_of(catalogue).dump();
  expect(images::json_of(images::Catalogue::parse_text("fuzz", written)).dump() == written,
         "a catalogue is read as it was written");
  images::Wish wish;
  wish.installed_build = build;
  try {
    const auto choice = images::choose(catalogue, wish);
    expect(choice.entry.windows_build == 0 || choice.entry.windows_build >= build, "no older Windows is chosen");
  } catch (const Error& error) {
    expect(error.code() == ErrorCode::not_found || error.code() == ErrorCode::precondition, "or none, with a reason");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const void* const place = data + 1;
  const std::string text(static_cast<const char*>(place), size - 1);
  if (data[0] % 2 == 0) {
    tried([&] { read_manifest(text); });
  } else {
    tried([&] { read_catalogue(text, data[0] * 200U); });
  }
  return 0;
}
