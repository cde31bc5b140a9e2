// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The part of netbootd.yaml that defines who gets messages about rescues.

#include "core/document.hpp"
#include "netboot/delivery/settings.hpp"

namespace rescue::netboot {

/// Reads the section `delivery`. Throws as `Field` does.
[[nodiscard]] DeliverySettings delivery_from(const Field& delivery);

}  // namespace rescue::netboot
