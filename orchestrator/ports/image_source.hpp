// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port to the image store: a verified rescue image, and a temporary overlay over it.

#include "orchestrator/domain/image.hpp"

#include <functional>
#include <stop_token>
#include <string>

namespace rescue::ports {

class ImageSource {
public:
  virtual ~ImageSource() = default;
  /// Sets the wish by which `inspect` and `fetch` choose from now on; without a call there is none. A source with one
  /// image ignores it: require_image refuses the wrong one.
  virtual void select(const domain::ImageWish&) {}
  /// Reads the manifest and checks its signature, not the files: for plans and checks. Throws `image_untrusted`.
  [[nodiscard]] virtual domain::RescueImage inspect() = 0;
  /// Like `inspect`, and fetches every file and checks its size and SHA-256. Throws `image_untrusted` that names the
  /// file, `unavailable` or `timeout` if its source does not deliver it, `cancelled` on stop. Reports to `progress`
  /// what it waits for, as text, at most once per second.
  [[nodiscard]] virtual domain::RescueImage fetch(const std::function<void(const std::string&)>& progress,
                                                  std::stop_token stop) = 0;
  /// Keeps the image readable for a guest that runs from it: restarts what serves it if that has ended. Returns why the
  /// guest's reads wait; empty if they do not. Meant to be called again and again; may block for seconds when it
  /// restarts something, and not otherwise. Throws nothing: a restart that fails is the reason that it returns.
  [[nodiscard]] virtual std::string keep_available() = 0;
  /// Creates a fresh qcow2 overlay over the image at `path`; replaces an older one.
  virtual void create_overlay(const domain::RescueImage& image, const std::string& path) = 0;
  /// Removes the overlay. Idempotent.
  virtual void discard_overlay(const std::string& path) = 0;
  /// Ends what serves the image, and removes what `fetch` has made for that. Only without a guest. Idempotent. Throws
  /// `timeout`, `io`.
  virtual void release() {}
};

}  // namespace rescue::ports
