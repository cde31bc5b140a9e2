// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rescue images from the store on this host, with qcow2 overlays made by qemu-img.

#include "images/store.hpp"
#include "orchestrator/ports/image_source.hpp"

namespace rescue::image {

class LocalImages final : public ports::ImageSource {
public:
  explicit LocalImages(images::Store store) : store_(std::move(store)) {}

  [[nodiscard]] domain::RescueImage inspect() override;
  [[nodiscard]] domain::RescueImage fetch(const std::function<void(const std::string&)>& progress,
                                          std::stop_token stop) override;
  void create_overlay(const domain::RescueImage& image, const std::string& path) override;
  void discard_overlay(const std::string& path) override;

private:
  images::Store store_;
};

}  // namespace rescue::image
