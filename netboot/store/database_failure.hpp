// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// That it was the database which failed: what is done with it is right, and can be done later.

#include "core/error.hpp"

namespace rescue::netboot {

/// `unavailable`: busy, full, or away; `conflict`: somebody else was faster. Nothing was changed, but for a connection
/// that was lost as the change was being committed.
class DatabaseFailure : public Error {
public:
  using Error::Error;
};

}  // namespace rescue::netboot
