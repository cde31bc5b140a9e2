// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/build_plan.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "images/windows/setup_key.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::windows {
namespace {

using Media = std::unique_ptr<media::Medium>;

Media open_if_given(const std::string& path) { return path.empty() ? nullptr : media::open_medium(path); }

void choose_language(BuildPlan& plan) {
  const auto& languages = plan.edition.languages;
  auto& chosen = plan.answers.ui_language;
  if (chosen.empty()) chosen = plan.edition.default_language.empty() ? "en-US" : plan.edition.default_language;
  if (languages.empty()) return;
  const auto found = std::find_if(languages.begin(), languages.end(), [&](const std::string& language) {
    return lower_case(language) == lower_case(chosen);
  });
  if (found == languages.end()) {
    throw Error(ErrorCode::precondition, fmt::format("{} does not have the language {}", plan.edition.title(), chosen),
                fmt::format("It has {}; choose one by --language, or use another medium.", fmt::join(languages, ", ")));
  }
  chosen = *found;  // as the edition spells it
}

std::string list_of(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

void judge_missing_drivers(BuildPlan& plan) {
  std::vector<std::string> optional;
  for (const auto& missing : plan.drivers.missing) {
    auto name = fmt::format("{} ({})", missing.name, missing.purpose);
    if (missing.essential) {
      plan.missing.push_back({"driver " + name, "Use a complete ISO of virtio-win."});
    } else {
      optional.push_back(std::move(name));
    }
  }
  if (optional.empty()) return;
  plan.warnings.push_back(
      {"no driver " + list_of(optional), "The image works without; a complete ISO of virtio-win has them."});
}

/// Credential Guard and some policies refuse drivers that Microsoft has signed on the vendor's word.
void judge_signatures(BuildPlan& plan) {
  std::vector<std::string> attested;
  std::vector<std::string> others;
  for (const auto& driver : plan.drivers.drivers) {
    if (driver.signature == DriverSignature::attestation) attested.push_back(driver.name);
    if (driver.signature == DriverSignature::vendor || driver.signature == DriverSignature::none)
      others.push_back(driver.name);
  }
  if (!attested.empty()) {
    plan.warnings.push_back(
        {"signed by attestation, not by WHQL: " + list_of(attested),
         "Windows takes them unless a policy or Credential Guard asks for WHQL; Red Hat's ISO has WHQL."});
  }
  if (!others.empty()) {
    plan.warnings.push_back({"without a signature of Microsoft: " + list_of(others),
                             "Windows may refuse them; use an ISO of virtio-win as its project publishes it."});
  }
}

void judge_drivers(BuildPlan& plan) {
  for (const auto& driver : plan.drivers.drivers) plan.answers.driver_names.push_back(driver.name);
  judge_missing_drivers(plan);
  judge_signatures(plan);
}

void judge_agent(BuildPlan& plan) {
  if (!plan.agent) {
    plan.missing.push_back({"guest agent (guest-agent/qemu-ga-x86_64.msi)", "Use a complete ISO of virtio-win."});
  } else if (plan.agent->too_old) {
    plan.warnings.push_back(
        {fmt::format("guest agent {} is too old: it can fail to install with 0x80070431", plan.agent->version),
         fmt::format("Use an ISO of virtio-win with {} or newer.", oldest_good_guest_agent)});
  } else if (plan.agent->version.empty()) {
    plan.warnings.push_back({"version of the guest agent is unknown: " + plan.agent->reason,
                             fmt::format("It should be {} or newer.", oldest_good_guest_agent)});
  }
}

/// Evaluation media take no key, and their Windows ends; for other editions Setup needs a key that fits.
void judge_edition(BuildPlan& plan) {
  const auto& edition = plan.edition;
  if (edition.is_core()) {
    plan.warnings.push_back(
        {"a core installation has no desktop", "Choose an edition with Desktop Experience for RDP."});
  }
  if (is_evaluation(edition.edition_id)) {
    plan.warnings.push_back({"an evaluation edition: Windows shuts down every hour when its time is over, "
                             "180 days after the installation or less",
                             "Build the image again before, or use volume or retail media."});
  } else if (!setup_key(plan.answers.release, edition.edition_id)) {
    plan.warnings.push_back(
        {fmt::format("no public key is known for the edition {}: Setup may ask for one",
                     edition.edition_id.empty() ? edition.title() : edition.edition_id),
         edition.is_client() ? "Choose Pro, Education or Enterprise." : "Choose Standard or Datacenter."});
  }
}

void judge_rest(BuildPlan& plan) {
  if (!plan.open_ssh) {
    plan.missing.push_back(
        {fmt::format("OpenSSH server: {} has none on its medium", facts_of(plan.answers.release).title),
         open_ssh_remedy(plan.answers.release)});
  }
  if (!plan.boots_without_prompt) {
    plan.warnings.push_back({"the medium has no boot image without the prompt \"Press any key to boot from CD\"",
                             "The installation will have to press a key in the VM."});
  }
}

/// UEFI boots the image of the boot catalogue, BIOS asks only while bootfix.bin is there.
bool boots_without_prompt(const media::Medium& medium, Firmware firmware) {
  if (firmware == Firmware::uefi) return medium.find("efi/microsoft/boot/efisys_noprompt.bin") != nullptr;
  return medium.find("boot/bootfix.bin") == nullptr;
}

}  // namespace

std::unique_ptr<media::Medium> open_windows(const std::string& path) {
  auto medium = media::open_medium(path);
  if (medium->form() == "zip") {
    throw Error(ErrorCode::precondition, path + " is not an ISO image but a zip", "Name Microsoft's ISO.");
  }
  return medium;
}

BuildPlan plan_build(const BuildRequest& request, const std::string& rescue_wim) {
  BuildPlan plan;
  const auto windows = open_windows(request.iso);
  plan.iso = windows->name();
  plan.iso_form = windows->form();
  plan.image = read_install_image(*windows, rescue_wim);
  plan.edition = choose_edition(plan.image.editions, request.edition);
  plan.answers = request.answers;
  plan.answers.release = supported_release(plan.edition, request.allow_client);
  plan.answers.image_index = plan.edition.index;
  plan.answers.edition_id = plan.edition.edition_id;
  choose_language(plan);
  check(plan.answers);
  plan.boots_without_prompt = boots_without_prompt(*windows, plan.answers.firmware);

  const auto virtio = media::open_medium(request.virtio);
  plan.virtio = virtio->name();
  plan.drivers = choose_drivers(*virtio, plan.answers.release);
  plan.agent = find_guest_agent(*virtio);
  const auto feature_iso = open_if_given(request.feature_iso);
  const auto ssh_zip = open_if_given(request.ssh_zip);
  plan.open_ssh = choose_open_ssh(plan.answers.release, feature_iso.get(), ssh_zip.get());

  judge_edition(plan);
  judge_drivers(plan);
  judge_agent(plan);
  judge_rest(plan);
  return plan;
}

}  // namespace rescue::windows
