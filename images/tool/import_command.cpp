// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/tool/import_command.hpp"

#include "core/error.hpp"
#include "images/prepared/import.hpp"
#include "images/tool/signing_options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

namespace rescue::tool {
namespace {

struct ImportOptions {
  SigningOptions signing;
  prepared::ImportRequest request;
  bool dry_run = false;
};

void report(const std::string& line) { std::fputs((line + "\n").c_str(), stderr); }

int run_import(ImportOptions& options, bool json) {
  prepared::ImportResult result;
  if (options.dry_run) {
    result.verdict =
        prepared::check_image(options.request.image, beside("rescue-ntfs-read"), options.request.allow_client);
  } else {
    options.request.key = options.signing.key();
    result = prepared::import_image(options.request, beside("rescue-ntfs-read"), report);
  }
  auto answer = prepared::json_of(result.verdict);
  if (!result.file.empty()) answer["file"] = result.file;
  if (json) {
    print(answer);
  } else {
    print(prepared::text_of(result.verdict));
  }
  if (result.verdict.kept()) {
    if (!json && !result.file.empty()) print(fmt::format("image    {}\n", result.file));
    return 0;
  }
  const auto& points = result.verdict.points;
  const auto missing = std::count_if(points.begin(), points.end(), [](const auto& point) { return !point.kept; });
  const auto first = std::find_if(points.begin(), points.end(), [](const auto& point) { return !point.kept; });
  throw Error(ErrorCode::precondition,
              fmt::format("the image does not keep {} of {} points of its contract, first: {}", missing, points.size(),
                          first->title),
              first->remedy);
}

}  // namespace

void add_import_command(CLI::App& app, Action& action) {
  auto options = std::make_shared<ImportOptions>();
  auto& request = options->request;
  auto* const command = app.add_subcommand("import", "Import a prepared Windows from a VHD, VHDX or qcow2");
  command->fallthrough();
  command->add_option("IMAGE", request.image, "VHD, VHDX or qcow2 of a Windows that was shut down")
      ->type_name("FILE")
      ->required();
  auto* const out = command->add_option("--out", request.folder, "Write the image to this folder")->type_name("DIR");
  auto* const dry_run = command->add_flag("--dry-run", options->dry_run, "Check the image, and write nothing");
  out->excludes(dry_run);
  command->add_option("--name", request.name, "Name of the image; the default is windows- and the release");
  command->add_option("--image-version", request.version, "Version of the image; the default is today's date");
  options->signing.add_to(*command, false);
  command->add_flag("--client", request.allow_client, "Accept Windows 10 and 11");
  command->footer("Example:\n  rescue-image import server-2025.vhdx --out /srv/images/2025 --key rescue.key");
  command->callback([options, out, dry_run, &action] {
    if (out->count() == 0 && dry_run->count() == 0) throw CLI::RequiredError("--out DIR, or --dry-run,");
    action = [options](bool json) { return run_import(*options, json); };
  });
}

}  // namespace rescue::tool
