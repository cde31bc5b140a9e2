// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/builder/build.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "credentials/password.hpp"
#include "images/builder/disk_logs.hpp"
#include "images/builder/installer.hpp"
#include "images/builder/stop_on_signal.hpp"
#include "images/builder/target_disk.hpp"
#include "images/builder/work_folder.hpp"
#include "images/chunks.hpp"
#include "images/new_image.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>

namespace rescue::builder {
namespace {

namespace fs = std::filesystem;

constexpr mode_t private_folder = 0700;
constexpr mode_t published_file = 0644;

class Build {
public:
  explicit Build(const Job& job)
      : job_(job), work_(job.out), progress_(clock_, job.manifest.name, {job.progress, true}), began_(clock_.now()) {}

  Built run() {
    try {
      steps();
    } catch (const std::exception& error) {
      const auto report = report_of(error);
      wipe_file(answers());
      save_logs(report.code != ErrorCode::interrupted);
      progress_.failed(report.one_line());
      if (job_.keep) work_.keep();
      throw;
    }
    progress_.show_screenshot(job_.logs.empty() ? "" : job_.logs + "/screen.png");
    progress_.show_serial_log(job_.logs.empty() ? "" : job_.logs + "/serial.log");
    progress_.done();
    built_.seconds = std::chrono::duration<double>(clock_.now() - began_).count();
    return built_;
  }

private:
  [[nodiscard]] std::string answers() const { return work_.file("answers.iso"); }
  [[nodiscard]] std::string disk() const { return work_.file("disk.raw"); }
  [[nodiscard]] std::string machine() const { return work_.file("machine"); }
  [[nodiscard]] std::string screenshot() const { return work_.file("screen.png"); }
  [[nodiscard]] std::string image() const { return fmt::format("{}/{}.qcow2", work_.result(), job_.manifest.name); }

  void steps() {
    prepare();
    make_answer_medium();
    progress_.begin(Phase::target_disk);
    make_disk(disk(), job_.disk_bytes != 0 ? job_.disk_bytes : job_.kind.disk_bytes);
    install();
    shrink_disk();
    publish();
  }

  /// Checks room, manifest, key and password: they should not fail after an hour.
  void prepare() {
    progress_.begin(Phase::prepare);
    require_room(work_.path(), job_.kind.least_room);
    check_manifest();
    make_folder(machine(), private_folder);
    if (!job_.key) return;
    const auto probe = work_.file("probe");
    write_file_atomically(probe, "probe\n", 0600);
    images::sign_file(probe, *job_.key, "probe");
  }

  /// Reads the manifest as it will be, but for its file.
  void check_manifest() const {
    auto manifest = job_.manifest;
    manifest.counter = 1;
    manifest.created = std::chrono::time_point_cast<std::chrono::seconds>(clock_.wall());
    images::ImageFile file;
    file.name = fs::path(image()).filename().string();
    file.role = std::string(name_of(images::FileRole::system_disk));
    file.format = "qcow2";
    file.size = 1;
    file.virtual_size = 1;
    file.sha256 = images::sha256_of("");
    manifest.files = {file};
    (void)images::Manifest::parse_text("the manifest", images::json_of(manifest).dump(),
                                       images::UnknownFields::refused);
  }

  void make_answer_medium() {
    progress_.begin(Phase::answer_medium);
    credentials::PasswordPolicy policy;
    policy.length = 32;
    const auto password = credentials::generate_password(policy);
    AnswerMedium medium(work_.file("answers"));
    job_.add_answers(medium, password);
    medium.write_iso(answers());
    throw_if_stopped(signals_.token());
  }

  void install() {
    installer_.emplace(job_, InstallerFiles{disk(), answers(), machine(), screenshot()}, progress_, clock_,
                       signals_.token());
    progress_.begin(Phase::install);
    installer_->start();
    facts_ = installer_->facts();
    installer_->wait_for_system();
    progress_.begin(Phase::checks);
    installer_->check();
    progress_.begin(Phase::restart);
    installer_->restart();
    built_.disk_bytes = used_room(disk());
    progress_.begin(Phase::seal);
    installer_->seal();
    built_.sealed_bytes = used_room(disk());
    installer_.reset();
    wipe_file(answers());
  }

  void shrink_disk() {
    progress_.begin(Phase::shrink);
    shrink({disk(), image(), work_.file("convert.log"), job_.compress,
            [this](unsigned share) { progress_.percent(share); }},
           signals_.token());
    built_.image_bytes = fs::file_size(image());
    progress_.note(fmt::format("{} MiB after Setup, {} MiB sealed, {} MiB as an image", built_.disk_bytes >> 20U,
                               built_.sealed_bytes >> 20U, built_.image_bytes >> 20U));
  }

  void publish() {
    progress_.begin(Phase::publish);
    auto manifest = job_.manifest;
    if (!manifest.pinned) manifest.pinned.emplace();
    manifest.pinned->qemu = facts_.qemu;
    manifest.pinned->machine = facts_.machine;
    if (manifest.profile.firmware == "uefi") manifest.pinned->ovmf = facts_.firmware;
    manifest.files = {images::describe_image(image())};
    images::publish_manifest(work_.result(), std::move(manifest), job_.key);
    for (const auto& file : fs::directory_iterator(work_.result())) {
      fs::permissions(file.path(), static_cast<fs::perms>(published_file));
    }
    throw_if_stopped(signals_.token());
    if (!job_.logs.empty()) copy_machine_logs(job_.logs);
    work_.publish();
    built_.image = fs::path(job_.out) / fs::path(image()).filename();
  }

  /// For a person who wants to know why: never in the way of the error itself.
  void save_logs(bool with_guest) noexcept {
    try {
      const bool ran = installer_.has_value();
      if (installer_) {
        installer_->take_last_picture();
        installer_->end();
      }
      if (!ran || !with_guest) return;
      const auto folder = job_.logs.empty() ? default_logs() : job_.logs;
      copy_machine_logs(folder);
      const auto guest = copy_logs(disk(), job_.kind.log_folders, folder);
      progress_.show_screenshot(folder + "/screen.png");
      progress_.show_serial_log(folder + "/serial.log");
      progress_.note(
          fmt::format("logs and the screenshot are in {}: {} of them from the guest's disk", folder, guest.size()));
    } catch (const std::exception& failure) {
      log::warning("some logs are not saved: {}", report_of(failure).one_line());
    }
  }

  [[nodiscard]] std::string default_logs() const {
    auto out = fs::absolute(job_.out).lexically_normal();
    if (!out.has_filename()) out = out.parent_path();
    return out.string() + ".logs";
  }

  void copy_machine_logs(const std::string& folder) const {
    make_folder(folder, private_folder);
    for (const auto& file : {screenshot(), machine() + "/serial.log", machine() + "/qemu.log"}) {
      if (!fs::exists(file)) continue;
      fs::copy_file(file, fs::path(folder) / fs::path(file).filename(), fs::copy_options::overwrite_existing);
    }
  }

  const Job& job_;
  StopOnSignal signals_;
  SystemClock clock_;
  WorkFolder work_;
  Progress progress_;
  SteadyTime began_;
  std::optional<Installer> installer_;
  vm::MachineFacts facts_;
  Built built_;
};

}  // namespace

Built build(const Job& job) { return Build(job).run(); }

}  // namespace rescue::builder
