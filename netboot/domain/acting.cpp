// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/acting.hpp"

#include <utility>

namespace rescue::netboot {
namespace {

thread_local ActingScope* current_scope = nullptr;

}  // namespace

ActingScope::ActingScope(Acting acting) : acting_(std::move(acting)), outer_(std::exchange(current_scope, this)) {}
ActingScope::~ActingScope() { current_scope = outer_; }
ActingScope* ActingScope::current() noexcept { return current_scope; }

std::string current_request_id() {
  return current_scope == nullptr ? std::string{} : current_scope->acting().request_id;
}

}  // namespace rescue::netboot
