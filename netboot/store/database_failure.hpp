// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A failure of the database, not of the request: the request may be retried later.

#include "core/error.hpp"

namespace rescue::netboot {

/// `unavailable`: busy, full, or away; `conflict`: a concurrent change. Nothing was changed, unless the connection was
/// lost during the commit.
class DatabaseFailure : public Error {
public:
  using Error::Error;
};

}  // namespace rescue::netboot
