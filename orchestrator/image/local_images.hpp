// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rescue images from the store on this host, with qcow2 overlays by qemu-img.

#include "images/store.hpp"
#include "orchestrator/ports/image_source.hpp"

namespace rescue::image {

class LocalImages final : public ports::ImageSource {
public:
  /// Memory that files of a folder can take, in MiB; 0 if it is on a disk.
  using MemoryOfFiles = std::function<unsigned(const std::string& folder)>;

  explicit LocalImages(images::Store store, MemoryOfFiles memory_of_files = {})
      : store_(std::move(store)), memory_of_files_(std::move(memory_of_files)) {}

  [[nodiscard]] domain::RescueImage inspect() override;
  [[nodiscard]] domain::RescueImage fetch(const std::function<void(const std::string&)>& progress,
                                          std::stop_token stop) override;
  /// A file needs nobody who serves it.
  [[nodiscard]] std::string keep_available() override { return {}; }
  void create_overlay(const domain::RescueImage& image, const std::string& path) override;
  void discard_overlay(const std::string& path) override;

private:
  [[nodiscard]] domain::RescueImage image_of(const images::Manifest& manifest, std::string system_disk) const;

  images::Store store_;
  MemoryOfFiles memory_of_files_;
};

}  // namespace rescue::image
