// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/prepared/import.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"
#include "images/new_image.hpp"
#include "images/prepared/staging.hpp"
#include "images/windows/windows_manifest.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace rescue::prepared {
namespace {

namespace fs = std::filesystem;

constexpr Milliseconds hours{6LL * 3'600'000};
constexpr std::size_t longest_reason = 400;

/// Runs qemu-img; its failure names the file, and room as the likely reason.
void qemu_img(std::vector<std::string> arguments, const std::string& problem, const std::string& hint) {
  Command command;
  command.argv = {"qemu-img"};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.time_limit = hours;
  const auto result = run(command);
  if (result.status == 0) return;
  throw Error(result.timed_out ? ErrorCode::timeout : ErrorCode::io,
              fmt::format("{}: {}", problem, printable(result.err + result.out, longest_reason)), hint);
}

/// A name becomes a file's name.
void require_name(const std::string& name) {
  const bool plain = !name.empty() && name.size() <= 64 && name.front() != '.' &&
                     name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos;
  if (!plain) {
    throw Error(ErrorCode::usage, fmt::format("'{}' is no name of an image", name),
                "Use at most 64 lower case letters, digits, dots and hyphens.");
  }
}

}  // namespace

Verdict check_image(const std::string& image, const std::string& rescue_ntfs_read, bool allow_client) {
  return check_contract(read_facts(examine_image(image), rescue_ntfs_read), allow_client);
}

ImportResult import_image(const ImportRequest& request, const std::string& rescue_ntfs_read,
                          const std::function<void(const std::string&)>& report) {
  if (!request.name.empty()) require_name(request.name);
  refuse_other_image(request.folder);
  report("checking " + request.image);
  const auto source = examine_image(request.image);
  ImportResult result{check_contract(read_facts(source, rescue_ntfs_read), request.allow_client), ""};
  if (!result.verdict.kept()) return result;
  const auto name = request.name.empty() ? fmt::format("windows-{}", name_of(*result.verdict.release)) : request.name;
  const auto file = name + ".qcow2";
  const Staging staging(request.folder);
  const auto target = staging.file(file);
  report("converting to qcow2");
  qemu_img({"convert", "-f", source.format, "-O", "qcow2", source.path, target}, "cannot convert " + source.path,
           "Is there room in the folder of --out?");
  report("comparing the result with the source");
  qemu_img({"check", "-f", "qcow2", target}, "the converted image is damaged",
           "Try again; check the disk of this machine.");
  qemu_img({"compare", "-f", source.format, "-F", "qcow2", source.path, target},
           "the converted image differs from " + source.path, "Was the source changed meanwhile? Try again.");
  report("publishing");
  write_file_atomically(staging.file("report.json"), json_of(result.verdict).dump(2) + "\n", 0644);
  auto manifest = windows::manifest_of({.release = *result.verdict.release,
                                        .build = result.verdict.build,
                                        .languages = {},
                                        .firmware = result.verdict.firmware},
                                       name);
  manifest.version = request.version.empty() ? images::version_of_today() : request.version;
  manifest.files = {images::describe_image(target)};
  images::publish_manifest(staging.path(), std::move(manifest), request.key);
  staging.publish();
  result.file = request.folder + "/" + file;
  return result;
}

}  // namespace rescue::prepared
