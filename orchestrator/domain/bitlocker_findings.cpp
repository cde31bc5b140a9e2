// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/bitlocker_findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace rescue::domain {
namespace {

constexpr const char* unlock = "manage-bde -unlock W: -RecoveryPassword ...";

bool has(const BitLockerVolume& volume, BitLockerKey kind) {
  return std::any_of(volume.protectors.begin(), volume.protectors.end(),
                     [kind](const auto& protector) { return protector.kind == kind; });
}

/// "the recovery password with identifier 6431...", "the password", ...: all but what a rescue can't use.
std::vector<std::string> keys_for_a_rescue(const BitLockerVolume& volume) {
  std::vector<std::string> keys;
  for (const auto& protector : volume.protectors) {
    if (protector.kind == BitLockerKey::recovery_password) {
      keys.push_back("the recovery password with identifier " + protector.id);
    }
  }
  for (const auto& protector : volume.protectors) {
    if (protector.kind == BitLockerKey::password) keys.emplace_back("its password");
    if (protector.kind == BitLockerKey::startup_key) {
      keys.push_back(fmt::format("the startup key {}.BEK", protector.id));
    }
    if (protector.kind == BitLockerKey::smart_card) keys.emplace_back("its smart card");
  }
  return keys;
}

Finding finding_of_keys(const BitLockerVolume& volume) {
  Finding finding{"bitlocker", Severity::warning, "", 0, "", ""};
  const auto keys = keys_for_a_rescue(volume);
  if (keys.empty()) {
    finding.severity = Severity::danger;
    finding.text =
        has(volume, BitLockerKey::tpm) || has(volume, BitLockerKey::tpm_pin)
            ? "is encrypted by BitLocker, and only this server's TPM can open it: it has no recovery password"
            : "is encrypted by BitLocker, and none of its keys is of a kind that is known here";
    finding.remedy = "The server's TPM can't be used from a rescue. Change neither the firmware's settings nor the "
                     "boot order: Windows "
                     "may still start by itself.";
    return finding;
  }
  finding.text = fmt::format("is encrypted by BitLocker; you need {}", fmt::join(keys, ", or "));
  finding.remedy =
      has(volume, BitLockerKey::recovery_password)
          ? fmt::format(
                "The server's TPM can't be used from a rescue. The recovery password has 48 digits; it is kept by "
                "its identifier in the domain, in Entra ID or on paper: {}",
                unlock)
          : "Unlock it in the rescue Windows: manage-bde -unlock W: and -Password, -RecoveryKey or -Certificate.";
  return finding;
}

}  // namespace

void add_bitlocker_findings(const std::string& disk, const PartitionFacts& partition, std::vector<Finding>& into) {
  const auto add = [&](Finding finding) {
    finding.disk = disk;
    finding.partition = partition.number;
    into.push_back(std::move(finding));
  };
  if (!partition.bitlocker) {
    return add(
        {"bitlocker", Severity::warning, "", 0, "is encrypted by BitLocker",
         fmt::format("The server's TPM can't be used from a rescue. Have the 48-digit recovery password: {}", unlock)});
  }
  const auto& volume = *partition.bitlocker;
  if (!volume.problem.empty()) {
    add({"bitlocker-damaged", Severity::danger, "", 0,
         fmt::format("is encrypted by BitLocker, and its keys can't be read: {}", volume.problem),
         "Copy the disk before anything is repaired. repair-bde reads such a volume with the recovery password, or "
         "with "
         "its key package."});
  }
  if (volume.problem.empty() && has(volume, BitLockerKey::clear)) {
    add({"bitlocker-suspended", Severity::warning, "", 0,
         "is encrypted by BitLocker, whose protection is suspended: its key is on the disk, and anyone can open it",
         "The rescue Windows opens it by itself. When the server starts again, resume the protection there: manage-bde "
         "-protectors -enable C:"});
  } else if (volume.problem.empty() || !volume.protectors.empty()) {
    add(finding_of_keys(volume));
  }
  const bool converting = volume.state == BitLockerState::encrypting || volume.state == BitLockerState::decrypting ||
                          volume.state == BitLockerState::paused;
  if (converting) {
    add({"bitlocker-converting", Severity::warning, "", 0,
         volume.state == BitLockerState::paused
             ? "BitLocker has stopped while it encrypted or decrypted the volume: a part of it is encrypted"
             : fmt::format("BitLocker is {} the volume: a part of it is encrypted", name_of(volume.state)),
         "Windows goes on when the volume is unlocked. Save the files that matter first."});
  }
}

}  // namespace rescue::domain
