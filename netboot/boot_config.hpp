// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The part of netbootd.yaml that says what servers may boot, and its texts that go into boot scripts as they are.

#include "core/document.hpp"
#include "netboot/boot/catalogue.hpp"

#include <string>

namespace rescue::netboot {

/// An http or https URL of one word, without a slash at its end, so that paths can be put behind it.
[[nodiscard]] std::string web_url(const Field& field);

/// Of the section `boot`. Throws as `Field` does.
[[nodiscard]] Catalogue catalogue_from(const Field& boot);

}  // namespace rescue::netboot
