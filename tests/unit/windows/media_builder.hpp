// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes installation media for tests: WIM files with Microsoft's metadata, ISO images, virtio-win's tree.

#include "tests/doubles/scratch_folder.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::tests {

/// An edition as the XML of Microsoft's WIM files describes it.
struct EditionFacts {
  std::string name;
  std::string display_name;
  std::string edition_id;
  std::string flags;
  std::string installation_type = "Server";
  unsigned build = 20348;
  unsigned architecture = 9;
  std::vector<std::string> languages{"en-US"};
};

/// The four editions of a medium of Windows Server: Standard and Datacenter, core and with a desktop.
[[nodiscard]] std::vector<EditionFacts> server_editions(unsigned build, const std::string& year);

/// True if the programs that make media are installed; otherwise a test skips.
[[nodiscard]] bool can_make_media();

class MediaBuilder {
public:
  [[nodiscard]] std::string path(std::string_view name) const { return folder_.file(name); }
  /// Writes a file and the folders above it; returns its path.
  std::string write(const std::string& name, std::string_view content) const;
  /// Makes a WIM file with one small image per edition. `solid`: as an .esd is.
  std::string wim(const std::string& name, const std::vector<EditionFacts>& editions, bool solid = false) const;
  /// Splits a WIM file into install.swm, install2.swm, ... in the folder `into`; returns the number of parts.
  unsigned split(const std::string& wim, const std::string& into) const;
  /// Makes an ISO image of the folder `tree` with all files but README.TXT on its UDF side only, as Microsoft's are.
  std::string udf_iso(const std::string& name, const std::string& tree) const;
  /// Makes an ISO 9660 image without UDF, as virtio-win's is.
  std::string plain_iso(const std::string& name, const std::string& tree) const;
  std::string zip(const std::string& name, const std::string& tree) const;
  /// A zip whose names begin with `prefix`, which may lead out of it.
  std::string zip_with_prefix(const std::string& name, const std::string& tree, const std::string& prefix) const;
  /// An MSI with this property ProductVersion.
  std::string msi(const std::string& name, const std::string& version) const;
  /// A catalogue that is signed by a certificate with this extended key usage.
  std::string catalogue(const std::string& name, const std::string& key_usage) const;
  /// A program of Windows as far as its machine: 0x8664 is amd64, 0x14c x86.
  std::string program(const std::string& name, std::uint16_t machine) const;
  /// A tree like Microsoft's ISO, with a WIM of these editions; returns its folder.
  std::string windows_tree(const std::string& name, const std::vector<EditionFacts>& editions) const;
  /// A tree like virtio-win's ISO for these releases ("2k25"), all drivers of one build; returns its folder.
  std::string virtio_tree(const std::string& name, const std::vector<std::string>& releases, unsigned build) const;

private:
  void run_here(std::vector<std::string> argv) const;
  ScratchFolder folder_;
};

/// Text of a driver's INF, in UTF-8.
[[nodiscard]] std::string inf_text(const std::string& driver_version, const std::string& decoration = "NTamd64.10.0");

}  // namespace rescue::tests
