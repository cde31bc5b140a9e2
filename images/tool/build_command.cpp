// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/tool/build_command.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "images/builder/answers.hpp"
#include "images/builder/build.hpp"
#include "images/new_image.hpp"
#include "images/tool/signing_options.hpp"
#include "images/windows/answer_file.hpp"
#include "images/windows/build_plan.hpp"
#include "images/windows/windows_manifest.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>

namespace rescue::tool {
namespace {

constexpr unsigned seconds_of_setup = 3 * 3600;
constexpr unsigned seconds_of_silence = 20 * 60;

/// Options of both systems, and those of Windows.
struct BuildOptions {
  windows::BuildRequest request;
  std::string firmware = "uefi";
  std::string answer_file;
  bool dry_run = false;
  builder::OwnFiles own;
  builder::Job job;
  SigningOptions signing;
  std::string acceleration = "automatic";
  unsigned disk_gib = 0;
  unsigned limit = seconds_of_setup;
  unsigned stall_limit = seconds_of_silence;
};

/// A machine boots from the file of an ISO only.
void require_iso(const std::string& path, const std::string& marker, const std::string& name) {
  const auto medium = media::open_medium(path);
  if (medium->form() == "folder" || medium->form() == "zip") {
    throw Error(ErrorCode::precondition, fmt::format("{} is a {}; a machine can't boot from it", path, medium->form()),
                "Name the ISO itself.");
  }
  if (!marker.empty() && medium->find(marker) == nullptr) {
    throw Error(ErrorCode::precondition, fmt::format("{} is not {}: it has no {}", path, name, marker),
                "Make it by images/standin/installer/build.");
  }
}

/// Fills in what both systems have in common.
void complete_job(BuildOptions& options) {
  auto& job = options.job;
  if (job.out.empty()) {
    throw Error(ErrorCode::usage, "--out is missing", "Name the folder of the new image by --out.");
  }
  constexpr std::uint64_t gib = std::uint64_t{1} << 30;
  job.disk_bytes = options.disk_gib * gib;
  job.limit = std::chrono::seconds(options.limit);
  job.stall_limit = std::chrono::seconds(options.stall_limit);
  job.acceleration = *parse_word<vm::Acceleration>(options.acceleration);
  job.iso = std::filesystem::absolute(options.request.iso).string();
  job.manifest.profile.os = job.kind.os;
  job.manifest.profile.firmware = options.firmware;
  job.manifest.profile.administrator = "Administrator";
  if (job.manifest.profile.least_memory_mib == 0) job.manifest.profile.least_memory_mib = job.kind.least_memory_mib;
  job.manifest.profile.set_hostname = job.kind.set_hostname;
  if (job.manifest.profile.actions.empty()) job.manifest.profile.actions = job.kind.actions;
  if (job.manifest.version.empty()) job.manifest.version = images::version_of_today();
  job.key = options.signing.key();
}

int build_and_print(const builder::Job& job, bool json) {
  const auto built = builder::build(job);
  const nlohmann::ordered_json facts{{"image", built.image},
                                     {"version", job.manifest.version},
                                     {"disk_bytes", built.disk_bytes},
                                     {"sealed_bytes", built.sealed_bytes},
                                     {"image_bytes", built.image_bytes},
                                     {"seconds", built.seconds}};
  if (json) {
    print(facts);
  } else {
    print(built.image + "\n");
  }
  return 0;
}

void refuse_incomplete(const windows::BuildPlan& plan) {
  if (plan.missing.empty()) return;
  throw Error(ErrorCode::precondition, fmt::format("{} is missing", plan.missing.front().what),
              plan.missing.front().remedy);
}

/// Fills in the facts about the Windows that the plan installs; keeps name, version and bus, which are options.
void describe_windows(images::Manifest& manifest, const windows::BuildPlan& plan) {
  const auto& edition = plan.edition;
  auto described = windows::manifest_of({.release = plan.answers.release,
                                         .build = edition.build,
                                         .revision = edition.revision,
                                         .edition = edition.edition_id,
                                         .languages = {plan.answers.ui_language},
                                         .firmware = plan.answers.firmware},
                                        manifest.name);
  described.version = manifest.version;
  described.profile.disk_bus = manifest.profile.disk_bus;
  described.profile.tpm = plan.answers.release == windows::Release::windows_11;
  described.pinned.emplace();
  for (const auto& driver : plan.drivers.drivers) described.pinned->drivers[driver.name] = driver.version.text;
  manifest = std::move(described);
}

int build_windows(BuildOptions& options, bool json) {
  options.request.answers.firmware = *parse_word<windows::Firmware>(options.firmware);
  const auto plan = windows::plan_build(options.request, beside("rescue-wim"));
  if (!options.answer_file.empty()) {
    constexpr mode_t for_owner = 0600;
    write_file_atomically(options.answer_file, windows::answer_file(plan.answers), for_owner);
  }
  if (options.dry_run) {
    if (json) {
      print(windows::json_of(plan));
    } else {
      print(windows::text_of(plan));
    }
    refuse_incomplete(plan);
    return 0;
  }
  refuse_incomplete(plan);
  require_iso(options.request.iso, "", "");
  auto& job = options.job;
  job.kind = builder::windows_kind();
  for (const auto& driver : plan.drivers.drivers) {
    job.kind.expected_drivers.push_back(std::filesystem::path(driver.inf).filename().string());
  }
  if (!std::filesystem::is_directory(options.request.virtio)) {
    job.media.push_back(std::filesystem::absolute(options.request.virtio).string());
  }
  job.add_answers = [&](builder::AnswerMedium& answers, const Secret& password) {
    builder::add_windows_answers(answers, plan, options.request, options.own, password);
  };
  describe_windows(job.manifest, plan);
  complete_job(options);
  return build_and_print(job, json);
}

int build_standin(BuildOptions& options, bool json) {
  require_iso(options.request.iso, "standin/root.img", "the stand-in's installation medium");
  auto& job = options.job;
  job.kind = builder::standin_kind();
  job.add_answers = [&](builder::AnswerMedium& answers, const Secret& password) {
    builder::add_standin_answers(answers, options.request.answers.computer_name, options.own, password);
  };
  if (job.manifest.name.empty()) job.manifest.name = "standin";
  job.manifest.kind = images::Kind::standin;
  job.manifest.languages = {"en-US"};
  complete_job(options);
  return build_and_print(job, json);
}

CLI::Option* add_folder(CLI::App& command, const char* name, std::string& path, const std::string& help) {
  return command.add_option(name, path, help)->type_name("DIR");
}

/// Folder of the scripts for customers: where the package installs it, else that of the source tree. Empty if neither
/// is there.
std::string scripts_for_customers() {
  namespace fs = std::filesystem;
  for (const auto& path : {beside("../share/rescue-image/scripts"), beside("../../../images/windows/scripts")}) {
    if (fs::exists(path + "/README.txt")) return fs::canonical(path).string();
  }
  return {};
}

void add_windows_media(CLI::App& command, BuildOptions& options) {
  auto& request = options.request;
  add_file(command, "--iso", request.iso, "Microsoft's ISO of Windows Server; with --dry-run also a folder")
      ->required();
  add_file(command, "--virtio", request.virtio, "ISO of virtio-win, or a folder with its layout")->required();
  auto* const zip = add_file(command, "--openssh", request.ssh_zip, "OpenSSH-Win64.zip of Win32-OpenSSH");
  add_file(command, "--fod", request.feature_iso, "ISO of Features on Demand, for OpenSSH of 2019 and 2022")
      ->excludes(zip);
  command.add_option("--edition", request.edition, "Number or name of the edition; `rescue-image editions` lists them")
      ->required();
  options.own.for_customers = scripts_for_customers();
  add_folder(command, "--customer-scripts", options.own.for_customers,
             "Folder of scripts for customers, copied to C:\\Rescue")
      ->capture_default_str();
  command.add_flag("--client", request.allow_client, "Accept Windows 10 and 11");
}

void add_windows_answers(CLI::App& command, BuildOptions& options) {
  auto& answers = options.request.answers;
  answers.ui_language.clear();
  command.add_option("--language", answers.ui_language, "Language of Windows; the default is the edition's");
  command.add_option("--locale", answers.locale, "Formats of dates and numbers")->capture_default_str();
  command
      .add_option("--keyboard", answers.keyboards, "Keyboard layouts, the default first: " + windows::keyboard_names())
      ->delimiter(',')
      ->capture_default_str();
  command.add_option("--time-zone", answers.time_zone, "Time zone, as Windows names it")->capture_default_str();
  add_file(command, "--answer-file", options.answer_file, "Write autounattend.xml to this file, without a password");
  command.add_flag("--dry-run", options.dry_run, "Read the media, print the plan, and change nothing");
}

void add_result_options(CLI::App& command, BuildOptions& options) {
  auto& job = options.job;
  add_folder(command, "--out", job.out, "New folder for the image, its manifest and signature");
  command.add_option("--image-name", job.manifest.name, "Name of the image in its manifest")
      ->check([](const std::string& name) {
        const bool plain = !name.empty() && !name.starts_with('.') && name.find('/') == std::string::npos;
        return plain ? std::string() : std::string("a plain file name is needed");
      });
  command.add_option("--image-version", job.manifest.version,
                     "Version of the image in its manifest; the default is the date");
  options.signing.add_to(command, false);
  command.add_flag("--compress", job.compress, "Compress the image: smaller, but slower when it is streamed");
  add_file(command, "--progress", job.progress, "Write the progress to this file, as JSON");
  add_folder(command, "--logs", job.logs,
             "Folder for logs and the last screenshot; default: OUT.logs if the build fails");
  command.add_flag("--keep", job.keep, "Keep the work folder of a failed build");
}

void add_machine_options(CLI::App& command, BuildOptions& options) {
  auto& job = options.job;
  job.manifest.profile.disk_bus = "virtio-scsi";
  command.add_option("--firmware", options.firmware, "Firmware of the rescue VM: uefi or bios")
      ->check(CLI::IsMember({"uefi", "bios"}))
      ->capture_default_str();
  command.add_option("--disk-bus", job.manifest.profile.disk_bus, "Bus of its system disk: virtio-scsi or sata")
      ->check(CLI::IsMember({"virtio-scsi", "sata"}))
      ->capture_default_str();
  constexpr unsigned most_gib = 2048;
  constexpr unsigned most_mib = 1U << 20U;
  constexpr unsigned most_cpus = 64;
  constexpr unsigned week = 7 * 24 * 3600;
  command.add_option("--disk-size", options.disk_gib, "Size of the system disk in GiB; default: 40 for Windows")
      ->check(CLI::Range(1U, most_gib));
  command.add_option("--memory", job.memory_mib, "Memory of Setup's VM in MiB; default: 4096 for Windows")
      ->check(CLI::Range(512U, most_mib));
  command.add_option("--cpus", job.cpus, "Processors of Setup's VM")
      ->check(CLI::Range(1U, most_cpus))
      ->capture_default_str();
  command.add_option("--acceleration", options.acceleration, "Acceleration of Setup's VM: automatic, kvm or tcg")
      ->check(CLI::IsMember({"automatic", "kvm", "tcg"}))
      ->capture_default_str();
  command.add_option("--limit", options.limit, "Time limit of the installation in seconds")
      ->check(CLI::Range(10U, week))
      ->capture_default_str();
  command
      .add_option("--stall-limit", options.stall_limit,
                  "Longest time without any progress of the installation, in seconds")
      ->check(CLI::Range(10U, week))
      ->capture_default_str();
}

void add_shared_options(CLI::App& command, BuildOptions& options) {
  command.fallthrough();
  command.add_option("--computer-name", options.request.answers.computer_name, "Name of the computer")
      ->capture_default_str();
  add_folder(command, "--extra", options.own.extra, "Folder to add to the answer medium; its install.cmd is run");
  add_folder(command, "--scripts", options.own.scripts, "Folder of scripts to run at the end of the installation");
  add_result_options(command, options);
  add_machine_options(command, options);
}

}  // namespace

void add_build_command(CLI::App& app, Action& action) {
  auto* const build = app.add_subcommand("build", "Build a rescue image");
  build->require_subcommand(1);
  build->fallthrough();

  const auto for_windows = std::make_shared<BuildOptions>();
  auto* const windows = build->add_subcommand("windows", "Build a rescue image from Microsoft's ISO");
  add_windows_media(*windows, *for_windows);
  add_windows_answers(*windows, *for_windows);
  add_shared_options(*windows, *for_windows);
  windows->footer("Example:\n  rescue-image build windows --iso server-2025.iso --virtio virtio-win.iso \\\n"
                  "    --edition ServerStandard --out /srv/images/server-2025 --key rescue.key");
  windows->callback(
      [&action, for_windows] { action = [for_windows](bool json) { return build_windows(*for_windows, json); }; });

  const auto for_standin = std::make_shared<BuildOptions>();
  auto* const standin = build->add_subcommand("stand-in", "Build an image of the stand-in guest, to test the builder");
  add_file(*standin, "--iso", for_standin->request.iso, "The stand-in's installation medium")->required();
  add_shared_options(*standin, *for_standin);
  standin->footer(
      "Example:\n  rescue-image build stand-in --iso installer.iso --out /srv/images/standin --key rescue.key");
  standin->callback(
      [&action, for_standin] { action = [for_standin](bool json) { return build_standin(*for_standin, json); }; });
}

}  // namespace rescue::tool
