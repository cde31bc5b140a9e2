// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Chooses the virtio drivers for a release of Windows from virtio-win's ISO or from its unpacked tree.

#include "images/media/medium.hpp"
#include "images/windows/catalogue.hpp"
#include "images/windows/inf.hpp"
#include "images/windows/release.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace rescue::windows {

struct Driver {
  std::string name;     ///< "vioscsi": its folder in virtio-win's tree
  std::string purpose;  ///< "disks (virtio-scsi)"
  std::string folder;   ///< "vioscsi/2k25/amd64": everything in it goes to the guest
  std::string inf;      ///< "vioscsi/2k25/amd64/vioscsi.inf"
  DriverVersion version;
  DriverSignature signature = DriverSignature::none;
};

struct MissingDriver {
  std::string name;
  std::string purpose;
  bool essential = false;  ///< without it there is no disk, no network or no guest agent
};

struct DriverChoice {
  std::vector<Driver> drivers;
  std::vector<MissingDriver> missing;
};

/// Chooses for 64-bit PCs. Throws `precondition` if the medium is not virtio-win's, has no drivers for this release,
/// has a storage driver of the builds 272 to 294, or an INF without a readable DriverVer.
[[nodiscard]] DriverChoice choose_drivers(const media::Medium& medium, Release release);

/// True for the builds 272 to 294 of viostor and vioscsi, which damage data.
[[nodiscard]] bool damages_data(unsigned build);

[[nodiscard]] nlohmann::ordered_json json_of(const Driver& driver);

}  // namespace rescue::windows
