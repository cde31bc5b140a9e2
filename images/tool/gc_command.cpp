// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/tool/gc_command.hpp"

#include "core/clock.hpp"
#include "images/garbage.hpp"
#include "images/manifest_fields.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>

namespace rescue::tool {
namespace {

struct GcOptions {
  images::GarbageRequest request;
  unsigned grace_hours = 24;
};

std::string size_text(std::uint64_t bytes) {
  constexpr double mebibyte = 1U << 20U;
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / mebibyte);
}

int collect(const GcOptions& options, bool json) {
  auto request = options.request;
  request.now = SystemClock().wall();
  request.grace = std::chrono::hours(options.grace_hours);
  auto listed = nlohmann::ordered_json::array();
  std::uint64_t freed = 0;
  for (const auto& item : images::collect_garbage(request)) {
    using images::GarbageState;
    if (item.state == GarbageState::removed || item.state == GarbageState::removable) freed += item.bytes;
    listed.push_back({{"path", item.path},
                      {"bytes", item.bytes},
                      {"state", name_of(item.state)},
                      {"unnamed_since", images::text_of(item.unnamed_since)}});
    if (!json) {
      std::puts(fmt::format("{:<9}  {:>12}  {}", name_of(item.state), size_text(item.bytes), item.path).c_str());
    }
  }
  if (json) {
    std::puts(
        nlohmann::ordered_json{{"items", listed}, {"bytes", freed}, {"dry_run", request.dry_run}}.dump(2).c_str());
  } else {
    std::puts(fmt::format("{} {}", size_text(freed), request.dry_run ? "can be removed" : "removed").c_str());
  }
  return 0;
}

}  // namespace

void add_gc_command(CLI::App& app, Action& action) {
  const auto options = std::make_shared<GcOptions>();
  auto* const command = app.add_subcommand("gc", "Remove images and files that no catalogue or manifest names");
  command->fallthrough();
  command->add_option("--folder", options->request.folder, "Folder with catalogue.json, or with one image")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--grace", options->grace_hours,
                   "Hours for which something must have been unnamed: servers may still read it")
      ->type_name("HOURS")
      ->capture_default_str();
  command->add_flag("--dry-run", options->request.dry_run, "Print what can be removed, and change nothing");
  command->footer("Example:\n  rescue-image gc --folder /srv/images --dry-run");
  command->callback([&action, options] { action = [options](bool json) { return collect(*options, json); }; });
}

}  // namespace rescue::tool
