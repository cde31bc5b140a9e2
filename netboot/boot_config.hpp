// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The part of netbootd.yaml that defines what servers may boot, with texts that go into boot scripts unchanged.

#include "core/document.hpp"
#include "netboot/boot/catalogue.hpp"

#include <string>

namespace rescue::netboot {

/// An http or https URL of one word, without a slash at its end, to which paths can be appended.
[[nodiscard]] std::string web_url(const Field& field);

/// Reads the section `boot`. Throws as `Field` does.
[[nodiscard]] Catalogue catalogue_from(const Field& boot);

}  // namespace rescue::netboot
