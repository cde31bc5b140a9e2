// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How netbootd itself fares: its database, and how much there is in it.

#include "netboot/store/figures.hpp"

#include <string>

namespace rescue::netboot {

/// Thread-safe; both block for the database.
class Operation {
public:
  /// `store` outlives this.
  explicit Operation(Store& store) : store_(store) {}

  /// The problem with the database; empty: none.
  [[nodiscard]] std::string fault_of_database();
  /// Throws `unavailable`.
  [[nodiscard]] Figures figures() { return figures_of(store_); }

private:
  Store& store_;
};

}  // namespace rescue::netboot
