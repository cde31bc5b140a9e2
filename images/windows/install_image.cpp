// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/install_image.hpp"

#include "core/error.hpp"
#include "core/subprocess.hpp"
#include "core/text.hpp"
#include "images/windows/wim_metadata.hpp"

#include <fmt/format.h>

namespace rescue::windows {
namespace {

const media::MediumFile& install_file(const media::Medium& medium) {
  for (const char* name : {"sources/install.wim", "sources/install.esd", "sources/install.swm"}) {
    if (const auto* file = medium.find(name)) return *file;
  }
  const bool has_both =
      medium.find("x64/sources/install.wim") != nullptr || medium.find("x64/sources/install.esd") != nullptr;
  throw Error(ErrorCode::precondition,
              fmt::format("{} is not an installation medium of Windows: it has no sources/install.wim, .esd or .swm",
                          medium.name()),
              has_both ? "This medium is for two architectures; use the one for 64-bit PCs (x64) only."
                       : "Use the ISO of Windows Server as Microsoft ships it.");
}

/// The parts of a split WIM are install.swm, install2.swm, install3.swm, ...
void require_parts(const media::Medium& medium, unsigned parts) {
  for (unsigned part = 2; part <= parts; ++part) {
    const auto name = fmt::format("sources/install{}.swm", part);
    if (medium.find(name) != nullptr) continue;
    throw Error(ErrorCode::precondition,
                fmt::format("{} lacks {}, part {} of {} of its install.swm", medium.name(), name, part, parts),
                "Copy all parts of the split image.");
  }
}

std::string json_of_wim(const media::Medium& medium, const std::string& path, const std::string& metadata,
                        const std::string& rescue_wim) {
  Command command;
  command.argv = {rescue_wim, metadata};
  const auto result = run(command);
  if (result.status == 0) return result.out;
  if (result.status != exit_code_of(ErrorCode::precondition)) {
    throw Error(ErrorCode::subprocess, fmt::format("{} failed on {} of {}: {}", rescue_wim, path, medium.name(),
                                                   result.timed_out ? "it took too long" : trimmed(result.err)));
  }
  throw Error(ErrorCode::precondition, fmt::format("{} of {} can't be read as a WIM file", path, medium.name()),
              "Compare the checksum of the medium with Microsoft's. An encrypted .esd can't be used.");
}

}  // namespace

InstallImage read_install_image(const media::Medium& medium, const std::string& rescue_wim) {
  const auto& file = install_file(medium);
  const WimMetadata metadata(medium, file);
  if (metadata.part() != 1) {
    throw Error(
        ErrorCode::precondition,
        fmt::format("{} of {} is part {} of a split image, not the first", file.path, medium.name(), metadata.part()),
        "Copy all parts of the split image under their own names.");
  }
  InstallImage image;
  image.path = file.path;
  image.parts = metadata.parts();
  require_parts(medium, image.parts);
  image.editions = editions_of(fmt::format("{} of {}", file.path, medium.name()),
                               json_of_wim(medium, file.path, metadata.path(), rescue_wim));
  return image;
}

}  // namespace rescue::windows
