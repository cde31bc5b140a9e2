// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The error that an action throws, as a value to make assertions about.

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace rescue::tests {

/// Fails the test if nothing is thrown.
template <class Action>
Error error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {ErrorCode::internal, "nothing was thrown"};
}

}  // namespace rescue::tests
