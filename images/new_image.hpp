// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Last files of a new image, whatever made it: digests of its chunks, manifest, signature.

#include "images/manifest.hpp"
#include "images/minisign.hpp"

#include <optional>
#include <string>

namespace rescue::images {

/// Describes a qcow2 or raw file as a system disk, by qemu-img, and writes the digests of its chunks beside it, with
/// .chunks added. Reads the whole file twice, about 2 s per GiB. Throws `subprocess`, `io`.
[[nodiscard]] ImageFile describe_image(const std::string& path);

/// Writes `folder`/manifest.json in format 2, and signs it if there is a key. Counter and time of creation are those of
/// now. Throws `config_invalid` for a manifest that would not be read, `precondition` if the key can't be used, `io`.
void publish_manifest(const std::string& folder, Manifest manifest, const std::optional<SigningKey>& key);

/// Version of an image that is given none: the date, "2026.11.30" (UTC).
[[nodiscard]] std::string version_of_today();

}  // namespace rescue::images
