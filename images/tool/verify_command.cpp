// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/tool/verify_command.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "images/stream/boot_profile.hpp"
#include "images/tool/work_folder.hpp"
#include "images/verify/boot_recording.hpp"
#include "images/verify/verification.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

namespace rescue::tool {
namespace {

struct VerifyOptions {
  std::string image;
  std::vector<std::string> skip;
  std::string logs;
  std::string boot_profile;
  std::string acceleration = "automatic";
  unsigned boot_limit = 600;
  unsigned service_limit = 120;
  unsigned shutdown_limit = 120;
  unsigned idle = 30;
  unsigned memory_mib = 2048;
  unsigned cpus = 2;
  bool record = false;
};

constexpr mode_t readable = 0644;

std::string manifest_path(const std::string& image) {
  return std::filesystem::is_directory(image) ? image + "/manifest.json" : image;
}

std::set<std::string> points_to_skip(const std::vector<std::string>& names) {
  std::set<std::string> points;
  for (const auto& name : names) {
    const auto& all = verify::contract();
    if (std::none_of(all.begin(), all.end(), [&](const auto& point) { return point.number == name; })) {
      throw Error(ErrorCode::usage, fmt::format("the contract has no point '{}'", name),
                  fmt::format("Choose from {} to {}.", all.front().number, all.back().number));
    }
    points.insert(name);
  }
  return points;
}

/// Keeps what shows why an image failed: serial log, screen, QEMU's output.
void keep_logs(const std::string& scratch, const std::string& folder) {
  make_folder(folder, 0755);
  for (const char* name : {"serial.log", "qemu.log", "screen.png"}) {
    std::error_code missing;
    std::filesystem::copy_file(scratch + "/" + name, folder + "/" + name,
                               std::filesystem::copy_options::overwrite_existing, missing);
  }
}

void print_result(const verify::Verification& verification, bool json) {
  if (json) {
    print(verify::json_of(verification));
  } else {
    print(verify::text_of(verification));
  }
}

verify::Subject::Settings settings_of(const VerifyOptions& options, const std::string& scratch) {
  verify::Subject::Settings settings;
  settings.manifest = manifest_path(options.image);
  settings.scratch = scratch;
  settings.limits.boot = std::chrono::seconds(options.boot_limit);
  settings.limits.services = std::chrono::seconds(options.service_limit);
  settings.limits.shutdown = std::chrono::seconds(options.shutdown_limit);
  settings.limits.idle = std::chrono::seconds(options.idle);
  settings.memory_mib = options.memory_mib;
  settings.cpus = options.cpus;
  settings.acceleration = *parse_word<vm::Acceleration>(options.acceleration);
  return settings;
}

int verify_image(const VerifyOptions& options, bool json) {
  const auto left_out = points_to_skip(options.skip);
  if (options.record && !left_out.empty()) {
    throw Error(ErrorCode::usage, "results of some points only can't be recorded", "Leave out --skip or --record.");
  }
  const WorkFolder scratch;
  auto settings = settings_of(options, scratch.path());
  const auto manifest = verify::read_manifest(settings.manifest);
  const auto folder = std::filesystem::absolute(settings.manifest).parent_path().string();
  std::unique_ptr<verify::BootRecording> recording;
  if (!options.boot_profile.empty()) {
    recording = std::make_unique<verify::BootRecording>(folder + "/" + manifest.system_disk().name, scratch.path());
    settings.system_disk = recording->uri();
  }
  verify::Hooks hooks;
  hooks.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  verify::Subject subject(std::move(settings), hooks.progress);
  hooks.after = [&](const verify::Outcome& outcome) {
    // The login is the end of the boot.
    if (!recording || outcome.point->number != "C12") return;
    if (outcome.verdict.result != verify::Result::pass) {
      throw Error(ErrorCode::access_unproven,
                  "no boot profile: the guest was not reached by SSH; " + outcome.verdict.detail,
                  "Verify without --boot-profile first.");
    }
    const auto chunks = recording->chunks(verify::chunk_size_of(manifest.system_disk(), folder));
    write_file_atomically(options.boot_profile, stream::boot_profile_text(chunks), readable);
  };
  const auto verification = verify::verify(subject, left_out, hooks);
  if (!options.logs.empty()) keep_logs(scratch.path(), options.logs);
  print_result(verification, json);
  if (options.record) verify::record(verification, manifest_path(options.image));
  return verification.has_failed() ? exit_code_of(ErrorCode::internal) : 0;
}

}  // namespace

void add_verify_command(CLI::App& app, Action& action) {
  const auto options = std::make_shared<VerifyOptions>();
  auto* const command = app.add_subcommand("verify", "Boot an image and check the points of the image contract");
  command->fallthrough();
  command->add_option("IMAGE", options->image, "Folder of the image, or its manifest.json")->required();
  command->add_option("--skip", options->skip, "Leave out points: C32,C33")->delimiter(',')->type_name("POINT,...");
  command->add_option("--boot-limit", options->boot_limit, "Limit of a boot, in seconds")
      ->check(CLI::Range(1U, 86'400U))
      ->capture_default_str();
  command->add_option("--service-limit", options->service_limit, "Limit from the first service to the last, in seconds")
      ->check(CLI::Range(1U, 86'400U))
      ->capture_default_str();
  command->add_option("--shutdown-limit", options->shutdown_limit, "Limit of a reboot or shutdown, in seconds")
      ->check(CLI::Range(1U, 86'400U))
      ->capture_default_str();
  command->add_option("--idle", options->idle, "Seconds to observe the idle guest")
      ->check(CLI::Range(1U, 86'400U))
      ->capture_default_str();
  command->add_option("--memory", options->memory_mib, "Memory of the guest, in MiB")
      ->check(CLI::Range(256U, 1'048'576U))
      ->capture_default_str();
  command->add_option("--cpus", options->cpus, "CPUs of the guest")->check(CLI::Range(1U, 64U))->capture_default_str();
  command->add_option("--acceleration", options->acceleration, "automatic, kvm or tcg")
      ->check(CLI::IsMember({"automatic", "kvm", "tcg"}))
      ->capture_default_str();
  command->add_flag("--record", options->record, "Write the results into the manifest, before it is signed");
  command->add_option("--boot-profile", options->boot_profile, "Record what the guest reads until a login")
      ->type_name("FILE");
  command->add_option("--logs", options->logs, "Keep serial log, screenshot and QEMU's output")->type_name("DIR");
  command->footer("Exit codes: 0 no point failed, 1 a point failed, 3 the image can't be booted here.\n"
                  "Example:\n  rescue-image verify /var/lib/rescue/images/server-2025");
  command->callback([options, &action] { action = [options](bool json) { return verify_image(*options, json); }; });
}

}  // namespace rescue::tool
