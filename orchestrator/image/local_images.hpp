// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rescue images from the store on this host, with qcow2 overlays by qemu-img.

#include "images/store.hpp"
#include "orchestrator/ports/image_source.hpp"

#include <mutex>

namespace rescue::image {

/// The wish in the words of catalogues.
[[nodiscard]] images::Wish in_catalogue(const domain::ImageWish& wish);

class LocalImages final : public ports::ImageSource {
public:
  /// Memory that files of a folder can take, in MiB; 0 if it is on a disk.
  using MemoryOfFiles = std::function<unsigned(const std::string& folder)>;

  /// `settings.path`: one image, or a catalogue of images.
  explicit LocalImages(images::StoreSettings settings, MemoryOfFiles memory_of_files = {})
      : settings_(std::move(settings)), memory_of_files_(std::move(memory_of_files)) {}

  void select(const domain::ImageWish& wish) override;
  [[nodiscard]] domain::RescueImage inspect() override;
  [[nodiscard]] domain::RescueImage fetch(const std::function<void(const std::string&)>& progress,
                                          std::stop_token stop) override;
  /// A file needs nobody who serves it.
  [[nodiscard]] std::string keep_available() override { return {}; }
  void create_overlay(const domain::RescueImage& image, const std::string& path) override;
  void discard_overlay(const std::string& path) override;

private:
  [[nodiscard]] domain::RescueImage image_of(const images::Manifest& manifest, std::string system_disk) const;

  [[nodiscard]] images::Store store() const;

  images::StoreSettings settings_;
  mutable std::mutex mutex_;  ///< checks run beside a session
  domain::ImageWish wish_;
  MemoryOfFiles memory_of_files_;
};

}  // namespace rescue::image
