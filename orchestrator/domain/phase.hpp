// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The phases and steps of a rescue session, and how it is to end.

#include "contract/session.hpp"

#include <optional>

namespace rescue::domain {

using contract::Changes;
using contract::Ending;
using contract::Phase;
using contract::StepName;

/// How to end a session: one order, passed from the API to the journal.
struct FinishOrder {
  std::optional<Ending> then;      ///< none: as in the request or the settings
  std::optional<Changes> changes;  ///< none: nobody has decided; they are kept, but for a session that has failed

  FinishOrder() = default;
  FinishOrder(Ending ending, std::optional<Changes> of_the_guest = {})  // NOLINT(google-explicit-constructor)
      : then(ending), changes(of_the_guest) {}
  friend bool operator==(const FinishOrder&, const FinishOrder&) = default;
};

}  // namespace rescue::domain
