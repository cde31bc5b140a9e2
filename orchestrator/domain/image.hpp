// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A verified rescue image on this host: the guest boots from it.

#include "orchestrator/domain/guest.hpp"

#include <string>

namespace rescue::domain {

struct RescueImage {
  std::string name;
  std::string version;
  std::string system_disk;  ///< path of the image file; never opened for writing
  std::string format;       ///< "qcow2" or "raw"
  GuestProfile profile;
  unsigned memory_mib = 0;        ///< RAM of the host that its file takes; 0: the file lies on a disk
  unsigned least_memory_mib = 0;  ///< that the guest needs; 0: not known
  friend bool operator==(const RescueImage&, const RescueImage&) = default;
};

/// Wish of a session for an image.
struct ImageWish {
  std::string name{};            ///< empty or "default": chosen by rule
  unsigned installed_build = 0;  ///< of the Windows on the server's disks; 0: not known
  std::string language{};        ///< "de-DE"; empty: any
};

}  // namespace rescue::domain
