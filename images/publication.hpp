// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes the catalogue of a folder of images from the manifests in it.

#include "images/catalogue.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::images {

struct CatalogueRequest {
  std::string folder;
  std::string default_image;                     ///< empty: that of the folder's present catalogue, if it still exists
  std::optional<std::chrono::hours> lifetime{};  ///< none: does not expire
  std::string public_key{};  ///< key or folder of keys that the manifests must be signed with; empty: not verified
  WallTime now;
};

struct CataloguePlan {
  Catalogue catalogue;
  std::vector<std::string> notes;  ///< one sentence for each image that is not listed
};

/// Folders below `folder`, as paths below it, that have a manifest.json: three levels deep at most, without links and
/// hidden folders; sorted. "" is `folder` itself.
[[nodiscard]] std::vector<std::string> image_folders(const std::string& folder);

/// Lists the newest image of each name and channel. Checks each manifest, that it is signed, and that its files have
/// the right sizes. The counter is higher than that of the folder's present catalogue. Throws `precondition` if there
/// is no image, `config_invalid`, `image_untrusted`, `not_found`.
[[nodiscard]] CataloguePlan plan_catalogue(const CatalogueRequest& request);

}  // namespace rescue::images
