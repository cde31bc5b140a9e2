// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The whole build of an image, from the media to the published folder.

#include "images/builder/job.hpp"

#include <string>

namespace rescue::builder {

struct Built {
  std::string image;             ///< path
  std::uint64_t disk_bytes = 0;  ///< that the disk took when Setup had ended
  std::uint64_t sealed_bytes = 0;
  std::uint64_t image_bytes = 0;
  double seconds = 0;
};

/// Builds, and blocks for as long as Setup takes: some minutes to hours. SIGINT, SIGTERM and SIGHUP end it. Either the
/// folder `job.out` is complete at the end, or it does not exist. Throws the one error that ended the build; its logs
/// are in `job.logs`, or in a folder "NAME.logs" beside `job.out`.
Built build(const Job& job);

}  // namespace rescue::builder
