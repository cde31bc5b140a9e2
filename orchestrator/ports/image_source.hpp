// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The role of the image store: a rescue image that has been verified, and a throw-away layer over it.

#include "orchestrator/domain/image.hpp"

#include <functional>
#include <stop_token>
#include <string>

namespace rescue::ports {

class ImageSource {
public:
  virtual ~ImageSource() = default;
  /// Reads the manifest and checks its signature, not the files: for plans and checks. Throws `image_untrusted`.
  [[nodiscard]] virtual domain::RescueImage inspect() = 0;
  /// As `inspect`, and every file is here, its size and SHA-256 checked. Throws `image_untrusted` that names the file,
  /// `unavailable` or `timeout` when where it comes from does not give it, `cancelled` on stop. `progress` is told what
  /// is waited for, in words, once a second at most.
  [[nodiscard]] virtual domain::RescueImage fetch(const std::function<void(const std::string&)>& progress,
                                                  std::stop_token stop) = 0;
  /// A fresh qcow2 overlay at `path` over the image; an older one there is replaced.
  virtual void create_overlay(const domain::RescueImage& image, const std::string& path) = 0;
  /// Idempotent.
  virtual void discard_overlay(const std::string& path) = 0;
};

}  // namespace rescue::ports
