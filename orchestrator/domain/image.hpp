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
  unsigned memory_mib = 0;  ///< RAM of the host that its file takes; 0: the file lies on a disk
  friend bool operator==(const RescueImage&, const RescueImage&) = default;
};

}  // namespace rescue::domain
