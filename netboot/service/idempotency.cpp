// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/idempotency.hpp"

#include "netboot/store/database.hpp"

#include <utility>

namespace rescue::netboot {
namespace {

constexpr std::chrono::hours kept_for{24};

}  // namespace

BegunKey IdempotencyKeys::begin(const KeyedRequest& request) {
  return store_.database().write([&](soci::session& session) {
    rows::delete_keys_before(session, store_.now() - kept_for);
    if (auto begun = rows::find_key(session, request)) return *std::move(begun);
    if (rows::insert_key(session, request, store_.now())) return BegunKey{};
    return rows::find_key(session, request).value_or(BegunKey{KeyState::running, {}, store_.now()});
  });
}

void IdempotencyKeys::keep(const KeyedRequest& request, const KeptAnswer& answer) {
  store_.database().write([&](soci::session& session) { rows::put_answer(session, request, answer); });
}

void IdempotencyKeys::forget(const KeyedRequest& request) {
  store_.database().write([&](soci::session& session) { rows::delete_key(session, request); });
}

}  // namespace rescue::netboot
