// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/tool/sign_command.hpp"

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "images/manifest.hpp"
#include "images/manifest_fields.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace rescue::tool {

namespace {

struct SignOptions {
  SigningOptions signing;
  std::string manifest;
  unsigned lifetime_days = 0;
  bool new_counter = false;
};

std::int64_t seconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// Text of the manifest with the changes; unchanged, byte by byte, without any.
std::string changed(const std::string& text, const images::Manifest& manifest, const SignOptions& options,
                    WallTime now) {
  if (options.lifetime_days == 0 && !options.new_counter) return text;
  auto document = nlohmann::ordered_json::parse(text);
  if (options.new_counter) {
    document["counter"] = std::max(static_cast<std::int64_t>(manifest.counter) + 1, seconds_of(now));
  }
  if (options.lifetime_days > 0) {
    document["expires"] = images::text_of(now + std::chrono::hours(24) * options.lifetime_days);
  }
  return document.dump(2) + "\n";
}

int sign(const SignOptions& options, bool json) {
  const auto parse = [&](const std::string& text) {
    return images::Manifest::parse_text(options.manifest, text, images::UnknownFields::refused);
  };
  const auto text = read_file(options.manifest);
  auto manifest = parse(text);
  if (manifest.number < 2 && (options.lifetime_days > 0 || options.new_counter)) {
    throw Error(ErrorCode::precondition, options.manifest + " has format 1, without a counter and a date",
                "Build the image again, or sign the manifest without these options.");
  }
  const auto signed_text = changed(text, manifest, options, SystemClock().wall());
  manifest = parse(signed_text);
  images::write_signed(options.manifest, signed_text, options.signing.key().value(),
                       fmt::format("rescue image {} {}", manifest.name, manifest.version));
  if (json) {
    const nlohmann::json result{{"manifest", options.manifest},
                                {"name", manifest.name},
                                {"version", manifest.version},
                                {"counter", manifest.counter}};
    std::puts(result.dump(2).c_str());
  } else {
    std::puts(fmt::format("{}.minisig: {} {}, counter {}", options.manifest, manifest.name, manifest.version,
                          manifest.counter)
                  .c_str());
  }
  return 0;
}

}  // namespace

void add_sign_command(CLI::App& app, Action& action) {
  const auto options = std::make_shared<SignOptions>();
  auto* const command = app.add_subcommand("sign", "Check a manifest and sign it");
  command->fallthrough();
  command->add_option("--manifest", options->manifest, "The image's manifest.json")->type_name("FILE")->required();
  options->signing.add_to(*command);
  command->add_option("--expire-in", options->lifetime_days, "Let the manifest expire after this number of days")
      ->type_name("DAYS")
      ->check(CLI::Range(1, 3650));
  command->add_flag("--new-counter", options->new_counter, "Raise the counter: hosts refuse the version before");
  command->footer("Example:\n  rescue-image sign --manifest images/windows-2022/manifest.json --key image.key");
  command->callback([&action, options] { action = [options](bool json) { return sign(*options, json); }; });
}

}  // namespace rescue::tool
