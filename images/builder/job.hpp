// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Job of the builder: plain values, from the command line to each step.

#include "images/builder/answer_medium.hpp"
#include "images/builder/guest_kind.hpp"
#include "images/manifest.hpp"
#include "images/minisign.hpp"
#include "images/vm/specification.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rescue::builder {

struct Job {
  GuestKind kind;
  std::string iso;                 ///< Setup's own medium: the first CD
  std::vector<std::string> media;  ///< behind the answer medium: virtio-win's ISO
  /// Fills the answer medium; the password is for Setup only.
  std::function<void(AnswerMedium&, const Secret& password)> add_answers;

  std::string out;
  images::Manifest manifest;  ///< without its files
  std::optional<images::SigningKey> key;

  unsigned memory_mib = 0;  ///< 0: the kind's
  unsigned cpus = 2;
  vm::Acceleration acceleration = vm::Acceleration::automatic;
  std::uint64_t disk_bytes = 0;  ///< 0: the kind's
  bool compress = false;
  bool keep = false;      ///< the work folder of a failed build
  std::string logs;       ///< folder for logs and the screenshot; empty: only of a failed build, beside `out`
  std::string progress;   ///< JSON file; empty: none
  Milliseconds limit{0};  ///< of the installation
  Milliseconds stall_limit{0};
};

}  // namespace rescue::builder
